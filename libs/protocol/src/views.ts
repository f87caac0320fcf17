/** What a client is shown of a call: the wire forms of state, made in libs/call out of the row. */
import * as z from 'zod/mini'
import { CallId, LegId } from './ids.ts'
import { RawId } from './raw-id.ts'
import { End } from './reasons.ts'

/** Another participant, once per person however many endpoints he has (ACS: RemoteParticipant). */
export const ParticipantView = z.object({
  id: RawId,
  displayName: z.optional(z.string()),
  state: z.enum(['Connecting', 'Ringing', 'Connected', 'Disconnected']),
  isMuted: z.boolean(),
  /** His legs in this call (ACS: endpointDetails[].participantId). */
  legIds: z.array(LegId),
})
export type ParticipantView = z.infer<typeof ParticipantView>

/** The state of one's own leg (ACS: CallState, as far as the server decides it). */
export const LegState = z.enum(['Connecting', 'Ringing', 'Connected', 'Disconnected'])
export type LegState = z.infer<typeof LegState>

/**
 * A call as one leg sees it, complete. `version` grows with each change: a client ignores what is older than what it
 * has. For the caller Ringing means that the other side rings; for a callee, that his own device does.
 */
export const CallView = z.object({
  callId: CallId,
  version: z.int(),
  kind: z.enum(['direct']),
  legId: LegId,
  direction: z.enum(['Incoming', 'Outgoing']),
  state: LegState,
  isMuted: z.boolean(),
  caller: z.object({ id: RawId, displayName: z.optional(z.string()) }),
  participants: z.array(ParticipantView),
  /** True while the leg's media must be built anew: the client joins again with the next generation. */
  mediaLost: z.boolean(),
  /** Set when the state is Disconnected. */
  end: z.optional(End),
})
export type CallView = z.infer<typeof CallView>
