/** What can happen to one leg: the events that concern it, and what follows for it from what other legs did. */
import type { LegId, ReasonName, SessionId } from '@parley/protocol'
import type { CallEvent } from './events.ts'

export type Happening =
  | Extract<CallEvent, { session: SessionId } | { legId: LegId } | { type: 'fellDue' }>
  /** A callee's device has accepted the call that this leg placed. */
  | { type: 'answered' }
  /** Another device has accepted the call that rings here. */
  | { type: 'answeredElsewhere' }
  /** Nobody is left on the other side. */
  | { type: 'leftAlone'; reason: ReasonName }

export type HappeningName = Happening['type']
export type HappeningOf<H extends HappeningName> = Extract<Happening, { type: H }>
