/**
 * What a call is: one row, holding legs. Only step() changes it; everything here is plain data that survives JSON.
 *
 *   caller    Calling ──answered──▶ Connecting ─media up─▶ Connected ◀──▶ Reconnecting
 *   callee    Ringing ──accept────▶ Connecting     │           │        link or media lost, until its deadline
 *   joiner                          Connecting     │           │
 *             InLobby ──admitted──▶ Connecting     │           │
 *                 └──────────── any state ── close(reason) ────┴──▶ Disconnected
 *
 * Every state that waits for someone carries the moment at which it stops waiting.
 */
import type {
  Bot,
  CallId,
  Dial,
  EpochMs,
  LegId,
  NodeId,
  PhoneCodec,
  PhoneProgress,
  Place,
  RawId,
  ReasonName,
  ResourceId,
  Role,
  SessionId,
  Source,
  TransferView,
} from '@parley/protocol'

/** What is true of a leg in every state. */
export type Endpoint = {
  id: LegId
  user: RawId
  displayName?: string
  /** Where messages for this leg go; absent for a bot, which the sfu itself is. */
  session?: SessionId
  bot?: Bot
  /** The sip node that holds the phone at the end of this leg, and its session. */
  phone?: NodeId
  /** What that phone speaks, as soon as it is known. */
  codec?: PhoneCodec
  /** Who placed the call, who was rung, and who came by himself to where people meet. */
  side: 'caller' | 'callee' | 'joiner'
  /** Who asked him in, once the call was there; absent for whom the call itself rings. */
  addedBy?: LegId
  /** In a room; and Presenter for those who let others into a group. */
  role?: Role
  isMuted: boolean
  /** How often others have muted this leg. */
  mutedByOthers: number
  isHeld: boolean
  /** The transfer that this leg is there for: its call waits to hear how it went. */
  transferOf?: { callId: CallId; id: string }
  /**
   * The newest build of this leg's media that was reported, as up or as lost; 0 before the first. The leg's state says
   * which: a leg with a generation and without media has lost it and must build anew.
   */
  generation: number
}

/** One participant at one endpoint. */
export type Leg = Endpoint &
  (
    | { state: 'Calling'; callsUntil: EpochMs; hasMedia: boolean }
    /** A phone has what is to be dialled, and how far its network has got. */
    | { state: 'Ringing'; ringsUntil: EpochMs; hasMedia: boolean; dial?: Dial; progress?: PhoneProgress }
    | { state: 'InLobby'; waitsUntil: EpochMs; hasMedia: boolean }
    | { state: 'Connecting'; connectsUntil: EpochMs }
    | { state: 'Connected'; connectedAt: EpochMs }
    /** At least one of the two is set: what is lost, and until when it may come back. */
    | { state: 'Reconnecting'; connectedAt: EpochMs; linkUntil?: EpochMs; mediaUntil?: EpochMs }
    | { state: 'Disconnected'; reason: ReasonName; endedAt: EpochMs }
  )

export type LegStateName = Leg['state']

/** A leg in this state. */
export type LegIn<S extends LegStateName> = Extract<Leg, { state: S }>

/** Something that people have, one after the other; `n` grows. */
export type Turn = { user: RawId; n: number }

/** A transfer under way, or how the last one went. `until` is set while it waits for something. */
export type Transfer = {
  id: string
  by: LegId
  of: LegId
  to: TransferView['to']
  state: TransferView['state']
  until?: EpochMs
  reason?: ReasonName
}

/** A call. `version` counts its changes, from 1. */
export type Call = {
  id: CallId
  resourceId: ResourceId
  /** A direct call becomes a group when someone is added. */
  kind: 'direct' | 'group' | 'room'
  /** Where people meet; absent for a call that was placed. */
  place?: Place
  /** When the room closes. */
  closesAt?: EpochMs
  hasLobby: boolean
  version: number
  openedAt: EpochMs
  /** Set when the last leg has ended. */
  endedAt?: EpochMs
  /** Where the call's router is. */
  mediaNode: NodeId
  legs: Leg[]
  /** Whose screen is shown. */
  sharing?: LegId
  hands: Turn[]
  spotlights: Turn[]
  /** What moderators do not let people send, wherever they come from. */
  forbidden: { user: RawId; source: Source }[]
  transfer?: Transfer
}
