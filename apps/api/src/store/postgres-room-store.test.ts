import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EpochMs, ResourceId, RoomId, userIdOf, type Role, type UserId } from '@parley/protocol'
import type { Room } from '../rooms/room.ts'
import type { RoomStore } from '../rooms/room-store.ts'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

const resourceId = ResourceId.parse(randomUUID())
const elsewhere = ResourceId.parse(randomUUID())
const [ann, bob, cem] = ['a', 'b', 'c'].map((name) =>
  userIdOf(resourceId, `${name.repeat(8)}-0000-4000-8000-000000000000`),
) as [UserId, UserId, UserId]

let database: ScratchDatabase
let stores: Stores
let rooms: RoomStore
beforeAll(async () => {
  database = await scratchDatabase()
  stores = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
  rooms = stores.rooms
  await Promise.all([resourceId, elsewhere].map((id) => stores.ensureResource(id)))
}, 60_000)
afterAll(async () => {
  await stores.close()
  await database.stop()
}, 60_000)

const at = (ms: number) => EpochMs.parse(Date.UTC(2026, 10, 21) + ms)
let made = 0
const roomWith = (more: Partial<Room> = {}): Room => ({
  id: RoomId.parse(String(99_000_000_000_000_000n + BigInt(++made))),
  resourceId,
  createdAt: at(made),
  validFrom: at(0),
  validUntil: at(3_600_000),
  hasPstnDialOut: false,
  hasLobby: false,
  ...more,
})
const rosterOf = (...invited: [UserId, Role][]) => new Map(invited)
const keep = async (room = roomWith(), roster = rosterOf()): Promise<Room> => {
  const kept = await rooms.create(room, roster, undefined)
  if (kept === undefined) throw new Error(`The id ${room.id} is taken.`)
  return kept
}

describe('a room', () => {
  it('is found as it was made, in its own resource only', async () => {
    const room = await keep(roomWith({ hasLobby: true, hasPstnDialOut: true }))
    expect(await rooms.find(resourceId, room.id)).toEqual(room)
    expect(await rooms.find(elsewhere, room.id)).toBeUndefined()
    expect(await rooms.findFor(elsewhere, room.id, ann)).toBeUndefined()
    expect(await rooms.roster(elsewhere, room.id)).toBeUndefined()
  })

  it('is found with what a user is in it', async () => {
    const room = await keep(roomWith(), rosterOf([ann, 'Presenter']))
    expect(await rooms.findFor(resourceId, room.id, ann)).toEqual({ room, role: 'Presenter' })
    expect(await rooms.findFor(resourceId, room.id, bob)).toEqual({ room })
  })

  it('is not made twice under one id', async () => {
    const room = await keep()
    expect(await rooms.create(roomWith({ id: room.id }), rosterOf(), undefined)).toBeUndefined()
    expect(await rooms.find(resourceId, room.id)).toEqual(room)
  })

  it('is made once by requests that repeat each other at the same time, and in each resource by itself', async () => {
    const request = randomUUID()
    const tries = await Promise.all([1, 2, 3].map(() => rooms.create(roomWith(), rosterOf([ann, 'Attendee']), request)))
    expect(new Set(tries.map((room) => room?.id)).size).toBe(1)
    const there = await rooms.create(roomWith({ resourceId: elsewhere }), rosterOf(), request)
    expect(there?.resourceId).toBe(elsewhere)
  })

  it('is changed by one after the other, and none gets lost', async () => {
    const { id, validUntil } = await keep()
    const later = (room: Room): Room => ({ ...room, validUntil: EpochMs.parse(room.validUntil + 1000) })
    await Promise.all([1, 2, 3, 4].map(() => rooms.change(resourceId, id, later)))
    expect((await rooms.find(resourceId, id))?.validUntil).toBe(validUntil + 4000)
  })

  it('stays as it was when the change is refused', async () => {
    const room = await keep()
    const refusal = new Error('Not so.')
    const refuse = () => {
      throw refusal
    }
    await expect(rooms.change(resourceId, room.id, refuse)).rejects.toBe(refusal)
    expect(await rooms.find(resourceId, room.id)).toEqual(room)
    expect(await rooms.change(elsewhere, room.id, refuse)).toBeUndefined()
  })

  it('goes with its roster, once, and from its own resource only', async () => {
    const { id } = await keep(roomWith(), rosterOf([ann, 'Presenter']))
    expect(await rooms.delete(elsewhere, id)).toBe(false)
    expect([await rooms.delete(resourceId, id), await rooms.delete(resourceId, id)]).toEqual([true, false])
    expect(await rooms.findFor(resourceId, id, ann)).toBeUndefined()
  })
})

it('lists give each room once, the newest first, also where several were made at the same instant', async () => {
  const own = ResourceId.parse(randomUUID())
  await stores.ensureResource(own)
  for (const ms of [1, 2, 2, 2, 3]) await keep(roomWith({ resourceId: own, createdAt: at(ms) }))
  const listed: Room[] = []
  for (let page = await rooms.list(own, 2); page.length > 0; page = await rooms.list(own, 2, listed.at(-1))) {
    listed.push(...page)
  }
  expect(listed.map(({ createdAt }) => createdAt - at(0))).toEqual([3, 2, 2, 2, 1])
  expect(new Set(listed.map(({ id }) => id)).size).toBe(5)
})

describe('a roster', () => {
  const change = (room: Room, most: number, ...changes: [UserId, Role | undefined][]) =>
    rooms.changeRoster(room.resourceId, room.id, new Map(changes), most)

  it('takes people in, changes their roles and leaves them out', async () => {
    const room = await keep(roomWith(), rosterOf([ann, 'Presenter'], [bob, 'Attendee']))
    expect(await change(room, 3, [bob, 'Consumer'], [cem, 'Collaborator'], [ann, undefined])).toBe('changed')
    expect(await rooms.roster(resourceId, room.id)).toEqual(rosterOf([bob, 'Consumer'], [cem, 'Collaborator']))
  })

  it('loses nobody when several change it at the same time', async () => {
    const room = await keep()
    await Promise.all([ann, bob, cem].map((user) => change(room, 3, [user, 'Attendee'])))
    expect((await rooms.roster(resourceId, room.id))?.size).toBe(3)
  })

  it('does not grow above its limit, and changes in nothing then', async () => {
    const room = await keep(roomWith(), rosterOf([ann, 'Presenter']))
    expect(await change(room, 2, [ann, 'Attendee'], [bob, 'Attendee'], [cem, 'Attendee'])).toBe('tooMany')
    expect(await rooms.roster(resourceId, room.id)).toEqual(rosterOf([ann, 'Presenter']))
    expect(await change(room, 2, [ann, undefined], [bob, 'Attendee'], [cem, 'Attendee'])).toBe('changed')
  })

  it('of no room, and of another resource, cannot be changed', async () => {
    const room = await keep()
    expect(await change({ ...room, resourceId: elsewhere }, 3, [ann, 'Attendee'])).toBe('roomUnknown')
    expect(await change(roomWith(), 3, [ann, 'Attendee'])).toBe('roomUnknown')
  })
})
