/**
 * A real PostgreSQL in DATA_DIR, out of npm: made, started, watched and stopped by us. It listens on loopback only and
 * asks for the password that lies beside it.
 *
 *   owner lock ─▶ servers of a former start have gone ─▶ cluster exists ─▶ server runs ◀─ started again when it dies
 */
import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { StoreFailure } from '../store-failure.ts'
import { databaseUser, ensureCluster, foldersIn, type Cluster } from './cluster.ts'
import { Owner } from './owner.ts'
import { serversOn, until } from './processes.ts'
import { findPrograms, startProgram, type Programs } from './program.ts'
import { chooseRunAs, type AsRoot, type RunAs } from './run-as.ts'
import { Server } from './server.ts'

export type EmbeddedOptions = {
  dataDir: string
  log: Logger
  /** How the server runs when we are root. Default: in a user namespace, else under an unprivileged uid. */
  asRoot?: AsRoot
}

type Parts = { owner: Owner; programs: Programs; runAs: RunAs; cluster: Cluster; log: Logger }

/** How long the server of a former start may take to shut down. */
const oldServerLimitMs = 20_000
/** A port that was free a moment ago can be taken by another program. */
const portAttempts = 3
/** Between the attempts to start a server that died. */
const restartDelaysMs = [0, 200, 1_000, 5_000]

export class EmbeddedPostgres {
  readonly url: string
  readonly #parts: Parts
  readonly #port: number
  readonly #stopping = new AbortController()
  #server: Server
  #watch: Promise<void>
  #stopped: Promise<void> | undefined

  private constructor(parts: Parts, port: number, server: Server) {
    this.#parts = parts
    this.#port = port
    this.#server = server
    this.url = `postgresql://${databaseUser}:${parts.cluster.password}@127.0.0.1:${port}/postgres`
    this.#watch = this.#startAgainWhenItDies()
  }

  /** @throws {StoreFailure} that says what to do */
  static async start({ dataDir, log, asRoot }: EmbeddedOptions): Promise<EmbeddedPostgres> {
    makeDataDir(dataDir)
    const owner = await Owner.of(dataDir)
    try {
      const programs = await findPrograms()
      const runAs = await chooseRunAs(asRoot)
      const { dir, unfinished } = foldersIn(dataDir)
      await oldServersEnd(unfinished)
      await oldServersEnd(dir)
      const cluster = await ensureCluster(dataDir, programs, runAs)
      const parts = { owner, programs, runAs, cluster, log }
      const { port, server } = await startOnFreePort(parts)
      return new EmbeddedPostgres(parts, port, server)
    } catch (error) {
      await owner.release()
      throw error
    }
  }

  /** The postmaster, for tests that kill it. */
  get pid(): number {
    return this.#server.pid
  }

  /** Stops the server and gives DATA_DIR free. Connections that are open are ended. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  async #stop(): Promise<void> {
    this.#stopping.abort()
    await this.#server.stop()
    await this.#watch
    await this.#parts.owner.release()
  }

  /** A server can be killed (out of memory, by hand). Its port stays, so that connections find the new one. */
  async #startAgainWhenItDies(): Promise<void> {
    const { log, cluster } = this.#parts
    for (;;) {
      await this.#server.ended
      if (this.#stopping.signal.aborted) return
      log.error({ pid: this.#server.pid }, 'postgres.died')
      const server = await this.#startAgain()
      if (server === undefined) {
        if (!this.#stopping.signal.aborted) log.error({ dir: cluster.dir }, 'postgres.given_up')
        return
      }
      this.#server = server
      // stop() may have looked at the old one.
      if (this.#stopping.signal.aborted) await server.stop()
    }
  }

  async #startAgain(): Promise<Server | undefined> {
    for (const delayMs of restartDelaysMs) {
      try {
        await delay(delayMs, undefined, { signal: this.#stopping.signal })
        await oldServersEnd(this.#parts.cluster.dir)
        return await startOn(this.#parts, this.#port)
      } catch (error) {
        if (this.#stopping.signal.aborted) return undefined
        this.#parts.log.error({ error: String(error) }, 'postgres.not_started')
      }
    }
    return undefined
  }
}

function makeDataDir(dataDir: string): void {
  try {
    // Others may pass through: the server may have to, as another user. What is secret in it has modes of its own.
    mkdirSync(dataDir, { recursive: true, mode: 0o711 })
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new StoreFailure('notWritable', { dir: dataDir }, { cause })
  }
}

/** A server that lost its owner shuts down by itself; while one of its processes lives, the cluster is in use. */
async function oldServersEnd(dir: string): Promise<void> {
  if (await until(() => serversOn(dir).length === 0, oldServerLimitMs)) return
  throw new StoreFailure('oldServerStays', { dir, pid: serversOn(dir)[0] })
}

async function startOnFreePort(parts: Parts): Promise<{ port: number; server: Server }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { port, server: await startOn(parts, port) }
    } catch (error) {
      if (attempt === portAttempts || !String(error).includes('could not bind')) throw error
    }
  }
}

function startOn({ programs, runAs, cluster, log }: Parts, port: number): Promise<Server> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    timezone: 'UTC',
    // Statements here are short: compiling one costs more than running it.
    jit: 'off',
    // What it says goes into our log, which names no users: without the values and statements of errors.
    log_line_prefix: '',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = startProgram(runAs, programs.postgres, ['-D', cluster.dir, ...args], cluster.dir)
  return Server.started(server, cluster.dir, log)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // a listening TCP server has one
  probe.close()
  await once(probe, 'close')
  return port
}
