/** What the change of a room means for the call that runs in it. */
import type { EpochMs, ResourceId, Role, RoomId, UserId } from '@parley/protocol'

export type RoomChange =
  /** The call ends at this instant. */
  | { kind: 'closesAt'; at: EpochMs }
  /** The room is gone, and the call ends now. */
  | { kind: 'closed' }
  | { kind: 'role'; user: UserId; role: Role }
  | { kind: 'uninvited'; user: UserId }

export interface RoomChanges {
  /**
   * Told after each change, in order, also when nothing turned out to be new and when no call runs: a server app that
   * repeats its request after a failure reaches the call in this way.
   */
  roomChanged(resourceId: ResourceId, roomId: RoomId, change: RoomChange): Promise<void>
}
