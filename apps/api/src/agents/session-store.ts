/** What is kept of an agent's session: it is written at open, move and close only. */
import type { EpochMs, NodeId, ResourceId, SessionId, UserId } from '@parley/protocol'

export type SessionRow = {
  id: SessionId
  /** SHA-256 of the resume key, hex. */
  keyHash: string
  resourceId: ResourceId
  user: UserId
  displayName?: string
  device: string
  /** Where its socket is, or was last; absent when that node has died. */
  node?: NodeId
  /** The identity's token epoch when the session opened; a revocation raises the identity's. */
  tokenEpoch: number
  /** Whether its token may start calls (scope voip), or only join where people meet (voip.join). */
  mayStart: boolean
  /** Whether its token was issued for media without a browser. */
  mayUsePlainMedia: boolean
  /** When a session whose node has died ends, unless it is resumed. */
  lostUntil?: EpochMs
}

export interface SessionStore {
  open(session: SessionRow): Promise<void>
  /** A live session. */
  find(id: SessionId): Promise<SessionRow | undefined>
  /** Moves a live session to a node; false when it has ended meanwhile. */
  move(id: SessionId, node: NodeId): Promise<boolean>
  /** Ends a session; false when it had ended already. */
  close(id: SessionId): Promise<boolean>
  liveSessionsOf(user: UserId): Promise<SessionRow[]>
  /** Takes live sessions off all nodes but these, gives each `lostUntil`, and returns them. */
  orphan(aliveNodes: readonly NodeId[], lostUntil: EpochMs): Promise<SessionRow[]>
  /** Live sessions without a node whose `lostUntil` has passed. */
  lapsed(): Promise<SessionRow[]>
  /** How many sessions are live, for metrics. */
  countLive(): Promise<number>
}
