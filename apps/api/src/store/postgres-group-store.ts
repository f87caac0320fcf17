/** Settings of group calls in PostgreSQL. */
import { UserId, type GroupId, type ResourceId } from '@parley/protocol'
import type { GroupSettings, GroupStore } from '../rooms/group-store.ts'
import type { Database, Statement } from './database.ts'

/** Asked for by each one who enters. */
const find: Statement = {
  name: 'group.find',
  text: 'SELECT lobby, presenters FROM group_settings WHERE resource_id = $1 AND group_id = $2',
}

export class PostgresGroupStore implements GroupStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async find(resourceId: ResourceId, id: GroupId): Promise<GroupSettings | undefined> {
    const [row] = await this.#database.query<{ lobby: boolean; presenters: string[] }>(find, [resourceId, id])
    if (row === undefined) return undefined
    return { hasLobby: row.lobby, presenters: row.presenters.map((user) => UserId.parse(user)) }
  }

  async keep(resourceId: ResourceId, id: GroupId, { hasLobby, presenters }: GroupSettings): Promise<void> {
    const key = { resourceId, groupId: id }
    const settings = { lobby: hasLobby, presenters: [...presenters] }
    await this.#database.prisma(({ groupSettings }) =>
      groupSettings.upsert({
        where: { resourceId_groupId: key },
        create: { ...key, ...settings },
        update: settings,
      }),
    )
  }

  async delete(resourceId: ResourceId, id: GroupId): Promise<void> {
    await this.#database.prisma(({ groupSettings }) => groupSettings.deleteMany({ where: { resourceId, groupId: id } }))
  }
}
