import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EpochMs, GroupId, ResourceId, Role, RoomId, userIdOf, type UserId } from '@parley/protocol'
import { Stores } from '../store/index.ts'
import { scratchDatabase, silent, type ScratchDatabase } from '../store/scratch.ts'
import { MeetingPlaces } from './meeting-places.ts'
import type { Room } from './room.ts'

const resourceId = ResourceId.parse(randomUUID())
const elsewhere = ResourceId.parse(randomUUID())
const people = Object.fromEntries(Role.options.map((role) => [role, userIdOf(resourceId, randomUUID())])) as Record<
  Role,
  UserId
>
const stranger = userIdOf(resourceId, randomUUID())
const opens = EpochMs.parse(Date.UTC(2026, 10, 21))
const closes = EpochMs.parse(opens + 3_600_000)

let database: ScratchDatabase
let stores: Stores
let places: MeetingPlaces
beforeAll(async () => {
  database = await scratchDatabase()
  stores = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
  await stores.ensureResource(resourceId)
  places = new MeetingPlaces(stores)
}, 60_000)
afterAll(async () => {
  await stores.close()
  await database.stop()
}, 60_000)

let made = 0
/** A room with one person of each role, open for an hour. */
async function openRoom(more: Partial<Room> = {}): Promise<{ roomId: RoomId }> {
  const room = {
    id: RoomId.parse(String(99_000_000_000_000_000n + BigInt(++made))),
    resourceId,
    createdAt: opens,
    validFrom: opens,
    validUntil: closes,
    hasPstnDialOut: false,
    hasLobby: false,
    ...more,
  }
  const roster = new Map(Role.options.map((role) => [people[role], role]))
  await stores.rooms.create(room, roster, undefined)
  return { roomId: room.id }
}
const refused = (failure: string) => expect.objectContaining({ failure })

describe('into a room', () => {
  it.each(Role.options)('a %s goes with this role, until the room closes', async (role) => {
    expect(await places.enter(resourceId, people[role], await openRoom(), opens)).toEqual({
      role,
      closesAt: closes,
      hasLobby: false,
      waits: false,
      pstnDialOut: false,
    })
  })

  it('with a lobby everyone but a presenter waits', async () => {
    const room = await openRoom({ hasLobby: true })
    const waits = async (role: Role) => (await places.enter(resourceId, people[role], room, opens)).waits
    expect(await Promise.all(Role.options.map(async (role) => [role, await waits(role)]))).toEqual([
      ['Presenter', false],
      ['Collaborator', true],
      ['Attendee', true],
      ['Consumer', true],
    ])
  })

  it('nobody goes who is not invited, nor before it opens, nor once it is closed', async () => {
    const room = await openRoom()
    const enter = (user: UserId, ms: number) => places.enter(resourceId, user, room, EpochMs.parse(ms))
    await expect(enter(stranger, opens)).rejects.toEqual(refused('notInvited'))
    await expect(enter(people.Presenter, opens - 1)).rejects.toEqual(refused('roomNotValid'))
    await expect(enter(people.Presenter, closes)).rejects.toEqual(refused('roomNotValid'))
    await expect(enter(people.Presenter, closes - 1)).resolves.toBeDefined()
  })

  it('nobody goes that does not exist, was deleted, or is of another resource', async () => {
    const room = await openRoom()
    await expect(places.enter(elsewhere, people.Presenter, room, opens)).rejects.toEqual(refused('roomUnknown'))
    await stores.rooms.delete(resourceId, room.roomId)
    await expect(places.enter(resourceId, people.Presenter, room, opens)).rejects.toEqual(refused('roomUnknown'))
  })

  it('and whoever is on its roster may be added to its call', async () => {
    const { roomId } = await openRoom()
    expect(await places.rosterRole(resourceId, roomId, people.Consumer)).toBe('Consumer')
    expect(await places.rosterRole(resourceId, roomId, stranger)).toBeUndefined()
    expect(await places.rosterRole(elsewhere, roomId, people.Consumer)).toBeUndefined()
  })
})

describe('into a group', () => {
  const newGroup = () => ({ groupId: GroupId.parse(randomUUID()) })
  const plain = { hasLobby: false, waits: false, pstnDialOut: true }

  it('everyone goes at once who knows its id', async () => {
    expect(await places.enter(resourceId, stranger, newGroup(), opens)).toEqual(plain)
  })

  it('with a lobby its presenters go at once, and everyone else waits', async () => {
    const group = newGroup()
    await stores.groups.keep(resourceId, group.groupId, { hasLobby: true, presenters: [people.Presenter] })
    expect(await places.enter(resourceId, people.Presenter, group, opens)).toEqual({
      ...plain,
      role: 'Presenter',
      hasLobby: true,
    })
    expect(await places.enter(resourceId, stranger, group, opens)).toEqual({ ...plain, hasLobby: true, waits: true })
    expect(await places.enter(elsewhere, stranger, group, opens)).toEqual(plain)
  })

  it('nobody waits any more once its lobby is taken away', async () => {
    const group = newGroup()
    await stores.groups.keep(resourceId, group.groupId, { hasLobby: true, presenters: [] })
    await stores.groups.keep(resourceId, group.groupId, { hasLobby: false, presenters: [people.Presenter] })
    expect(await places.enter(resourceId, people.Presenter, group, opens)).toEqual(plain)
    await stores.groups.keep(resourceId, group.groupId, { hasLobby: true, presenters: [] })
    await stores.groups.delete(resourceId, group.groupId)
    expect(await places.enter(resourceId, stranger, group, opens)).toEqual(plain)
  })
})
