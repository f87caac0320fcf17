/** A database of its own in a folder of its own, for the tests of this folder. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { EmbeddedPostgres } from './embedded/embedded-postgres.ts'
import { serversOn } from './embedded/processes.ts'

export const silent = pino({ level: 'silent' })

/** A new empty folder, which other users may enter. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(process.env.PARLEY_TEST_DIR ?? tmpdir(), 'store-'))
  chmodSync(folder, 0o711)
  return folder
}

export type ScratchDatabase = { url: string; stop: () => Promise<void> }

/** A running database without tables. `stop` fails when anything of it is left. */
export async function scratchDatabase(): Promise<ScratchDatabase> {
  const dataDir = scratchFolder()
  const server = await EmbeddedPostgres.start({ dataDir, log: silent })
  const stop = async (): Promise<void> => {
    await server.stop()
    const left = serversOn(join(dataDir, 'postgres'))
    if (left.length > 0) throw new Error(`left running in ${dataDir}: ${left.join(', ')}`)
    rmSync(dataDir, { recursive: true })
  }
  return { url: server.url, stop }
}
