/** One run of the PostgreSQL server: from its start, through "ready", to its end. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { StoreFailure } from '../store-failure.ts'

/** Recovery after a crash reads what was written since the last checkpoint. */
const startLimitMs = 60_000
/** How long each way of stopping may take until the next, harsher one. INT ends connections and writes a checkpoint. */
const stopSteps = [
  { signal: 'SIGINT', limitMs: 15_000 },
  { signal: 'SIGQUIT', limitMs: 5_000 },
  { signal: 'SIGKILL', limitMs: 5_000 },
] as const
const keptLines = 6

export class Server {
  /** Settles when the process has ended, in whatever way. */
  readonly ended: Promise<void>
  readonly #process: ChildProcess
  readonly #log: Logger
  readonly #lastLines: string[] = []
  readonly #ready = Promise.withResolvers<void>()
  #isReady = false
  #isStopping = false

  private constructor(server: ChildProcess, log: Logger) {
    this.#process = server
    this.#log = log
    this.ended = new Promise((resolve) => {
      server.once('exit', () => resolve())
      server.once('error', (error) => {
        this.#lastLines.push(error.message)
        resolve()
      })
    })
    for (const stream of [server.stdout, server.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#heard(line))
    }
  }

  /** Resolves when the server takes connections. @throws {StoreFailure} notStarted, with what the server said last */
  static async started(process: ChildProcess, cluster: string, log: Logger): Promise<Server> {
    const server = new Server(process, log)
    const closed = once(process, 'close').catch(() => undefined) // 'error' is heard above
    await settles(Promise.race([server.#ready.promise, server.ended]), startLimitMs)
    if (server.#isReady && !server.#hasEnded) return server
    await server.stop()
    // Its last words may still be in the pipe when it has gone.
    await settles(closed, 1_000)
    throw new StoreFailure('notStarted', { dir: cluster, output: server.#lastLines.join(' ') || 'nothing.' })
  }

  /** The postmaster's process id; 0 when it could not be started at all. */
  get pid(): number {
    return this.#process.pid ?? 0
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    for (const { signal, limitMs } of stopSteps) {
      if (this.#hasEnded) return
      this.#process.kill(signal)
      await settles(this.ended, limitMs)
    }
  }

  get #hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  #heard(line: string): void {
    this.#lastLines.push(line)
    if (this.#lastLines.length > keptLines) this.#lastLines.shift()
    if (line.includes('database system is ready to accept connections')) {
      this.#isReady = true
      this.#ready.resolve()
    }
    // A connection that we ended a moment ago may be told once more, by the server that we stop.
    const isFault = /^(FATAL|PANIC):/.test(line) && !this.#isStopping
    if (isFault) this.#log.error({ line }, 'postgres.said')
    else if (/^(ERROR|WARNING):/.test(line)) this.#log.warn({ line }, 'postgres.said')
    else this.#log.debug({ line }, 'postgres.said')
  }
}

/** Waits for a promise, but not longer than the limit. */
async function settles(promise: Promise<unknown>, limitMs: number): Promise<void> {
  const limit = new AbortController()
  const tooLate = delay(limitMs, undefined, { signal: limit.signal }).catch(() => undefined)
  await Promise.race([promise, tooLate])
  limit.abort()
}
