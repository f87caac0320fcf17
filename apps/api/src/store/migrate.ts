/**
 * Brings the database to the newest schema at start: the files of prisma/migrations, in order, each in a transaction of
 * its own, once. Processes that start at the same time wait for each other.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { StoreFailure } from './store-failure.ts'

export type Migration = { name: string; sql: string; checksum: string }

/** Found from src/ and from dist/ alike. */
const folder = fileURLToPath(new URL('../../../../prisma/migrations/', import.meta.url))
/** The advisory lock of migrations: any number that nothing else locks. */
const lockKey = 7_245_131
const connectLimitMs = 5_000

/** The migrations of this version, in order. */
export function readMigrations(): Migration[] {
  const names = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  )
  return names
    .toSorted((a, b) => a.localeCompare(b, 'en'))
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

/**
 * Applies what is missing and gives the names of it.
 *
 * @throws {StoreFailure} unreachable, notUpToDate, changedSince, newerThanUs, notMigrated
 */
export async function migrate(url: string, migrations: Migration[] = readMigrations()): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectLimitMs })
  // What breaks while nothing is asked shows at the next query.
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (cause) {
    throw new StoreFailure('unreachable', { output: messageOf(cause) }, { cause })
  }
  try {
    return await withLock(client, () => applyMissing(client, migrations))
  } catch (cause) {
    if (cause instanceof StoreFailure) throw cause
    throw new StoreFailure('notUpToDate', { output: messageOf(cause) }, { cause })
  } finally {
    await client.end()
  }
}

async function withLock<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query(`SET lock_timeout = '60s'`)
  await client.query('SELECT pg_advisory_lock($1)', [lockKey])
  try {
    return await work()
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [lockKey])
  }
}

async function applyMissing(client: pg.Client, migrations: Migration[]): Promise<string[]> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS migration (
       name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  )
  const { rows } = await client.query<{ name: string; checksum: string }>('SELECT name, checksum FROM migration')
  const applied = new Map(rows.map(({ name, checksum }) => [name, checksum]))
  mustFit(applied, migrations)
  const missing = migrations.filter(({ name }) => !applied.has(name))
  for (const migration of missing) await apply(client, migration)
  return missing.map(({ name }) => name)
}

function mustFit(applied: Map<string, string>, migrations: Migration[]): void {
  const known = new Map(migrations.map(({ name, checksum }) => [name, checksum]))
  for (const [name, checksum] of applied) {
    const expected = known.get(name)
    if (expected === undefined) throw new StoreFailure('newerThanUs', { name })
    if (expected !== checksum) throw new StoreFailure('changedSince', { name })
  }
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  try {
    await client.query('BEGIN')
    await client.query(sql)
    await client.query('INSERT INTO migration (name, checksum) VALUES ($1, $2)', [name, checksum])
    await client.query('COMMIT')
  } catch (cause) {
    await client.query('ROLLBACK')
    throw new StoreFailure('notMigrated', { name, output: messageOf(cause) }, { cause })
  }
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
