/** The rooms of one resource: made, changed, listed, deleted; and their calls told what that means for them. */
import { randomInt } from 'node:crypto'
import { EpochMs, RoomId, type ResourceId, type Role, type UserId } from '@parley/protocol'
import { Queues } from '../../calls/call-queue.ts'
import { longestMs, mostInvited, problemWith, type Room, type Roster, type RoomTimesProblem } from '../../rooms/room.ts'
import type { RoomChange, RoomChanges } from '../../rooms/room-changes.ts'
import type { RoomPosition, RoomStore } from '../../rooms/room-store.ts'
import { AcsError } from '../acs-error.ts'
import { pageOf, type Page } from '../list-position.ts'
import { ownUser } from '../own-user.ts'

export type RoomParts = {
  resourceId: ResourceId
  store: RoomStore
  changes: RoomChanges
  now: () => number
  /** How many rooms a list shows at once. */
  pageSize?: number
}

/** What a server app says of a room, new or not. */
export type RoomWish = {
  validFrom: EpochMs | undefined
  validUntil: EpochMs | undefined
  hasPstnDialOut: boolean | undefined
  hasLobby: boolean | undefined
}

/** How often an id is drawn anew. Among the 10^15 that there are, even one that is taken is an event. */
const draws = 3

export class Rooms {
  /** Changes of one room wait for each other, so that its call hears of them in the order in which they were kept. */
  readonly #queues = new Queues<RoomId>()

  constructor(private readonly parts: RoomParts) {}

  /** Makes a room; for a request that is repeated, gives the one that it has made. @throws AcsError 400 */
  async create(wish: RoomWish, invited: ReadonlyMap<string, Role>, repeatabilityId: string | undefined): Promise<Room> {
    const { resourceId, store } = this.parts
    const roster = this.#users(invited)
    if (roster.size > mostInvited) throw tooManyInvited()
    const now = EpochMs.parse(this.parts.now())
    const validFrom = wish.validFrom ?? now
    const room = {
      resourceId,
      createdAt: now,
      validFrom,
      validUntil: wish.validUntil ?? EpochMs.parse(validFrom + longestMs),
      hasPstnDialOut: wish.hasPstnDialOut ?? false,
      hasLobby: wish.hasLobby ?? false,
    }
    checkTimes(room, now)
    for (let draw = 0; draw < draws; draw += 1) {
      const kept = await store.create({ ...room, id: newRoomId() }, roster, repeatabilityId)
      if (kept !== undefined) return kept
    }
    throw new Error(`No free room id in ${draws} draws.`)
  }

  /** @throws AcsError 400 for what is no id of a room, 404 for one that does not exist in this resource */
  async find(rawId: string): Promise<Room> {
    return known(await this.parts.store.find(this.parts.resourceId, readRoomId(rawId)))
  }

  /** @throws AcsError 400, 404 */
  async update(rawId: string, wish: RoomWish): Promise<Room> {
    const { resourceId, store, now } = this.parts
    const id = readRoomId(rawId)
    return this.#queues.run(id, async () => {
      const changed = known(await store.change(resourceId, id, (room) => changedRoom(room, wish, EpochMs.parse(now()))))
      await this.#tell(id, { kind: 'closesAt', at: changed.validUntil })
      return changed
    })
  }

  /** Deletes a room and closes its call. @throws AcsError 400, 404 */
  async delete(rawId: string): Promise<void> {
    const id = readRoomId(rawId)
    await this.#queues.run(id, async () => {
      const wasThere = await this.parts.store.delete(this.parts.resourceId, id)
      // Also when it was gone already: a first attempt may have deleted the room and not have reached the call.
      await this.#tell(id, { kind: 'closed' })
      if (!wasThere) throw unknownRoom()
    })
  }

  /** The newest first. */
  async list(after: RoomPosition | undefined): Promise<Page<Room>> {
    const { resourceId, store, pageSize = 100 } = this.parts
    return pageOf(await store.list(resourceId, pageSize + 1, after), pageSize)
  }

  /** @throws AcsError 400, 404 */
  async roster(rawId: string): Promise<Roster> {
    return known(await this.parts.store.roster(this.parts.resourceId, readRoomId(rawId)))
  }

  /** Invites people, changes their roles, and, where the role is undefined, uninvites them. @throws AcsError 400, 404 */
  async changeRoster(rawId: string, wishes: ReadonlyMap<string, Role | undefined>): Promise<void> {
    const id = readRoomId(rawId)
    const changes = this.#users(wishes)
    await this.#queues.run(id, async () => {
      const outcome = await this.parts.store.changeRoster(this.parts.resourceId, id, changes, mostInvited)
      if (outcome === 'roomUnknown') throw unknownRoom()
      if (outcome === 'tooMany') throw tooManyInvited()
      for (const [user, role] of changes) {
        await this.#tell(id, role === undefined ? { kind: 'uninvited', user } : { kind: 'role', user, role })
      }
    })
  }

  #users<What>(byRawId: ReadonlyMap<string, What>): Map<UserId, What> {
    return new Map([...byRawId].map(([rawId, what]) => [ownUser(this.parts.resourceId, rawId), what]))
  }

  #tell(id: RoomId, change: RoomChange): Promise<void> {
    return this.parts.changes.roomChanged(this.parts.resourceId, id, change)
  }
}

/** As ACS's are: 17 digits, the first two of them nines. */
function newRoomId(): RoomId {
  const part = (digits: number): string => String(randomInt(10 ** digits)).padStart(digits, '0')
  return RoomId.parse(`99${part(7)}${part(8)}`)
}

function readRoomId(rawId: string): RoomId {
  if (!/^[0-9]+$/.test(rawId)) throw new AcsError(400, 'BadRequest', 'Invalid room ID.')
  const read = RoomId.safeParse(rawId)
  if (!read.success) throw unknownRoom()
  return read.data
}

/** A room that has closed may keep its end; a new end lies ahead. */
function changedRoom(room: Room, wish: RoomWish, now: EpochMs): Room {
  const changed = {
    ...room,
    validFrom: wish.validFrom ?? room.validFrom,
    validUntil: wish.validUntil ?? room.validUntil,
    hasPstnDialOut: wish.hasPstnDialOut ?? room.hasPstnDialOut,
    hasLobby: wish.hasLobby ?? room.hasLobby,
  }
  checkTimes(changed, wish.validUntil === undefined ? undefined : now)
  return changed
}

const badTimes: Readonly<Record<RoomTimesProblem, string>> = {
  inThePast: 'ValidUntil must lie ahead.',
  endsBeforeItBegins: 'ValidUntil must be after ValidFrom.',
  tooLong: 'ValidUntil must be at most 180 days after ValidFrom.',
}

function checkTimes(room: Pick<Room, 'validFrom' | 'validUntil'>, now: EpochMs | undefined): void {
  const problem = problemWith(room, now)
  if (problem === undefined) return
  const message = badTimes[problem]
  throw new AcsError(400, 'BadRequest', message, { details: [{ code: 'BadArgument', message, target: 'ValidUntil' }] })
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw unknownRoom()
  return found
}

function unknownRoom(): AcsError {
  return new AcsError(404, 'NotFound', 'The resource has no such room.')
}

function tooManyInvited(): AcsError {
  return new AcsError(400, 'BadRequest', `A room takes at most ${mostInvited} participants.`)
}
