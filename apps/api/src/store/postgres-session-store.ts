/** Sessions of agents in PostgreSQL. */
import { EpochMs, NodeId, ResourceId, SessionId, UserId } from '@parley/protocol'
import type { SessionRow, SessionStore } from '../agents/session-store.ts'
import type { Database, Statement } from './database.ts'
import type { Session } from './generated/client.ts'

/** Asked for by each call before it rings. */
const liveOf: Statement = {
  name: 'session.liveOf',
  text: `SELECT id, key_hash AS "keyHash", resource_id AS "resourceId", user_id AS "userId",
                display_name AS "displayName", device, node, token_epoch AS "tokenEpoch", may_start AS "mayStart",
                may_use_plain_media AS "mayUsePlainMedia", lost_until AS "lostUntil"
         FROM session WHERE user_id = $1 AND closed_at IS NULL`,
}

export class PostgresSessionStore implements SessionStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async open({ user, displayName, node, lostUntil, ...row }: SessionRow): Promise<void> {
    const data = {
      ...row,
      userId: user,
      displayName: displayName ?? null,
      node: node ?? null,
      lostUntil: lostUntil === undefined ? null : new Date(lostUntil),
    }
    await this.#database.prisma(({ session }) => session.create({ data }))
  }

  async find(id: SessionId): Promise<SessionRow | undefined> {
    const found = await this.#database.prisma(({ session }) => session.findFirst({ where: { id, closedAt: null } }))
    return found === null ? undefined : rowOf(found)
  }

  async move(id: SessionId, node: NodeId): Promise<boolean> {
    const where = { id, closedAt: null }
    const { count } = await this.#database.prisma(({ session }) =>
      session.updateMany({ where, data: { node, lostUntil: null } }),
    )
    return count > 0
  }

  async close(id: SessionId): Promise<boolean> {
    const closed = await this.#database.prisma(
      (client) => client.$executeRaw`UPDATE session SET closed_at = now() WHERE id = ${id} AND closed_at IS NULL`,
    )
    return closed > 0
  }

  async liveSessionsOf(user: UserId): Promise<SessionRow[]> {
    return (await this.#database.query<LiveSession>(liveOf, [user])).map(rowOf)
  }

  async orphan(aliveNodes: readonly NodeId[], lostUntil: EpochMs): Promise<SessionRow[]> {
    const where = { closedAt: null, node: { not: null, notIn: [...aliveNodes] } }
    const data = { node: null, lostUntil: new Date(lostUntil) }
    return (await this.#database.prisma(({ session }) => session.updateManyAndReturn({ where, data }))).map(rowOf)
  }

  async lapsed(): Promise<SessionRow[]> {
    const lapsed = await this.#database.prisma(
      (client) =>
        client.$queryRaw<{ id: string }[]>`
          SELECT id FROM session WHERE closed_at IS NULL AND node IS NULL AND lost_until <= now()`,
    )
    if (lapsed.length === 0) return []
    // One that was resumed in between has a node again.
    const where = { id: { in: lapsed.map(({ id }) => id) }, closedAt: null, node: null }
    return (await this.#database.prisma(({ session }) => session.findMany({ where }))).map(rowOf)
  }

  countLive(): Promise<number> {
    return this.#database.prisma(({ session }) => session.count({ where: { closedAt: null } }))
  }
}

type LiveSession = Omit<Session, 'openedAt' | 'closedAt'>

function rowOf({ displayName, node, lostUntil, ...row }: LiveSession): SessionRow {
  return {
    id: SessionId.parse(row.id),
    keyHash: row.keyHash,
    resourceId: ResourceId.parse(row.resourceId),
    user: UserId.parse(row.userId),
    ...(displayName === null ? {} : { displayName }),
    device: row.device,
    ...(node === null ? {} : { node: NodeId.parse(node) }),
    tokenEpoch: row.tokenEpoch,
    mayStart: row.mayStart,
    mayUsePlainMedia: row.mayUsePlainMedia,
    ...(lostUntil === null ? {} : { lostUntil: EpochMs.parse(lostUntil.getTime()) }),
  }
}
