/** The platform's own database, looked at from outside: what rows are left when everything is over. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'

export class Database {
  readonly #dataDir: string

  constructor(dataDir: string) {
    this.#dataDir = dataDir
  }

  /** Where it is now: the server may have been started again, on another port. */
  get url(): string {
    // PostgreSQL writes its port into the fourth line of this file.
    const [, , , port] = readFileSync(join(this.#dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')
    const password = readFileSync(join(this.#dataDir, 'postgres-password'), 'utf8').trim()
    return `postgresql://parley:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`
  }

  /** Over a connection of its own each time. */
  async query<Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.url })
    await client.connect()
    try {
      return (await client.query<Row>(sql, values)).rows
    } finally {
      await client.end()
    }
  }

  async liveCalls(): Promise<number> {
    return this.#count('select count(*)::int as count from call where ended_at is null')
  }

  /** Effects that are still to be carried out. */
  async effects(): Promise<number> {
    return this.#count('select count(*)::int as count from effect')
  }

  /** The states of the legs of a call that have not ended, in alphabetical order. */
  async liveLegs(callId: string): Promise<string[]> {
    const rows = await this.query<{ state: { legs: { state: string }[] } }>('select state from call where id = $1', [
      callId,
    ])
    const states = rows.flatMap((row) => row.state.legs.map((leg) => leg.state))
    return states.filter((state) => state !== 'Disconnected').toSorted()
  }

  /** How often a call has changed. */
  async versionOf(callId: string): Promise<number> {
    const [row] = await this.query<{ version: number }>('select version from call where id = $1', [callId])
    return row?.version ?? Number.NaN
  }

  async #count(sql: string): Promise<number> {
    const [row] = await this.query<{ count: number }>(sql)
    return row?.count ?? Number.NaN
  }
}
