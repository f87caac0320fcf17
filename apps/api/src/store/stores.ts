/**
 * What api remembers, in one PostgreSQL: the embedded one of DATA_DIR, or the one that DATABASE_URL names. The first
 * file to open here; it joins the parts that the ports of calls, rooms and doors are met by.
 */
import type { Logger } from 'pino'
import type { ResourceId } from '@parley/protocol'
import type { CallStore } from '../calls/call-store.ts'
import type { PhoneCallStore, PhoneStore } from '../phones/phone-store.ts'
import type { IdentityStore } from '../rest/identities/identity-store.ts'
import type { SurveyStore } from '../rest/surveys/survey-store.ts'
import type { GroupStore } from '../rooms/group-store.ts'
import type { RoomStore } from '../rooms/room-store.ts'
import type { SessionStore } from '../agents/session-store.ts'
import { Database } from './database.ts'
import { EmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { migrate } from './migrate.ts'
import { PostgresCallStore } from './postgres-call-store.ts'
import { PostgresGroupStore } from './postgres-group-store.ts'
import { PostgresIdentityStore } from './postgres-identity-store.ts'
import { PostgresPhoneCallStore } from './postgres-phone-call-store.ts'
import { PostgresPhoneStore } from './postgres-phone-store.ts'
import { PostgresRoomStore } from './postgres-room-store.ts'
import { PostgresSessionStore } from './postgres-session-store.ts'
import { PostgresSurveyStore } from './postgres-survey-store.ts'

/** How long a node has for the effects of its own steps before any other may carry them out. */
const defaultLeaseMs = 5_000

export type StoreOptions = {
  /** `postgresql://...`; without it the embedded database runs in `dataDir`. */
  databaseUrl?: string | undefined
  dataDir: string
  log: Logger
  leaseMs?: number
}

export class Stores {
  readonly calls: CallStore
  readonly sessions: SessionStore
  readonly identities: IdentityStore
  readonly rooms: RoomStore
  readonly groups: GroupStore
  readonly surveys: SurveyStore
  readonly phones: PhoneStore
  readonly phoneCalls: PhoneCallStore
  readonly #identities: PostgresIdentityStore
  readonly #database: Database
  readonly #embedded: EmbeddedPostgres | undefined
  #closed: Promise<void> | undefined

  private constructor(database: Database, embedded: EmbeddedPostgres | undefined, leaseMs: number) {
    this.#database = database
    this.#embedded = embedded
    this.#identities = new PostgresIdentityStore(database)
    this.identities = this.#identities
    this.calls = new PostgresCallStore(database, leaseMs)
    this.sessions = new PostgresSessionStore(database)
    this.rooms = new PostgresRoomStore(database)
    this.groups = new PostgresGroupStore(database)
    this.surveys = new PostgresSurveyStore(database)
    this.phones = new PostgresPhoneStore(database)
    this.phoneCalls = new PostgresPhoneCallStore(database)
  }

  /** Starts the database if it is ours, and brings its schema up to date. @throws {StoreFailure} */
  static async create({ databaseUrl, dataDir, log, leaseMs = defaultLeaseMs }: StoreOptions): Promise<Stores> {
    if (databaseUrl !== undefined) {
      await migrate(databaseUrl)
      return new Stores(new Database(databaseUrl, log), undefined, leaseMs)
    }
    const embedded = await EmbeddedPostgres.start({ dataDir, log })
    try {
      await migrate(embedded.url)
      return new Stores(new Database(embedded.url, log), embedded, leaseMs)
    } catch (error) {
      await embedded.stop()
      throw error
    }
  }

  /** Makes the row of a resource unless it is there. */
  ensureResource(resourceId: ResourceId): Promise<void> {
    return this.#identities.ensureResource(resourceId)
  }

  /** Resolves while the database answers. @throws {Refused} unavailable */
  async ready(): Promise<void> {
    await this.calls.now()
  }

  /** Waits for what is being written, then stops the database if it is ours. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    try {
      await this.#database.close()
    } finally {
      await this.#embedded?.stop()
    }
  }
}
