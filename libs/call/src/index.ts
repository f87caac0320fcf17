/**
 * The rules of a call, pure: no clock, no I/O, no imports but protocol.
 *
 * open() and meet() make a call, step() changes it, deadline() says when to step it next, viewOf() shows it to one of its
 * legs, grantOf() says what a leg may send and hear, hearersOf() who gets what is said, phonesHearing() who hears keys, indexOf() by what the row is
 * found.
 */
export type { Call, Leg, LegStateName } from './call.ts'
export type { Asked, CallEvent, Coming, Device, Met, Placed } from './events.ts'
export type { Effect } from './effects.ts'
export { deadline } from './deadline.ts'
export { grantOf } from './grant.ts'
export { claimOf, indexOf, type CallIndex } from './call-index.ts'
export { phonesHearing } from './phones.ts'
export { hearersOf } from './sayings.ts'
export { meet, open, step, type Step } from './step.ts'
export { viewOf } from './view.ts'
