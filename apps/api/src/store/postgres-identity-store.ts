/** Resources and identities in PostgreSQL. */
import type { ResourceId, UserId } from '@parley/protocol'
import type { Identity, IdentityStore } from '../rest/identities/identity-store.ts'
import type { Database, Statement } from './database.ts'

/** Asked for by each token and each connecting agent. */
const find: Statement = {
  name: 'identity.find',
  text: 'SELECT token_epoch FROM identity WHERE user_id = $1 AND resource_id = $2 AND deleted_at IS NULL',
}

export class PostgresIdentityStore implements IdentityStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async create(resourceId: ResourceId, user: UserId): Promise<Identity> {
    const data = { resourceId, userId: user }
    const { tokenEpoch } = await this.#database.prisma(({ identity }) => identity.create({ data }))
    return { user, resourceId, tokenEpoch }
  }

  async find(resourceId: ResourceId, user: UserId): Promise<Identity | undefined> {
    const [row] = await this.#database.query<{ token_epoch: number }>(find, [user, resourceId])
    return row === undefined ? undefined : { user, resourceId, tokenEpoch: row.token_epoch }
  }

  async revokeTokens(resourceId: ResourceId, user: UserId): Promise<boolean> {
    const where = { userId: user, resourceId, deletedAt: null }
    const data = { tokenEpoch: { increment: 1 } }
    const { count } = await this.#database.prisma(({ identity }) => identity.updateMany({ where, data }))
    return count > 0
  }

  async delete(resourceId: ResourceId, user: UserId): Promise<boolean> {
    const deleted = await this.#database.prisma(
      (client) =>
        client.$executeRaw`
          UPDATE identity SET deleted_at = now()
          WHERE user_id = ${user} AND resource_id = ${resourceId}::uuid AND deleted_at IS NULL`,
    )
    return deleted > 0
  }

  /** Makes the row of a resource unless it is there. */
  async ensureResource(resourceId: ResourceId): Promise<void> {
    const data = { id: resourceId }
    await this.#database.prisma(({ resource }) => resource.createMany({ data, skipDuplicates: true }))
  }
}
