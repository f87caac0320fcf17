/** What can happen to a call: what a client asked, what an sfu reported, what became of a room, what fell due. */
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
  TransferView,
} from '@parley/protocol'

/**
 * A device that can be rung or that comes: one session of one user, a bot, or a phone, which has a session at the sip
 * node `phone`; one that is to be dialled has what is to be dialled as well. `legId` is the id for its leg, made by
 * the caller of step().
 */
export type Device = {
  user: RawId
  displayName?: string
  session?: SessionId
  bot?: Bot
  phone?: NodeId
  codec?: PhoneCodec
  dial?: Dial
  /** Why this phone may not be dialled: its leg is over at once, and the caller learns why. */
  refused?: ReasonName
  legId: LegId
  role?: Role
  transferOf?: { callId: CallId; id: string }
}
/** A device that comes of itself. */
export type Coming = Device & { isMuted: boolean }

/** A call that someone places; open() makes the row of it. */
export type Placed = {
  id: CallId
  resourceId: ResourceId
  mediaNode: NodeId
  caller: Coming
  /** Who is called. Several people are a group. */
  to: RawId[]
  /** Their devices that are connected now; with none the call ends at once with noEndpoint. */
  devices: Device[]
}

/** A call that begins because someone comes to where people meet. */
export type Met = {
  id: CallId
  resourceId: ResourceId
  mediaNode: NodeId
  place: Place
  closesAt?: EpochMs
  hasLobby: boolean
  joiner: Coming
  /** He waits to be let in. */
  waits: boolean
}

/** What the person behind a session asks of a call. */
export type Asked =
  | { type: 'accepted'; session: SessionId; isMuted: boolean }
  | { type: 'rejected'; session: SessionId }
  | { type: 'hungUp'; session: SessionId }
  | { type: 'muted'; session: SessionId; isMuted: boolean }
  | { type: 'held'; session: SessionId }
  | { type: 'resumed'; session: SessionId }
  | { type: 'endedForAll'; session: SessionId }
  /** Devices of people to ring; `transferOf` in a device when it comes by a transfer. */
  | { type: 'added'; session: SessionId; devices: Device[] }
  | { type: 'removed'; session: SessionId; who: RawId }
  /** Without `who`: everybody else. */
  | { type: 'mutedOthers'; session: SessionId; who?: RawId[] | undefined }
  | {
      type: 'permitted'
      session: SessionId
      source: 'microphone' | 'camera'
      who?: RawId[] | undefined
      isPermitted: boolean
    }
  | { type: 'admitted'; session: SessionId; who?: RawId[] | undefined }
  | { type: 'denied'; session: SessionId; who?: RawId[] | undefined }
  | { type: 'shared'; session: SessionId; isOn: boolean }
  | { type: 'handRaised'; session: SessionId; isUp: boolean }
  | { type: 'handsLowered'; session: SessionId; who?: RawId[] | undefined }
  | { type: 'spotlit'; session: SessionId; who?: RawId[] | undefined; isOn: boolean }
  /**
   * `legId` is for the other side's leg when it is to come into another call of ours. `there` is who asks in that call,
   * where he has another session in it: a phone has one for each of its calls.
   */
  | { type: 'transferAsked'; session: SessionId; id: string; to: TransferView['to']; legId: LegId; there?: SessionId }

export type CallEvent =
  | Asked
  /** Glare: the callee placed a call to the caller while this one rings. It answers this one, on the device it used. */
  | { type: 'calledBack'; device: Coming }
  /** A device of a user who is being rung has connected: it rings too. */
  | { type: 'deviceCame'; device: Device }
  /** Someone comes to where people meet. `hasLobby`: the server app may have changed it since the call began. */
  | { type: 'joined'; device: Coming; waits: boolean; hasLobby: boolean }
  /** The socket of a session is gone, or is back. Media may flow all the while. */
  | { type: 'linkLost'; session: SessionId }
  | { type: 'linkBack'; session: SessionId }
  /** A session has ended for good; `reason` becomes the end of its legs (vanished, revoked, hungUp). */
  | { type: 'sessionEnded'; session: SessionId; reason: ReasonName }
  /** The network of a phone has got further with it, or it has settled what it speaks. */
  | {
      type: 'progressed'
      session: SessionId
      progress?: PhoneProgress | undefined
      codec?: PhoneCodec | undefined
    }
  | { type: 'mediaUp'; legId: LegId; generation: number }
  | { type: 'mediaLost'; legId: LegId; generation: number }
  /** The call's router is now on this node. */
  | { type: 'placed'; mediaNode: NodeId }
  /** The server app changed the room: a role, the guest list, its hours, or that there is one. */
  | { type: 'roleChanged'; user: RawId; role: Role }
  | { type: 'uninvited'; user: RawId }
  | { type: 'hoursChanged'; closesAt: EpochMs }
  | { type: 'roomClosed' }
  /** How the call that a transfer led to began. */
  | { type: 'transferDone'; id: string }
  | { type: 'transferFailed'; id: string; reason: ReasonName }
  /** Some deadline has passed; step() looks which. */
  | { type: 'fellDue' }
