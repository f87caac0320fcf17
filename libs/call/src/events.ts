/** What can happen to a call: what a client asked, what an sfu reported, what fell due. */
import type { CallId, LegId, NodeId, ReasonName, ResourceId, SessionId, UserId } from '@parley/protocol'

/** A device that can be rung or that calls: one session of one user. `legId` is the id for its leg, made by the caller of step(). */
export type Device = { user: UserId; displayName?: string; session: SessionId; legId: LegId }

/** A call that someone places; open() makes the row of it. */
export type Placed = {
  id: CallId
  resourceId: ResourceId
  mediaNode: NodeId
  caller: Device & { isMuted: boolean }
  /** The callee's devices that are connected now; with none the call ends at once with noEndpoint. */
  devices: Device[]
}

export type CallEvent =
  /** Glare: the callee placed a call to the caller while this one rings. It answers this one, on the device it used. */
  | { type: 'calledBack'; device: Device & { isMuted: boolean } }
  /** A device of a user who is being rung has connected: it rings too. */
  | { type: 'deviceCame'; device: Device }
  | { type: 'accepted'; session: SessionId; isMuted: boolean }
  | { type: 'rejected'; session: SessionId }
  | { type: 'hungUp'; session: SessionId }
  | { type: 'muted'; session: SessionId; isMuted: boolean }
  /** The socket of a session is gone, or is back. Media may flow all the while. */
  | { type: 'linkLost'; session: SessionId }
  | { type: 'linkBack'; session: SessionId }
  /** A session has ended for good; `reason` becomes the end of its legs (vanished, revoked, hungUp). */
  | { type: 'sessionEnded'; session: SessionId; reason: ReasonName }
  | { type: 'mediaUp'; legId: LegId; generation: number }
  | { type: 'mediaLost'; legId: LegId; generation: number }
  /** The call's router is now on this node. */
  | { type: 'placed'; mediaNode: NodeId }
  /** Some deadline has passed; step() looks which. */
  | { type: 'fellDue' }
