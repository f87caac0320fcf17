/**
 * The way into PostgreSQL: one pool of connections, which Prisma's client uses as well. Statements that each call or
 * token needs go to the driver, prepared by name: Prisma takes two to four times the processor time for the same row.
 */
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { Logger } from 'pino'
import { Refused } from '@parley/protocol'
import { PrismaClient } from './generated/client.ts'
import { isUnavailable } from './unavailable.ts'

/** A statement that each connection prepares once, under its name. */
export type Statement = { name: string; text: string }

const maxConnections = 16
/**
 * One that refuses is away at once. This is for a machine that has a burst of requests and no connections yet: each is a
 * process of PostgreSQL's, and a call must not fail because these were slow to start.
 */
const connectLimitMs = 3_000
/** Also the longest that a connection which swallows bytes goes unnoticed. */
const statementLimitMs = 3_000

export class Database {
  readonly #pool: pg.Pool
  readonly #prisma: PrismaClient

  constructor(url: string, log: Logger) {
    this.#pool = new pg.Pool({
      connectionString: url,
      application_name: 'parley',
      max: maxConnections,
      connectionTimeoutMillis: connectLimitMs,
      query_timeout: statementLimitMs,
      keepAlive: true,
      // Opening a connection takes longer than a call may take to ring.
      idleTimeoutMillis: 0,
    })
    // Without a listener, a connection that breaks while it is idle would end the process. The next query tells.
    this.#pool.on('error', (error) => {
      if (!this.#pool.ending) log.warn({ error: error.message }, 'database.connection_lost')
    })
    this.#prisma = new PrismaClient({ adapter: new PrismaPg(this.#pool), errorFormat: 'minimal' })
  }

  /**
   * Runs a prepared statement. `Row` is what its text selects.
   *
   * @throws {Refused} unavailable, when the database is away or did not answer in time: it may have been carried out
   */
  async query<Row extends pg.QueryResultRow>({ name, text }: Statement, values: unknown[]): Promise<Row[]> {
    return reached(async () => (await this.#pool.query<Row>({ name, text, values })).rows)
  }

  /** Runs what Prisma's client is asked for. @throws {Refused} as query */
  prisma<T>(ask: (client: PrismaClient) => Promise<T>): Promise<T> {
    return reached(() => ask(this.#prisma))
  }

  /** Waits for the statements that run. */
  async close(): Promise<void> {
    await this.#prisma.$disconnect()
    await this.#pool.end()
  }
}

async function reached<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw isUnavailable(cause) ? new Refused('unavailable', { cause }) : cause
  }
}
