/** Who may enter where people meet: asked by the socket door each time that someone joins. */
import {
  Refused,
  type EpochMs,
  type Place,
  type ResourceId,
  type Role,
  type RoomId,
  type UserId,
} from '@parley/protocol'
import type { GroupStore } from './group-store.ts'
import type { RoomStore } from './room-store.ts'

/** As what someone enters. */
export type Entry = {
  /** What he is on the room's roster; and Presenter for those who let others into a group. */
  role?: Role
  /** When the call ends because its room does. */
  closesAt?: EpochMs
  hasLobby: boolean
  /** Whether he waits in the lobby: everyone but a presenter does where there is one. */
  waits: boolean
  /** Whether phone numbers may be called from here; in a room that is for its presenters. */
  pstnDialOut: boolean
}

export class MeetingPlaces {
  constructor(private readonly stores: { rooms: RoomStore; groups: GroupStore }) {}

  /** @throws Refused 'roomUnknown' | 'notInvited' | 'roomNotValid' */
  async enter(resourceId: ResourceId, user: UserId, place: Place, now: EpochMs): Promise<Entry> {
    return 'roomId' in place
      ? this.#enterRoom(resourceId, user, place.roomId, now)
      : this.#enterGroup(resourceId, user, place)
  }

  /** What someone is on a room's roster, for adding him to its call; undefined when he is not invited. */
  async rosterRole(resourceId: ResourceId, roomId: RoomId, user: UserId): Promise<Role | undefined> {
    return (await this.stores.rooms.findFor(resourceId, roomId, user))?.role
  }

  /**
   * A phone is on no guest list: it comes where the operator has led its number, to a room as an attendee, and waits
   * where there is a lobby.
   *
   * @throws Refused 'roomUnknown' | 'roomNotValid'
   */
  async enterByPhone(resourceId: ResourceId, place: Place, now: EpochMs): Promise<Entry> {
    if ('groupId' in place) {
      const hasLobby = (await this.stores.groups.find(resourceId, place.groupId))?.hasLobby ?? false
      return { hasLobby, waits: hasLobby, pstnDialOut: true }
    }
    const room = await this.stores.rooms.find(resourceId, place.roomId)
    if (room === undefined) throw new Refused('roomUnknown')
    if (now < room.validFrom || now >= room.validUntil) throw new Refused('roomNotValid')
    const { validUntil: closesAt, hasLobby, hasPstnDialOut: pstnDialOut } = room
    return { role: 'Attendee', closesAt, hasLobby, waits: hasLobby, pstnDialOut }
  }

  /** Whether phones may be called from a room. */
  async mayDialOut(resourceId: ResourceId, roomId: RoomId): Promise<boolean> {
    return (await this.stores.rooms.find(resourceId, roomId))?.hasPstnDialOut ?? false
  }

  async #enterRoom(resourceId: ResourceId, user: UserId, roomId: RoomId, now: EpochMs): Promise<Entry> {
    const found = await this.stores.rooms.findFor(resourceId, roomId, user)
    if (found === undefined) throw new Refused('roomUnknown')
    const { room, role } = found
    if (role === undefined) throw new Refused('notInvited')
    if (now < room.validFrom || now >= room.validUntil) throw new Refused('roomNotValid')
    return {
      role,
      closesAt: room.validUntil,
      hasLobby: room.hasLobby,
      waits: room.hasLobby && role !== 'Presenter',
      pstnDialOut: room.hasPstnDialOut,
    }
  }

  async #enterGroup(
    resourceId: ResourceId,
    user: UserId,
    { groupId }: Extract<Place, { groupId: unknown }>,
  ): Promise<Entry> {
    const settings = await this.stores.groups.find(resourceId, groupId)
    if (settings === undefined || !settings.hasLobby) return { hasLobby: false, waits: false, pstnDialOut: true }
    return settings.presenters.includes(user)
      ? { role: 'Presenter', hasLobby: true, waits: false, pstnDialOut: true }
      : { hasLobby: true, waits: true, pstnDialOut: true }
  }
}
