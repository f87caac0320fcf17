/** What a client is shown of a call: the wire forms of state, made in libs/call out of the row. */
import * as z from 'zod/mini'
import { CallId, LegId } from './ids.ts'
import { Source } from './media.ts'
import { PhoneCodec } from './phones.ts'
import { GroupId, RoomId } from './places.ts'
import { RawId } from './raw-id.ts'
import { End } from './reasons.ts'
import { Right, Role } from './roles.ts'

/**
 * Another participant, once per person however many endpoints he has (ACS: RemoteParticipant). One that has left shows
 * once more, as Disconnected.
 */
export const ParticipantView = z.object({
  id: RawId,
  displayName: z.optional(z.string()),
  /** EarlyMedia: the network sends sound before the answer of a phone. */
  state: z.enum(['Connecting', 'Ringing', 'EarlyMedia', 'Connected', 'Hold', 'InLobby', 'Disconnected']),
  isMuted: z.boolean(),
  /** His legs in this call (ACS: endpointDetails[].participantId). */
  legIds: z.array(LegId),
  role: z.optional(Role),
  isSharing: z.boolean(),
  /** Set while his hand is up: hands with lower numbers went up earlier. */
  hand: z.optional(z.int()),
  /** Set while he is in the spotlight: lower numbers came earlier. */
  spotlight: z.optional(z.int()),
  /** What others have forbidden him to send. */
  forbidden: z.array(Source),
  /** Why he left, or did not come. Set when the state is Disconnected. */
  end: z.optional(End),
})
export type ParticipantView = z.infer<typeof ParticipantView>

/** The state of one's own leg (ACS: CallState, as far as the server decides it). */
export const LegState = z.enum([
  'Connecting',
  'Ringing',
  'EarlyMedia',
  'InLobby',
  'Connected',
  'LocalHold',
  'RemoteHold',
  'Disconnected',
])
export type LegState = z.infer<typeof LegState>

/** A transfer as both sides of it see it: who asked for it (`by`), and whose call it is to be (`of`). */
export const TransferView = z.object({
  id: z.string(),
  side: z.enum(['by', 'of']),
  state: z.enum(['Transferring', 'Transferred', 'Failed']),
  to: z.union([z.object({ user: RawId }), z.object({ callId: CallId })]),
  /** Why it failed. */
  end: z.optional(End),
})
export type TransferView = z.infer<typeof TransferView>

/**
 * A call as one leg sees it, complete. `version` grows with each change: a client ignores what is older than what it
 * has. For the caller Ringing means that the other side rings; for a callee, that his own device does.
 */
export const CallView = z.object({
  callId: CallId,
  version: z.int(),
  /** A direct call becomes a group call when someone is added to it, and stays one. */
  kind: z.enum(['direct', 'group', 'room']),
  groupId: z.optional(GroupId),
  roomId: z.optional(RoomId),
  legId: LegId,
  direction: z.enum(['Incoming', 'Outgoing']),
  state: LegState,
  isMuted: z.boolean(),
  /** How often others have muted this leg: when it grows, they have done so again. */
  mutedByOthers: z.int(),
  role: z.optional(Role),
  may: z.array(Right),
  forbidden: z.array(Source),
  isSharing: z.boolean(),
  hand: z.optional(z.int()),
  spotlight: z.optional(z.int()),
  /** What the phone at the other end of a direct call speaks: a microphone that does, too, is not transcoded. */
  soundCodec: z.optional(PhoneCodec),
  caller: z.object({ id: RawId, displayName: z.optional(z.string()) }),
  participants: z.array(ParticipantView),
  /** Who waits to be let in. Set for those who may let them in, when the call has a lobby. */
  lobby: z.optional(z.array(ParticipantView)),
  transfer: z.optional(TransferView),
  /** True while the leg's media must be built anew: the client joins again with the next generation. */
  mediaLost: z.boolean(),
  /** Set when the state is Disconnected. */
  end: z.optional(End),
})
export type CallView = z.infer<typeof CallView>

/**
 * What changed for the others in a call, for legs whose own part of the view is as it was. Each entry is all of that
 * participant: what is older than what the client has of him it ignores. One's own user may be among them.
 */
export const PeopleView = z.object({ callId: CallId, version: z.int(), participants: z.array(ParticipantView) })
export type PeopleView = z.infer<typeof PeopleView>
