/** What the mechanisms of a session (re-INVITE, session timer, REFER, INFO) need of it, and nothing more. */
import type { NameAddr } from '../grammar/index.ts'
import type { AgentContext } from './context.ts'
import type { DialogLink } from './dialog-link.ts'
import type { Negotiation } from './negotiation.ts'
import type { EndOptions, SessionEnd, SessionEvents } from './session.ts'

export interface SessionPart {
  readonly context: AgentContext
  readonly negotiation: Negotiation
  /** Aborted with the end of the session, by a SipFailure `closed`. */
  readonly signal: AbortSignal
  /** Throws a SipFailure `wrongState` unless the session is confirmed. */
  confirmedLink(): DialogLink
  readonly isConfirmed: boolean
  /** Whether the Call-ID is of our making: decides who waits longer after a 491. */
  readonly isOwnerOfCallId: boolean
  readonly local: NameAddr
  emit<Name extends keyof SessionEvents>(name: Name, ...args: SessionEvents[Name]): boolean
  /** Hands over what runs beside; a failure is logged. */
  run(task: Promise<unknown>): void
  /** Ends the session with a BYE, where the other side may still hear one. */
  endWithBye(end: Pick<SessionEnd, 'why'> & Partial<SessionEnd>, options?: EndOptions): void
}
