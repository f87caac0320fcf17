import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import pg from 'pg'
import { scratchFolder, silent } from '../scratch.ts'
import { EmbeddedPostgres } from './embedded-postgres.ts'
import { isAlive, serversOn, until } from './processes.ts'
import { findPrograms } from './program.ts'
import { chooseRunAs, mayEnter, type AsRoot } from './run-as.ts'

jest.setTimeout(60_000)
const limitMs = 20_000

let dataDir: string
const closers: (() => Promise<unknown>)[] = []

beforeEach(() => {
  dataDir = scratchFolder()
})
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
  expect(serversOn(cluster())).toEqual([])
  rmSync(dataDir, { recursive: true })
})

const cluster = () => join(dataDir, 'postgres')

async function started(asRoot?: AsRoot): Promise<EmbeddedPostgres> {
  const options = { dataDir, log: silent }
  const server = await EmbeddedPostgres.start(asRoot === undefined ? options : { ...options, asRoot })
  closers.push(() => server.stop())
  return server
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client(url)
  client.on('error', () => {}) // cut by a test
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
const keep = (url: string, n: number) =>
  query(url, `CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (${n})`)
const kept = async (url: string) => (await query<{ n: number }>(url, 'SELECT n FROM kept ORDER BY n')).map(({ n }) => n)

/** Another process that owns the folder, as `npm start` does. */
class OtherOwner {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(owner: ChildProcess, url: string) {
    this.#process = owner
    this.url = url
  }

  static async of(folder: string, prefix: string[] = []): Promise<OtherOwner> {
    const program = `
      import { pino } from 'pino'
      import { EmbeddedPostgres } from '${fileURLToPath(new URL('embedded-postgres.ts', import.meta.url))}'
      const server = await EmbeddedPostgres.start({ dataDir: '${folder}', log: pino({ level: 'silent' }) })
      console.log(server.url)
      process.on('SIGTERM', () => server.stop())`
    const args = ['--conditions=@parley/source', '--input-type=module', '--eval', program]
    const [command = process.execPath, ...rest] = [...prefix, process.execPath, ...args]
    const owner = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname })
    closers.push(() => ended(owner, 'SIGTERM'))
    const said = once(createInterface({ input: owner.stdout }), 'line')
    const [url] = (await Promise.race([said, once(owner, 'exit')])) as [unknown]
    if (typeof url !== 'string') throw new Error(`the other owner ended with ${String(url)}`)
    return new OtherOwner(owner, url)
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return ended(this.#process, signal)
  }
}

async function ended(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

describe('the embedded PostgreSQL', () => {
  it('runs, commits durably, asks for the password and listens on loopback only', async () => {
    const { url } = await started()
    const { port, username } = new URL(url)
    const [settings] = await query(
      url,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets`,
    )
    expect(settings).toEqual({ fsync: 'on', commit: 'on', addresses: '127.0.0.1', sockets: '' })
    const guess = query(`postgresql://${username}:guess@127.0.0.1:${port}/postgres`, 'SELECT 1')
    await expect(guess).rejects.toThrow('password authentication failed')
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600)
    expect(statSync(cluster()).mode & 0o777).toBe(0o700)
  })

  it('leaves no process behind when it stops, twice or at once, and keeps its data for the next start', async () => {
    const first = await started()
    await keep(first.url, 1)
    expect(serversOn(cluster()).length).toBeGreaterThan(1)
    await Promise.all([first.stop(), first.stop()])
    expect(serversOn(cluster())).toEqual([])
    const second = await started()
    expect(await kept(second.url)).toEqual([1])
  })

  it('is started again on the same port when it is killed, with everything that was committed', async () => {
    const server = await started()
    await keep(server.url, 1)
    const { pid } = server
    process.kill(pid, 'SIGKILL')
    expect(await until(() => server.pid !== pid, limitMs)).toBe(true)
    expect(await kept(server.url)).toEqual([1])
  })

  it('stops in the middle of being started again', async () => {
    const server = await started()
    process.kill(server.pid, 'SIGKILL')
    expect(await until(() => !isAlive(server.pid), limitMs)).toBe(true)
    await server.stop()
    expect(serversOn(cluster())).toEqual([])
  })
})

describe('a folder', () => {
  it('has one owner; a second start says who that is', async () => {
    const owner = await OtherOwner.of(dataDir)
    await expect(started()).rejects.toMatchObject({
      name: 'StoreFailure',
      kind: 'dataDirTaken',
      message: expect.stringContaining(`${dataDir} is in use by another Parley (process ${owner.pid})`),
    })
    expect(await query(owner.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  it('of two who come at once gets one', async () => {
    const outcomes = await Promise.allSettled([started(), started()])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  })

  it('is free again when its owner has stopped, whatever the file of the lock still says', async () => {
    const owner = await OtherOwner.of(dataDir)
    await keep(owner.url, 1)
    await owner.end('SIGTERM')
    expect(serversOn(cluster())).toEqual([])
    writeFileSync(join(dataDir, 'owner.pid'), `${process.pid}\n`)
    expect(await kept((await started()).url)).toEqual([1])
  })

  it('loses its server when its owner is killed', async () => {
    const owner = await OtherOwner.of(dataDir)
    expect(serversOn(cluster())).not.toEqual([])
    await owner.end('SIGKILL')
    expect(await until(() => serversOn(cluster()).length === 0, limitMs)).toBe(true)
  })

  it('can be started in the moment its owner is killed, and has every commit that was acknowledged', async () => {
    const owner = await OtherOwner.of(dataDir)
    const acknowledged: number[] = []
    await keep(owner.url, 0)
    const client = new pg.Client(owner.url)
    client.on('error', () => {}) // the server ends under it
    await client.connect()
    const writing = (async () => {
      for (let n = 1; ; n++) {
        await client.query('INSERT INTO kept VALUES ($1)', [n])
        acknowledged.push(n)
      }
    })().catch(() => client.end().catch(() => undefined))
    expect(await until(() => acknowledged.length > 50, limitMs)).toBe(true)
    await owner.end('SIGKILL')
    const { url } = await started()
    await writing
    expect(await kept(url)).toEqual(expect.arrayContaining([0, ...acknowledged]))
  })
})

const failure = (kind: string) => ({ name: 'StoreFailure', kind })

describe('what is in the way', () => {
  it('is cleared away when the first start was killed while it made the folder', async () => {
    const first = OtherOwner.of(dataDir).catch((error: unknown) => error)
    expect(await until(() => serversOn(`${cluster()}.unfinished`).length > 1, limitMs)).toBe(true)
    process.kill(Number(readFileSync(join(dataDir, 'owner.pid'), 'utf8')), 'SIGKILL')
    expect(existsSync(cluster())).toBe(false)
    await started()
    expect(await first).toBeInstanceOf(Error)
    expect(existsSync(`${cluster()}.unfinished`)).toBe(false)
  })

  it('is named: a lost password', async () => {
    await (await started()).stop()
    rmSync(join(dataDir, 'postgres-password'))
    await expect(started()).rejects.toMatchObject(failure('passwordLost'))
  })

  it("is named in PostgreSQL's words: a broken folder, which is free for the next start", async () => {
    await (await started()).stop()
    const file = join(cluster(), 'PG_VERSION')
    const version = readFileSync(file)
    writeFileSync(file, '9\n')
    await expect(started()).rejects.toMatchObject({
      ...failure('notStarted'),
      message: expect.stringContaining('incompatible with server'),
    })
    writeFileSync(file, version)
    await started()
  })

  it('is named: a file in the place of the folder', async () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    const start = EmbeddedPostgres.start({ dataDir: file, log: silent })
    await expect(start).rejects.toMatchObject(failure('notWritable'))
  })
})

const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']
const isRoot = process.getuid?.() === 0
const nobodyMayEnter = isRoot && (await mayEnter(await chooseRunAs('otherUid'), (await findPrograms()).postgres))

// What only root can try, where the machine has namespaces for it.
const hasNamespaces = isRoot && !(await chooseRunAs()).isStranger
if (hasNamespaces) {
  describe('as root', () => {
    it('runs in a user namespace, in which a folder that is closed to others will do', async () => {
      chmodSync(dataDir, 0o700)
      const server = await started('userNamespace')
      expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      expect(statSync(cluster()).uid).toBe(0)
    })
  })
}

if (isRoot) {
  describe('as root without a user namespace', () => {
    it('says what to open when uid 65534 cannot enter the folder', async () => {
      chmodSync(dataDir, 0o700)
      await expect(started('otherUid')).rejects.toMatchObject(failure('cannotEnter'))
    })
  })
}

// Needs a clone that others may enter, which one in root's home is not.
if (nobodyMayEnter) {
  describe('under uid 65534', () => {
    it('makes the folder, and keeps the password from others', async () => {
      await started('otherUid')
      expect(statSync(cluster()).uid).toBe(65_534)
      expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600)
    })

    it('finds all data of a start that went the other way, and the other way round', async () => {
      const before = await started()
      await keep(before.url, 1)
      await before.stop()
      const dropped = await started('otherUid')
      expect(await kept(dropped.url)).toEqual([1])
      await keep(dropped.url, 2)
      await dropped.stop()
      expect(await kept((await started()).url)).toEqual([1, 2])
    })

    it('runs for a user who is not root, and leaves nothing when he is killed', async () => {
      chownSync(dataDir, 65_534, 65_534)
      const owner = await OtherOwner.of(dataDir, nobody)
      await keep(owner.url, 1)
      await owner.end('SIGKILL')
      expect(await until(() => serversOn(cluster()).length === 0, limitMs)).toBe(true)
      const again = await OtherOwner.of(dataDir, nobody)
      expect(await kept(again.url)).toEqual([1])
    })
  })
}
