/** The cluster: PostgreSQL's folder in DATA_DIR, made once, and the password that opens it. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, lchownSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { realpathSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { StoreFailure } from '../store-failure.ts'
import { startProgram, type Programs } from './program.ts'
import { mayEnter, type RunAs } from './run-as.ts'

/** The role and the database that everything is in. */
export const databaseUser = 'parley'

export type Cluster = { dir: string; password: string }

/** Where the cluster is, and where it is while it is being made. Real paths: processes are found by them. */
export function foldersIn(dataDir: string): { dir: string; unfinished: string } {
  const dir = join(realpathSync(dataDir), 'postgres')
  return { dir, unfinished: `${dir}.unfinished` }
}

/**
 * Finds the cluster in DATA_DIR or makes it, owned by the uid that the server runs as.
 *
 * @throws {StoreFailure} cannotEnter, passwordLost, foreignCluster, notMade
 */
export async function ensureCluster(dataDir: string, programs: Programs, runAs: RunAs): Promise<Cluster> {
  await mustBeReachable(dataDir, programs, runAs)
  const { dir, unfinished } = foldersIn(dataDir)
  const passwordFile = join(dataDir, 'postgres-password')
  if (existsSync(dir)) {
    if (!existsSync(passwordFile)) throw new StoreFailure('passwordLost', { dir, name: passwordFile })
    giveTo(runAs, dir)
  } else {
    await make(unfinished, passwordFile, programs, runAs)
    renameSync(unfinished, dir)
  }
  return { dir, password: readFileSync(passwordFile, 'utf8').trim() }
}

async function mustBeReachable(dataDir: string, programs: Programs, runAs: RunAs): Promise<void> {
  if (!runAs.isStranger) return
  for (const path of [programs.postgres, realpathSync(dataDir)]) {
    if (!(await mayEnter(runAs, path))) throw new StoreFailure('cannotEnter', { dir: path })
  }
}

/** Under another name until it is complete: what an interrupted start left is not taken for a cluster. */
async function make(unfinished: string, passwordFile: string, programs: Programs, runAs: RunAs): Promise<void> {
  for (const old of [unfinished, passwordFile]) rmSync(old, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  writeFileSync(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  // initdb writes the one and reads the other as the user that it runs as.
  if (runAs.isStranger) for (const path of [unfinished, passwordFile]) chownSync(path, runAs.uid, runAs.uid)
  const asked = ['--pgdata', unfinished, '--username', databaseUser, '--pwfile', passwordFile]
  const access = ['--auth', 'scram-sha-256', '--no-locale', '--encoding', 'UTF8', '--no-instructions']
  const initdb = startProgram(runAs, programs.initdb, [...asked, ...access], unfinished)
  const [[code], output, errors] = await Promise.all([once(initdb, 'exit'), told(initdb.stdout), told(initdb.stderr)])
  if (code !== 0) throw new StoreFailure('notMade', { dir: unfinished, output: (errors || output).trim() })
}

const told = async (stream: NodeJS.ReadableStream | null): Promise<string> => (stream === null ? '' : text(stream))

/** Root may have run the server in the other way last time. */
function giveTo({ uid }: RunAs, dir: string): void {
  if (statSync(dir).uid === uid) return
  if (process.getuid?.() !== 0) throw new StoreFailure('foreignCluster', { dir })
  for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) lchownSync(join(dir, entry), uid, uid)
  // Last, because it is what the next start looks at.
  lchownSync(dir, uid, uid)
}
