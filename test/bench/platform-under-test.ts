/** The platform as the benchmarks run it: as it comes, but for two settings that no load of theirs may run into. */
import { Platform } from '../support/platform.ts'
import { until } from '../support/until.ts'

export async function startPlatform(settings: Record<string, string> = {}): Promise<Platform> {
  const { PROFILE_DIR } = process.env
  const profile = PROFILE_DIR === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${PROFILE_DIR}` }
  const load = { SOCKET_MESSAGES_PER_S: '1000000', RING_LIMIT_S: '3600' }
  const platform = await Platform.start({ ...load, ...profile, ...settings })
  // It is ready a moment before it says how to connect.
  const look = () => (platform.log.includes('accesskey=') ? { found: true } : { sawOnly: platform.log })
  await until('connection string', look)
  return platform
}

/** PostgreSQL's processes, for their processor time beside the platform's own. */
export function databasePids(platform: Platform): number[] {
  return platform.descendants().flatMap(({ pid, name }) => (name === 'postgres' ? [pid] : []))
}

/** The platform as a server whose processor time is measured. */
export function serverOf(platform: Platform): { pid: number; databasePids: () => number[] } {
  return { pid: platform.pid, databasePids: () => databasePids(platform) }
}

/** A table for a reference, in the platform's own database. */
export async function makeTable(platform: Platform, ids: string[] = [], state = '{}'): Promise<void> {
  await platform.database.query('DROP TABLE IF EXISTS bench')
  await platform.database.query(
    'CREATE TABLE bench (id uuid PRIMARY KEY, version int NOT NULL, state jsonb NOT NULL) WITH (fillfactor = 70)',
  )
  await platform.database.query('INSERT INTO bench SELECT unnest($1::uuid[]), 1, $2::jsonb', [ids, state])
}

/** A call's state as it stands in its row. */
export async function stateOf(platform: Platform, callId: string): Promise<string> {
  const [row] = await platform.database.query<{ state: object }>('SELECT state FROM call WHERE id = $1', [callId])
  if (row === undefined) throw new Error(`There is no call ${callId}.`)
  return JSON.stringify(row.state)
}
