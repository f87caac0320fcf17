/** A phone as those see it who attend to one thing of it: hold, keys, waiting, transfers. phone.ts is all of it. */
import type { CallId, CallView, LegId, ReasonName } from '@parley/protocol'
import type { InviteSession, UserAgent } from '@parley/sip'
import type { Logger } from 'pino'
import type { PhoneLeg } from '../media/index.ts'
import type { Ask } from './asking.ts'
import type { Side } from './ends.ts'
import type { Seat } from './seat.ts'
import type { Line } from './way.ts'

export interface InCall {
  readonly ask: Ask
  readonly sound: Pick<PhoneLeg, 'playPrompt'>
  readonly agent: Pick<UserAgent, 'sessionNamed'>
  readonly log: Logger
  readonly side: Side
  readonly isOver: boolean
  /** Where it sits; undefined before the first call has it. */
  readonly seat: Seat | undefined
  readonly dialog: InviteSession | undefined
  /** Over what it is reached, or calls. */
  readonly line: Line
  /** Does things one after another, and none after the end. What fails is logged. */
  inOrder(what: string, step: () => Promise<unknown>): void
  /** What it hears instead of the call is to be found out anew. */
  settlesMusic(): void
  /** A place in a call: the first one is where it sits. */
  takesSeat(callId: CallId, legId: LegId): Seat
  /** Its sound is in this seat from now on. */
  sitsOn(seat: Seat): void
  /** It is over by what happened on its own side. */
  ends(reason: ReasonName): void
  /** How a call of its looks now. */
  seen(view: CallView): void
}
