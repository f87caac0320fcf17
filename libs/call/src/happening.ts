/** What can happen to one leg: the events that concern it, and what follows for it from what other legs did. */
import type { ReasonName } from '@parley/protocol'
import type { CallEvent } from './events.ts'

type OfOneLeg =
  | 'accepted'
  | 'rejected'
  | 'hungUp'
  | 'muted'
  | 'held'
  | 'resumed'
  | 'linkLost'
  | 'linkBack'
  | 'sessionEnded'
  | 'progressed'
  | 'mediaUp'
  | 'mediaLost'
  | 'fellDue'

export type Happening =
  | Extract<CallEvent, { type: OfOneLeg }>
  /** A callee's device has accepted the call that this leg placed. */
  | { type: 'answered' }
  /** Another device has accepted the call that rings here. */
  | { type: 'answeredElsewhere' }
  /** Someone opens the door of the lobby. */
  | { type: 'letIn' }
  /** Someone else mutes this leg. */
  | { type: 'mutedByOther' }
  /** Sent away, or nobody is left on the other side. */
  | { type: 'dismissed'; reason: ReasonName }

export type HappeningName = Happening['type']
export type HappeningOf<H extends HappeningName> = Extract<Happening, { type: H }>
