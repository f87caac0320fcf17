/** What is to be done after a step: data, carried out by whoever holds the row's lease, in order. */
import type { AgentEvent, Bot, CallId, Dial, EpochMs, Grant, LegId, ReasonName, SessionId } from '@parley/protocol'
import type { CallEvent } from './events.ts'

export type Effect =
  /** Sends an event to sessions. A ring expires with the ringing that it belongs to. */
  | { do: 'tell'; sessions: SessionId[]; message: AgentEvent; expiresAt?: EpochMs }
  /** Tells the call's sfu what a leg may do from now on. */
  | { do: 'grant'; legId: LegId; grant: Grant }
  /** Has the call's sfu be the far end of a leg. */
  | { do: 'openBot'; legId: LegId; bot: Bot }
  /** Has the sip node of a leg dial its phone, unless it is too late. */
  | { do: 'dial'; legId: LegId; dial: Dial; expiresAt: EpochMs }
  /** Notes in the record of a phone's call that it was answered, or how it ended. */
  | { do: 'record'; legId: LegId; end?: ReasonName }
  /** Closes a leg's media for good. */
  | { do: 'closeMedia'; legId: LegId }
  /** Tells another call what has happened here; it may refuse. */
  | { do: 'forward'; callId: CallId; event: CallEvent }
