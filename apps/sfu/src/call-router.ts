/**
 * One router of a call, on one worker, with what the legs on it share: the source of the channel that warms receive
 * transports up, and the ear for sound levels. What comes in elsewhere in the call is piped here when it is first asked
 * for, once, and ends with where it comes from.
 */
import type { types } from 'mediasoup'
import type { LegId, ProducerId } from '@parley/protocol'
import type { SfuLimits } from './limits.ts'
import type { MediaWorker } from './media-worker.ts'
import type { SentTrack } from './sent-track.ts'
import type { PortRange } from './settings.ts'

/** Who is how loud, in dBov. */
export type Level = { legId: LegId; dbov: number }

type Parts = { limits: SfuLimits; plainPorts: PortRange }
type Ears = { levels: (levels: Level[]) => void; lost: (place: CallRouter) => void }

/** More than are ever heard at once, so that who is chosen among them does not change with every breath. */
const mostLevels = 32

export class CallRouter {
  readonly worker: MediaWorker
  readonly router: types.Router
  readonly warmth: types.DataProducer
  readonly #levels: types.AudioLevelObserver
  readonly #plainPorts: PortRange
  /** Who sends what is listened to. */
  readonly #speakers = new Map<string, LegId>()
  readonly #piped = new Map<ProducerId, Promise<unknown>>()
  /** How many legs are on it. */
  legs = 0

  /** `lost` is called when the worker dies. */
  static async open(worker: MediaWorker, { limits, plainPorts }: Parts, ears: Ears): Promise<CallRouter> {
    const router = await worker.openRouter()
    try {
      const [warmth, levels] = await Promise.all([
        openWarmth(router),
        router.createAudioLevelObserver({
          maxEntries: mostLevels,
          threshold: limits.speechDbov,
          interval: limits.levelsMs,
        }),
      ])
      const place = new CallRouter({ worker, router, warmth, levels, plainPorts })
      levels.on('volumes', (volumes) => ears.levels(place.#levelsOf(volumes)))
      router.once('workerclose', () => ears.lost(place))
      return place
    } catch (error) {
      router.close()
      throw error
    }
  }

  private constructor(parts: {
    worker: MediaWorker
    router: types.Router
    warmth: types.DataProducer
    levels: types.AudioLevelObserver
    plainPorts: PortRange
  }) {
    this.worker = parts.worker
    this.router = parts.router
    this.warmth = parts.warmth
    this.#levels = parts.levels
    this.#plainPorts = parts.plainPorts
  }

  get server(): types.WebRtcServer {
    return this.worker.server
  }

  /** Listens to how loud a sound is that comes in on this router, for as long as there is one. */
  async listenTo({ id, legId }: SentTrack, producer: types.Producer): Promise<void> {
    this.#speakers.set(id, legId)
    producer.observer.once('close', () => this.#speakers.delete(id))
    await this.#levels.addProducer({ producerId: id })
  }

  /** Has a track of the call be there to be consumed on this router. */
  async bring({ id, router }: SentTrack): Promise<void> {
    if (router === this.router) return
    let piped = this.#piped.get(id)
    if (piped === undefined) {
      piped = this.#pipe(id, router)
      this.#piped.set(id, piped)
      piped.catch(() => this.#piped.delete(id))
    }
    await piped
  }

  close(): void {
    this.router.close()
  }

  async #pipe(producerId: ProducerId, from: types.Router): Promise<void> {
    const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1', portRange: this.#plainPorts }
    const { pipeProducer } = await from.pipeToRouter({ producerId, router: this.router, listenInfo, enableSctp: false })
    pipeProducer?.observer.once('close', () => this.#piped.delete(producerId))
  }

  #levelsOf(volumes: types.AudioLevelObserverVolume[]): Level[] {
    return volumes.flatMap(({ producer, volume: dbov }) => {
      const legId = this.#speakers.get(producer.id)
      return legId === undefined ? [] : [{ legId, dbov }]
    })
  }
}

/**
 * The source of a data channel on which nothing is ever said: setting it up takes a receive transport through ICE, DTLS
 * and SCTP while there is nothing to hear yet.
 */
async function openWarmth(router: types.Router): Promise<types.DataProducer> {
  const transport = await router.createDirectTransport()
  return transport.produceData({ label: 'warmth' })
}
