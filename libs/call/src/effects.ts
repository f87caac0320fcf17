/** What is to be done after a step: data, carried out by whoever holds the row's lease, in order. */
import type { AgentEvent, EpochMs, Grant, LegId, SessionId } from '@parley/protocol'

export type Effect =
  /** Sends an event to a session. A ring expires with the ringing that it belongs to. */
  | { do: 'tell'; session: SessionId; message: AgentEvent; expiresAt?: EpochMs }
  /** Tells the call's sfu what a leg may do from now on. */
  | { do: 'grant'; legId: LegId; grant: Grant }
  /** Closes a leg's media for good. */
  | { do: 'closeMedia'; legId: LegId }
