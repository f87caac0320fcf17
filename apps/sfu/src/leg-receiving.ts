/**
 * What one leg hears and sees: its consumers. One flows when three agree: the grant lets the leg receive, the client has
 * set it up, and the picture is shown.
 */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import {
  ConsumerId,
  Refused,
  type ConsumerOptions,
  type Grant,
  type ProducerId,
  type RtpCapabilities,
} from '@parley/protocol'
import { EndedIds } from './ended-ids.ts'
import type { LegTransport } from './leg-transport.ts'
import { forMediasoup } from './mediasoup-shapes.ts'
import { layerFor } from './picture-layer.ts'
import type { SentTrack } from './sent-track.ts'

type Received = {
  readonly id: ConsumerId
  readonly track: SentTrack
  readonly consumer: types.Consumer
  isSetUp: boolean
  isShown: boolean
}

export class LegReceiving {
  readonly #router: types.Router
  readonly #line: LegTransport
  readonly #rtpCapabilities: types.RtpCapabilities
  readonly #most: number
  readonly #log: Logger
  readonly #received = new Map<ConsumerId, Received>()
  readonly #ended = new EndedIds()
  #mayReceive: boolean

  constructor(
    router: types.Router,
    line: LegTransport,
    options: { grant: Grant; rtpCapabilities: RtpCapabilities; most: number; log: Logger },
  ) {
    this.#router = router
    this.#line = line
    this.#rtpCapabilities = forMediasoup.rtpCapabilities(options.rtpCapabilities)
    this.#most = options.most
    this.#mayReceive = options.grant.receive
    this.#log = options.log
  }

  get isConnected(): boolean {
    return this.#line.isConnected
  }

  get isFull(): boolean {
    return this.#received.size >= this.#most
  }

  has(track: SentTrack): boolean {
    return this.#consumerOf(track.id) !== undefined
  }

  canConsume(track: SentTrack): boolean {
    return this.#router.canConsume({ producerId: track.id, rtpCapabilities: this.#rtpCapabilities })
  }

  /**
   * The consumer of a sound, or undefined where this leg gets none: what one leg sends must not keep another out.
   * `isSetUp`: it need not wait for the client's *receive*.
   */
  async hear(track: SentTrack, isSetUp: boolean): Promise<ConsumerOptions | undefined> {
    try {
      if (!this.isFull && this.canConsume(track)) return await this.consume(track, isSetUp)
      this.#log.warn({ from: track.legId, isFull: this.isFull }, 'leg.cannot_hear')
    } catch (error) {
      this.#log.error({ from: track.legId, err: error }, 'leg.cannot_hear')
    }
    return undefined
  }

  /** The consumer of a track, made when there is none yet. */
  async consume(track: SentTrack, isSetUp: boolean): Promise<ConsumerOptions> {
    const there = this.#consumerOf(track.id)
    if (there !== undefined) return optionsOf(there)
    const consumer = await this.#line.transport.consume({
      producerId: track.id,
      rtpCapabilities: this.#rtpCapabilities,
      paused: !(isSetUp && this.#mayReceive),
    })
    const received = { id: ConsumerId.parse(consumer.id), track, consumer, isSetUp, isShown: true }
    this.#received.set(received.id, received)
    return optionsOf(received)
  }

  /** Takes the client's word that it has set these up. @throws {Refused} unknownMedia, badMedia: nothing is changed */
  async receive(ids: ConsumerId[], dtlsParameters: Parameters<LegTransport['connect']>[0] | undefined): Promise<void> {
    const named = ids.map((id) => this.#find(id, 'resume'))
    if (dtlsParameters !== undefined) await this.#line.connect(dtlsParameters)
    const here = named.filter((received) => received !== undefined)
    for (const received of here) received.isSetUp = true
    await Promise.all(here.map((received) => this.#settle(received)))
  }

  /** Lets flow, or pauses, all consumers. */
  async permit(mayReceive: boolean): Promise<void> {
    this.#mayReceive = mayReceive
    await Promise.all([...this.#received.values()].map((received) => this.#settle(received)))
  }

  /** Takes the size in which a picture is shown; nothing is sent of one without any. @throws {Refused} unknownMedia */
  async size(id: ConsumerId, view: { width: number; height: number }): Promise<void> {
    const received = this.#find(id)
    if (received === undefined) return
    received.isShown = view.width > 0 && view.height > 0
    const { consumer, track } = received
    if (received.isShown && consumer.type === 'simulcast') {
      await consumer.setPreferredLayers({ spatialLayer: layerFor(view, track.rtpParameters.encodings ?? []) })
    }
    await this.#settle(received)
  }

  /** Ends a picture that the client does not want any more. @throws {Refused} unknownMedia, as for a sound */
  unwatch(id: ConsumerId): void {
    const received = this.#find(id)
    if (received === undefined) return
    if (received.consumer.kind !== 'video') throw new Refused('unknownMedia', { path: 'consumerId' })
    this.#forget(received)
    received.consumer.close()
  }

  /** The track has ended, and with it its consumer, which mediasoup has closed; undefined when there was none. */
  ended(track: SentTrack): ConsumerId | undefined {
    const received = this.#consumerOf(track.id)
    if (received === undefined) return undefined
    this.#forget(received)
    return received.id
  }

  async #settle({ consumer, isSetUp, isShown }: Received): Promise<void> {
    const flows = this.#mayReceive && isSetUp && isShown
    // Resuming a picture has mediasoup ask its sender for a key frame.
    if (flows && consumer.paused) await consumer.resume()
    if (!flows && !consumer.paused) await consumer.pause()
  }

  #consumerOf(producerId: ProducerId): Received | undefined {
    return [...this.#received.values()].find(({ track }) => track.id === producerId)
  }

  /** A consumer of this leg; undefined when it has ended. */
  #find(id: ConsumerId, path = 'consumerId'): Received | undefined {
    const received = this.#received.get(id)
    if (received === undefined && !this.#ended.has(id)) throw new Refused('unknownMedia', { path })
    return received
  }

  #forget({ id }: Received): void {
    this.#received.delete(id)
    this.#ended.add(id)
  }
}

function optionsOf({ id, track, consumer }: Received): ConsumerOptions {
  const { kind, rtpParameters } = consumer
  return { id, producerId: track.id, kind, rtpParameters, legId: track.legId, source: track.source }
}
