/**
 * The workers of a node, each on its own port. One that dies is started again, on the same port, but not for ever: a
 * worker that dies again and again is a fault that someone has to see, and the node says that it is not ready.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { Refused } from '@parley/protocol'
import type { SfuLimits } from './limits.ts'
import { MediaWorker, type Counts, type WorkerParts } from './media-worker.ts'

type Place = { readonly port: number; worker?: MediaWorker; restart?: Promise<void> }

const minuteMs = 60_000

// prettier-ignore
const nothing: Counts = {
  workers: 0, routers: 0, transports: 0, producers: 0, consumers: 0, dataProducers: 0, dataConsumers: 0,
  plainTransports: 0, plainRtpBytesReceived: 0, plainRtpBytesSent: 0, browserRtpBytesReceived: 0, browserRtpBytesSent: 0,
}

export class Workers {
  readonly #parts: WorkerParts
  readonly #limits: SfuLimits
  readonly #places: readonly Place[]
  readonly #closing = new AbortController()
  /** When workers were started again within the last minute, by the monotonic clock. */
  #restartsAtMs: number[] = []
  #isHeldBack = false

  /** Starts all workers. @throws {Error} when one of them cannot start; the others are ended again */
  static async start(parts: WorkerParts): Promise<Workers> {
    const workers = new Workers(parts)
    const started = await Promise.allSettled(workers.#places.map((place) => workers.#start(place)))
    const failed = started.find((one) => one.status === 'rejected')
    if (failed === undefined) return workers
    await workers.close()
    throw failed.reason
  }

  private constructor(parts: WorkerParts) {
    this.#parts = parts
    this.#limits = parts.limits
    const { firstPort, workers } = parts.settings
    this.#places = Array.from({ length: workers }, (_, index) => ({ port: firstPort + index }))
  }

  /** False while no worker runs or is on its way, and while workers have died too often to be started again. */
  get isReady(): boolean {
    if (this.#closing.signal.aborted || this.#isHeldBack) return false
    return this.running.length > 0 || this.#restarts.length > 0
  }

  get running(): MediaWorker[] {
    return this.#places.flatMap(({ worker }) => (worker?.isRunning === true ? [worker] : []))
  }

  /**
   * Has something opened on the worker that carries least. Waits a moment for one that is being started again.
   *
   * @throws {Refused} unavailable
   */
  async place<T>(open: (worker: MediaWorker) => Promise<T>): Promise<T> {
    if (this.running.length === 0) await this.#oneIsBack()
    const least = this.leastLoaded()
    if (least === undefined) throw new Refused('unavailable', { detail: 'No media worker is running.' })
    // Chosen and begun in one turn: what is placed next finds this one in the worker's load.
    return open(least)
  }

  /** The running worker that carries least, beside some. */
  leastLoaded(besides: readonly MediaWorker[] = []): MediaWorker | undefined {
    const others = this.running.filter((worker) => !besides.includes(worker))
    return others.toSorted((a, b) => a.load - b.load)[0]
  }

  /** What there is in all workers. One that dies while it is asked has nothing any more. */
  async count(): Promise<Counts> {
    const all = await Promise.allSettled(this.running.map((worker) => worker.count()))
    return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])).reduce(addCounts, nothing)
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.all(this.#restarts)
    await Promise.all(this.#places.flatMap(({ worker }) => (worker === undefined ? [] : [worker.close()])))
  }

  get #restarts(): Promise<void>[] {
    return this.#places.flatMap(({ restart }) => (restart === undefined ? [] : [restart]))
  }

  async #start(place: Place): Promise<void> {
    place.worker = await MediaWorker.start(place.port, this.#parts, (dead) => this.#replace(place, dead))
  }

  #replace(place: Place, dead: MediaWorker): void {
    this.#parts.log.error({ pid: dead.pid, port: place.port }, 'worker.died')
    delete place.worker
    if (this.#closing.signal.aborted) return
    place.restart = this.#startAgain(place).finally(() => delete place.restart)
  }

  async #startAgain(place: Place): Promise<void> {
    while (await this.#mayRestart()) {
      try {
        await this.#start(place)
        this.#parts.log.info({ pid: place.worker?.pid, port: place.port }, 'worker.restarted')
        return
      } catch (error) {
        this.#parts.log.error({ port: place.port, err: error }, 'worker.restart_failed')
      }
    }
  }

  /** True at once within the allowance, later when it is used up, false when the node closes first. */
  async #mayRestart(): Promise<boolean> {
    for (;;) {
      const nowMs = performance.now()
      this.#restartsAtMs = this.#restartsAtMs.filter((atMs) => atMs > nowMs - minuteMs)
      const [oldestMs] = this.#restartsAtMs
      if (this.#closing.signal.aborted) return false
      if (oldestMs === undefined || this.#restartsAtMs.length < this.#limits.restartsPerMinute) {
        this.#restartsAtMs.push(nowMs)
        this.#isHeldBack = false
        return true
      }
      this.#isHeldBack = true
      this.#parts.log.error({ restarts: this.#restartsAtMs.length }, 'worker.restart_held_back')
      await until(oldestMs + minuteMs - nowMs, this.#closing.signal)
    }
  }

  async #oneIsBack(): Promise<void> {
    if (this.#restarts.length === 0 || this.#isHeldBack) return
    const back = new AbortController()
    const signal = AbortSignal.any([back.signal, this.#closing.signal])
    await Promise.race([...this.#restarts, until(this.#limits.placeMs, signal)])
    back.abort()
  }
}

/** Resolves after that time, or when the signal aborts. */
function until(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {
    // Only the signal rejects it.
  })
}

function addCounts(a: Counts, b: Counts): Counts {
  return {
    workers: a.workers + b.workers,
    routers: a.routers + b.routers,
    transports: a.transports + b.transports,
    producers: a.producers + b.producers,
    consumers: a.consumers + b.consumers,
    dataProducers: a.dataProducers + b.dataProducers,
    dataConsumers: a.dataConsumers + b.dataConsumers,
    plainTransports: a.plainTransports + b.plainTransports,
    plainRtpBytesReceived: a.plainRtpBytesReceived + b.plainRtpBytesReceived,
    plainRtpBytesSent: a.plainRtpBytesSent + b.plainRtpBytesSent,
    browserRtpBytesReceived: a.browserRtpBytesReceived + b.browserRtpBytesReceived,
    browserRtpBytesSent: a.browserRtpBytesSent + b.browserRtpBytesSent,
  }
}
