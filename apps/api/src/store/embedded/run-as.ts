/**
 * Under which user PostgreSQL runs. It refuses to be root, so as root it gets a user namespace in which root has
 * another number, or, where namespaces are forbidden, an unprivileged uid. The namespace comes first: in it the server
 * reaches folders that only root may enter.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { StoreFailure } from '../store-failure.ts'

export type AsRoot = 'userNamespace' | 'otherUid'

export type RunAs = {
  /** Stands before each command of PostgreSQL. */
  prefix: readonly [string, ...string[]]
  /** Who has to own the cluster's files, as seen from outside. */
  uid: number
  /** Whether the server is locked out of folders that only we may enter. */
  isStranger: boolean
}

/** The uid that owns nothing, in Debian's words nobody. */
const strangerUid = 65_534
// The kernel sends INT, PostgreSQL's fast shutdown, when the thread that started it dies: kill -9 leaves no server.
const boundToUs = ['--pdeathsig', 'INT']
const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'] as const

/** @param asRoot is for tests; otherwise what works is found out */
export async function chooseRunAs(asRoot?: AsRoot): Promise<RunAs> {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) return { prefix: ['setpriv', ...boundToUs], uid, isStranger: false }
  if ((asRoot ?? ((await namespaceWorks()) ? 'userNamespace' : 'otherUid')) === 'userNamespace') {
    return { prefix: ['setpriv', ...boundToUs, ...namespace], uid, isStranger: false }
  }
  const id = String(strangerUid)
  const dropped = ['--reuid', id, '--regid', id, '--clear-groups', ...boundToUs]
  return { prefix: ['setpriv', ...dropped], uid: strangerUid, isStranger: true }
}

/** Whether the server, run so, may execute a file or enter a folder. */
export async function mayEnter({ prefix: [command, ...args] }: RunAs, path: string): Promise<boolean> {
  return (await run(command, [...args, 'test', '-x', path])) === 0
}

async function namespaceWorks(): Promise<boolean> {
  const [command, ...args] = namespace
  return (await run(command, [...args, 'true'])) === 0
}

/** The exit code of a command that ends at once. */
async function run(command: string, args: string[]): Promise<number | null> {
  try {
    const child = spawn(command, args, { stdio: 'ignore', timeout: 5_000 })
    const [code] = (await once(child, 'exit')) as [number | null]
    return code
  } catch (cause) {
    throw new StoreFailure('noTool', { name: command }, { cause })
  }
}
