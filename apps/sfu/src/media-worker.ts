/**
 * One mediasoup worker process with its WebRtcServer: one UDP and one TCP port for everybody on it. A worker that has
 * stopped answering is killed, so that no request to it waits for ever: its death settles them all.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { createWorker, type types } from 'mediasoup'
import type { Logger } from 'pino'
import type { SfuLimits } from './limits.ts'
import { routerCodecs } from './router-codecs.ts'
import type { SfuSettings } from './settings.ts'

export type WorkerParts = { settings: SfuSettings; limits: SfuLimits; log: Logger }

/**
 * What lives in workers, counted by themselves. Transports include the one of each router that feeds the warmth, plain
 * ones, and the pairs between routers of one call. The bytes are those of RTP over the transports that live now: plain
 * ones, and those to browsers.
 */
export type Counts = {
  workers: number
  routers: number
  transports: number
  producers: number
  consumers: number
  dataProducers: number
  dataConsumers: number
  plainTransports: number
  plainRtpBytesReceived: number
  plainRtpBytesSent: number
  browserRtpBytesReceived: number
  browserRtpBytesSent: number
}

/** A call that is being opened counts as what it will soon be for two: calls that start together are spread then. */
const weightOfOpening = 6

export class MediaWorker {
  readonly port: number
  readonly server: types.WebRtcServer
  readonly #worker: types.Worker
  readonly #limits: SfuLimits
  readonly #log: Logger
  readonly #routers = new Set<types.Router>()
  readonly #transports = new Set<types.Transport>()
  readonly #watch: NodeJS.Timeout
  #opening = 0
  #unanswered = 0

  /**
   * Starts a process and binds its port. `onDied` is called when the process ends without having been told to.
   *
   * @throws {Error} when the process does not start, or its port stays taken
   */
  static async start(port: number, parts: WorkerParts, onDied: (worker: MediaWorker) => void): Promise<MediaWorker> {
    const worker = await spawn(parts)
    try {
      return new MediaWorker(port, worker, await bind(worker, port, parts), parts, onDied)
    } catch (error) {
      worker.close()
      throw error
    }
  }

  private constructor(
    port: number,
    worker: types.Worker,
    server: types.WebRtcServer,
    { limits, log }: WorkerParts,
    onDied: (worker: MediaWorker) => void,
  ) {
    this.port = port
    this.server = server
    this.#worker = worker
    this.#limits = limits
    this.#log = log
    this.#watch = setInterval(() => this.#ask(), limits.watchMs)
    worker.observer.once('close', () => clearInterval(this.#watch))
    worker.once('died', () => onDied(this))
  }

  get pid(): number {
    return this.#worker.pid
  }

  get isRunning(): boolean {
    return !this.#worker.closed
  }

  /** How much there is on this worker, for comparing it with others. */
  get load(): number {
    return this.#opening * weightOfOpening + this.#routers.size + this.#transports.size
  }

  async openRouter(): Promise<types.Router> {
    this.#opening += 1
    try {
      const router = await this.#worker.createRouter({ mediaCodecs: routerCodecs })
      this.#keep(router)
      return router
    } finally {
      this.#opening -= 1
    }
  }

  async count(): Promise<Counts> {
    const worker = await this.#worker.dump()
    const ofType = (type: 'plain' | 'webrtc') => [...this.#transports].filter((transport) => transport.type === type)
    const plain = ofType('plain')
    const [routers, overPlain, overBrowsers] = await Promise.all([
      Promise.all([...this.#routers].map((router) => router.dump())),
      rtpBytesOf(plain),
      rtpBytesOf(ofType('webrtc')),
    ])
    const sum = (sizeOf: (router: types.RouterDump) => number): number =>
      routers.reduce((total, router) => total + sizeOf(router), 0)
    return {
      workers: 1,
      routers: worker.routerIds.length,
      transports: sum((router) => router.transportIds.length),
      producers: sum((router) => router.mapProducerIdConsumerIds.length),
      consumers: sum((router) => router.mapConsumerIdProducerId.length),
      dataProducers: sum((router) => router.mapDataProducerIdDataConsumerIds.length),
      dataConsumers: sum((router) => router.mapDataConsumerIdDataProducerId.length),
      plainTransports: plain.length,
      plainRtpBytesReceived: overPlain.received,
      plainRtpBytesSent: overPlain.sent,
      browserRtpBytesReceived: overBrowsers.received,
      browserRtpBytesSent: overBrowsers.sent,
    }
  }

  /** Ends the process and everything in it; resolves when it has gone. */
  async close(): Promise<void> {
    if (this.#worker.subprocessClosed) return
    const gone = new Promise<void>((resolve) => this.#worker.once('subprocessclose', resolve))
    this.#worker.close()
    const late = setTimeout(() => this.#kill('it did not end'), this.#limits.workerEndMs)
    await gone
    clearTimeout(late)
  }

  #keep(router: types.Router): void {
    this.#routers.add(router)
    router.observer.once('close', () => this.#routers.delete(router))
    router.observer.on('newtransport', (transport) => {
      this.#transports.add(transport)
      transport.observer.once('close', () => this.#transports.delete(transport))
    })
  }

  /** Counts questions, not time: when this whole machine has slept, that was one missed answer and no dead worker. */
  #ask(): void {
    if (this.#unanswered >= 3) return this.#kill('it does not answer')
    this.#unanswered += 1
    if (this.#unanswered > 1) return
    const answered = (): void => void (this.#unanswered = 0)
    // A rejection is the worker's end, which is told by its own event.
    this.#worker.getResourceUsage().then(answered, answered)
  }

  #kill(why: string): void {
    this.#log.error({ pid: this.pid, port: this.port, why }, 'worker.killed')
    try {
      process.kill(this.pid, 'SIGKILL')
    } catch {
      // It has gone by itself in the meantime, which is what was wanted.
    }
  }
}

async function rtpBytesOf(transports: types.Transport[]): Promise<{ received: number; sent: number }> {
  const stats = await Promise.all(transports.map((transport) => statsOf(transport)))
  return stats.reduce(
    ({ received, sent }, one) => ({
      received: received + (one?.rtpBytesReceived ?? 0),
      sent: sent + (one?.rtpBytesSent ?? 0),
    }),
    { received: 0, sent: 0 },
  )
}

/** What went over a transport; undefined for one that was closed while it was asked. */
async function statsOf(transport: types.Transport): Promise<types.BaseTransportStats | undefined> {
  try {
    // Every kind of transport has the counts of its base, in a list of one.
    const [stats] = (await transport.getStats()) as types.BaseTransportStats[]
    return stats
  } catch (error) {
    if (transport.closed) return undefined
    throw error
  }
}

/** Starts the process. One that does not report in time is ended should it ever do so. */
async function spawn({ settings: { workerBin }, limits }: WorkerParts): Promise<types.Worker> {
  const starting = createWorker({ logLevel: 'error', ...(workerBin === undefined ? {} : { workerBin }) })
  const inTime = new AbortController()
  const limit = delay(limits.workerStartMs, undefined, { signal: inTime.signal })
  try {
    const worker = await Promise.race([starting, limit])
    if (worker !== undefined) return worker
    starting.then(
      (late) => late.close(),
      () => {}, // It has ended by itself.
    )
    throw new Error(`A media worker did not start within ${limits.workerStartMs} ms`)
  } finally {
    limit.catch(() => {}) // Only the line below rejects it.
    inTime.abort()
  }
}

/** A port for media that cannot be had. Its message says what to do. */
class MediaPortTaken extends Error {
  constructor(port: number, ip: string, cause: unknown) {
    super(`Port ${port} on ${ip} cannot be opened for media, UDP and TCP: stop what has it, or set MEDIA_PORT.`, {
      cause,
    })
    this.name = 'MediaPortTaken'
  }
}

/** Opens the worker's UDP and TCP port, again and again for a while: whoever had it last may just be ending. */
async function bind(worker: types.Worker, port: number, parts: WorkerParts): Promise<types.WebRtcServer> {
  const { listenIp, announcedAddress } = parts.settings
  const announced = announcedAddress === listenIp ? {} : { announcedAddress }
  const listenInfos = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip: listenIp, port, ...announced }))
  const untilMs = performance.now() + parts.limits.bindMs
  for (;;) {
    try {
      return await worker.createWebRtcServer({ listenInfos })
    } catch (error) {
      if (worker.closed || performance.now() > untilMs) {
        throw new MediaPortTaken(port, listenIp, error)
      }
      await delay(50)
    }
  }
}
