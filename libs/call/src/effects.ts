/** What is to be done after a step: data, carried out by whoever holds the row's lease, in order. */
import type { AgentEvent, Bot, CallId, EpochMs, Grant, LegId, SessionId } from '@parley/protocol'
import type { CallEvent } from './events.ts'

export type Effect =
  /** Sends an event to sessions. A ring expires with the ringing that it belongs to. */
  | { do: 'tell'; sessions: SessionId[]; message: AgentEvent; expiresAt?: EpochMs }
  /** Tells the call's sfu what a leg may do from now on. */
  | { do: 'grant'; legId: LegId; grant: Grant }
  /** Has the call's sfu be the far end of a leg. */
  | { do: 'openBot'; legId: LegId; bot: Bot }
  /** Closes a leg's media for good. */
  | { do: 'closeMedia'; legId: LegId }
  /** Tells another call what has happened here; it may refuse. */
  | { do: 'forward'; callId: CallId; event: CallEvent }
