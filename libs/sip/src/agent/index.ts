/** The user agent, its sessions and registrations: agent.ts is where to begin. */
export * from './agent.ts'
export type { InfoDigit } from '../dialogs/index.ts'
export { SipFailure, type SipFailureCode } from './errors.ts'
export type { EventSource } from './events.ts'
export { MediaRefused, type MediaWish, type SessionMedia } from './media.ts'
export * from './session.ts'
export { openUserAgent } from './user-agent.ts'
