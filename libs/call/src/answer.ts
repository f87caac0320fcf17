/** The answer: when a callee's device has come in, the caller comes in too and the callee's other devices stop. */
import type { Leg } from './call.ts'
import type { Happening } from './happening.ts'
import { isInCall, whoCalls } from './leg.ts'
import type { Moment } from './moment.ts'
import { hear } from './transitions.ts'

export function answer(legs: Leg[], at: Moment): Leg[] {
  const isAnswered = whoCalls(legs) !== undefined && legs.some((leg) => leg.side === 'callee' && isInCall(leg))
  if (!isAnswered) return legs
  return legs.map((leg) => hear(leg, leg.side === 'caller' ? toCaller : toOtherDevices, at))
}

const toCaller: Happening = { type: 'answered' }
/** The device that accepted does not ring any more and hears it without effect. */
const toOtherDevices: Happening = { type: 'answeredElsewhere' }
