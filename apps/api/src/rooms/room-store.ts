/** What rooms ask of a store. A room is found in its own resource only. */
import type { EpochMs, ResourceId, Role, RoomId, UserId } from '@parley/protocol'
import type { Room, Roster } from './room.ts'

/** After which room a list goes on. */
export type RoomPosition = { createdAt: EpochMs; id: RoomId }

export interface RoomStore {
  /**
   * Keeps a new room. A `repeatabilityId` that has made a room before gives that one, unchanged. Undefined when the id
   * is taken.
   */
  create(room: Room, roster: Roster, repeatabilityId: string | undefined): Promise<Room | undefined>
  find(resourceId: ResourceId, id: RoomId): Promise<Room | undefined>
  /** A room and what a user is in it; no role: he is not invited. */
  findFor(resourceId: ResourceId, id: RoomId, user: UserId): Promise<{ room: Room; role?: Role } | undefined>
  /** At most `most` rooms, the newest first. */
  list(resourceId: ResourceId, most: number, after?: RoomPosition): Promise<Room[]>
  /** Changes a room while nobody else does. What `change` throws leaves it as it was. Undefined when there is none. */
  change(resourceId: ResourceId, id: RoomId, change: (room: Room) => Room): Promise<Room | undefined>
  /** Deletes a room with its roster. False when there is none. */
  delete(resourceId: ResourceId, id: RoomId): Promise<boolean>
  /** Undefined when there is no such room. */
  roster(resourceId: ResourceId, id: RoomId): Promise<Roster | undefined>
  /** Changes a roster while nobody else does; a role that is undefined removes. More than `most` change nothing. */
  changeRoster(
    resourceId: ResourceId,
    id: RoomId,
    changes: ReadonlyMap<UserId, Role | undefined>,
    most: number,
  ): Promise<'changed' | 'tooMany' | 'roomUnknown'>
}
