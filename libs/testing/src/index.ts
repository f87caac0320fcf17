/**
 * Virtual participants: people in Parley's calls who have a process instead of a browser, with real sound over SRTP. For
 * integration tests of apps, and for bots. What they may not do in a call is refused to them as to anyone.
 */
export type { Hearing } from './media/ear.ts'
export type { Sight } from './media/eye.ts'
export type { Picture } from './media/pictures.ts'
export type { Rate, Sound } from './media/sounds.ts'
export { connect, type TestPlatform } from './platform.ts'
export type { Arrival, Meeting, Participant } from './participant.ts'
export type { ServerApp, User } from './server-app.ts'
export type { Somebody, VirtualCall } from './virtual-call.ts'
export type { Waiting } from './wait.ts'
