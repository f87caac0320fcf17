/** Rooms and their rosters in PostgreSQL. */
import { EpochMs, ResourceId, Role, RoomId, UserId } from '@parley/protocol'
import type { Room, Roster } from '../rooms/room.ts'
import type { RoomPosition, RoomStore } from '../rooms/room-store.ts'
import type { Database, Statement } from './database.ts'
import type { Prisma, Room as RoomRow } from './generated/client.ts'

/** Asked for by each one who enters. */
const findFor: Statement = {
  name: 'room.findFor',
  text: `SELECT room.id, room.resource_id AS "resourceId", room.created_at AS "createdAt",
                room.valid_from AS "validFrom", room.valid_until AS "validUntil",
                room.pstn_dial_out AS "pstnDialOut", room.lobby, room_participant.role
         FROM room LEFT JOIN room_participant ON room_id = room.id AND user_id = $3
         WHERE room.resource_id = $1 AND room.id = $2`,
}

export class PostgresRoomStore implements RoomStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(room: Room, roster: Roster, repeatabilityId: string | undefined): Promise<Room | undefined> {
    const data = { ...columnsOf(room), repeatabilityId: repeatabilityId ?? null }
    return this.#inOneTransaction(async (tx) => {
      const [created] = await tx.room.createManyAndReturn({ data, skipDuplicates: true })
      if (created === undefined) return madeBefore(tx, room.resourceId, repeatabilityId)
      await invite(tx, room.id, roster)
      return roomOf(created)
    })
  }

  async find(resourceId: ResourceId, id: RoomId): Promise<Room | undefined> {
    const row = await this.#database.prisma(({ room }) => room.findFirst({ where: { id, resourceId } }))
    return row === null ? undefined : roomOf(row)
  }

  async findFor(resourceId: ResourceId, id: RoomId, user: UserId): Promise<{ room: Room; role?: Role } | undefined> {
    const [row] = await this.#database.query<FoundFor>(findFor, [resourceId, id, user])
    if (row === undefined) return undefined
    return { room: roomOf(row), ...(row.role === null ? {} : { role: Role.parse(row.role) }) }
  }

  async list(resourceId: ResourceId, most: number, after?: RoomPosition): Promise<Room[]> {
    const where = { resourceId, ...(after === undefined ? {} : olderThan(after)) }
    const rows = await this.#database.prisma(({ room }) =>
      room.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: most }),
    )
    return rows.map(roomOf)
  }

  async change(resourceId: ResourceId, id: RoomId, change: (room: Room) => Room): Promise<Room | undefined> {
    return this.#inOneTransaction(async (tx) => {
      const found = await lock(tx, resourceId, id)
      if (found === undefined) return undefined
      const changed = change(found)
      await tx.room.update({ where: { id }, data: columnsOf(changed) })
      return changed
    })
  }

  async delete(resourceId: ResourceId, id: RoomId): Promise<boolean> {
    const { count } = await this.#database.prisma(({ room }) => room.deleteMany({ where: { id, resourceId } }))
    return count > 0
  }

  async roster(resourceId: ResourceId, id: RoomId): Promise<Roster | undefined> {
    const found = await this.#database.prisma(({ room }) =>
      room.findFirst({ where: { id, resourceId }, select: { participants: { orderBy: { userId: 'asc' } } } }),
    )
    return found === null ? undefined : rosterOf(found.participants)
  }

  async changeRoster(
    resourceId: ResourceId,
    id: RoomId,
    changes: ReadonlyMap<UserId, Role | undefined>,
    most: number,
  ): Promise<'changed' | 'tooMany' | 'roomUnknown'> {
    return this.#inOneTransaction(async (tx) => {
      if ((await lock(tx, resourceId, id)) === undefined) return 'roomUnknown'
      const roster = new Map(rosterOf(await tx.roomParticipant.findMany({ where: { roomId: id } })))
      for (const [user, role] of changes) {
        if (role === undefined) roster.delete(user)
        else roster.set(user, role)
      }
      if (roster.size > most) return 'tooMany'
      await tx.roomParticipant.deleteMany({ where: { roomId: id, userId: { in: [...changes.keys()] } } })
      await invite(tx, id, new Map([...roster].filter(([user]) => changes.has(user))))
      return 'changed'
    })
  }

  #inOneTransaction<T>(work: (tx: Prisma.TransactionClient) => Promise<T>): Promise<T> {
    return this.#database.prisma((client) => client.$transaction(work))
  }
}

type Columns = Omit<RoomRow, 'repeatabilityId'>
type FoundFor = Columns & { role: string | null }

function columnsOf({ hasPstnDialOut, hasLobby, createdAt, validFrom, validUntil, ...room }: Room): Columns {
  return {
    ...room,
    createdAt: new Date(createdAt),
    validFrom: new Date(validFrom),
    validUntil: new Date(validUntil),
    pstnDialOut: hasPstnDialOut,
    lobby: hasLobby,
  }
}

function roomOf(row: Columns): Room {
  return {
    id: RoomId.parse(row.id),
    resourceId: ResourceId.parse(row.resourceId),
    createdAt: EpochMs.parse(row.createdAt.getTime()),
    validFrom: EpochMs.parse(row.validFrom.getTime()),
    validUntil: EpochMs.parse(row.validUntil.getTime()),
    hasPstnDialOut: row.pstnDialOut,
    hasLobby: row.lobby,
  }
}

function rosterOf(rows: readonly { userId: string; role: string }[]): Roster {
  return new Map(rows.map(({ userId, role }) => [UserId.parse(userId), Role.parse(role)]))
}

/** A room as it is now, kept from others until the transaction ends. */
async function lock(tx: Prisma.TransactionClient, resourceId: ResourceId, id: RoomId): Promise<Room | undefined> {
  await tx.$queryRaw`SELECT id FROM room WHERE id = ${id} AND resource_id = ${resourceId}::uuid FOR UPDATE`
  const row = await tx.room.findFirst({ where: { id, resourceId } })
  return row === null ? undefined : roomOf(row)
}

async function madeBefore(
  tx: Prisma.TransactionClient,
  resourceId: ResourceId,
  repeatabilityId: string | undefined,
): Promise<Room | undefined> {
  if (repeatabilityId === undefined) return undefined
  const row = await tx.room.findFirst({ where: { resourceId, repeatabilityId } })
  return row === null ? undefined : roomOf(row)
}

async function invite(tx: Prisma.TransactionClient, roomId: RoomId, roster: Roster): Promise<void> {
  await tx.roomParticipant.createMany({ data: [...roster].map(([userId, role]) => ({ roomId, userId, role })) })
}

function olderThan({ createdAt, id }: RoomPosition): Prisma.RoomWhereInput {
  const at = new Date(createdAt)
  return { OR: [{ createdAt: { lt: at } }, { createdAt: at, id: { lt: id } }] }
}
