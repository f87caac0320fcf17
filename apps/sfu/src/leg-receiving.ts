/**
 * What one leg hears and sees: its consumers. One flows when three agree: the grant lets the leg receive, the client has
 * set it up, and it is wanted: a picture is shown, a sound is among those that are heard in the call. The sounds that are
 * not, of people who spoke before, are kept paused for their next turn, but not for ever.
 */
import { errors, type types } from 'mediasoup'
import type { Logger } from 'pino'
import {
  ConsumerId,
  Refused,
  type ConsumerOptions,
  type Grant,
  type ProducerId,
  type RtpCapabilities,
} from '@parley/protocol'
import type { CallRouter } from './call-router.ts'
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
  isWanted: boolean
}

/** How many consumers there may be, and how many sounds among them. */
type Most = { consumers: number; sounds: number }

export class LegReceiving {
  readonly #place: CallRouter
  readonly #line: LegTransport
  readonly #rtpCapabilities: types.RtpCapabilities
  readonly #most: Most
  readonly #log: Logger
  readonly #received = new Map<ConsumerId, Received>()
  readonly #ended = new EndedIds()
  #mayReceive: boolean

  constructor(
    place: CallRouter,
    line: LegTransport,
    options: { grant: Grant; rtpCapabilities: RtpCapabilities; most: Most; log: Logger },
  ) {
    this.#place = place
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
    return this.#received.size >= this.#most.consumers
  }

  has(track: SentTrack): boolean {
    return this.#consumerOf(track.id) !== undefined
  }

  async canConsume(track: SentTrack): Promise<boolean> {
    await this.#place.bring(track)
    return this.#place.router.canConsume({ producerId: track.id, rtpCapabilities: this.#rtpCapabilities })
  }

  /**
   * The new consumer of a sound that is to be heard; undefined where there is one already, which flows again, and where
   * this leg gets none: what one leg sends must not keep another out. `isSetUp`: it need not wait for *receive*.
   */
  async hear(track: SentTrack, isSetUp: boolean): Promise<ConsumerOptions | undefined> {
    try {
      const there = this.#consumerOf(track.id)
      if (there !== undefined) {
        await this.#want(there, true)
        return undefined
      }
      if (!this.isFull && (await this.canConsume(track))) return await this.consume(track, isSetUp)
      this.#log.warn({ from: track.legId, isFull: this.isFull }, 'leg.cannot_hear')
    } catch (error) {
      // With the worker the leg has gone as well, which is told of its own.
      const level = error instanceof errors.WorkerClosedError ? 'debug' : 'error'
      this.#log[level]({ from: track.legId, err: error }, 'leg.cannot_hear')
    }
    return undefined
  }

  /** A sound is not to be heard for now. Gives back the consumers that are kept no longer. */
  async mute(track: SentTrack): Promise<ConsumerId[]> {
    const received = this.#consumerOf(track.id)
    if (received === undefined) return []
    // The latest to be muted is the last to be closed.
    this.#received.delete(received.id)
    this.#received.set(received.id, received)
    await this.#want(received, false)
    const sounds = [...this.#received.values()].filter(({ consumer }) => consumer.kind === 'audio')
    const waiting = sounds.filter(({ isWanted }) => !isWanted)
    const closing = waiting.slice(0, Math.max(0, sounds.length - this.#most.sounds))
    for (const one of closing) this.#close(one)
    return closing.map(({ id }) => id)
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
    const received = { id: ConsumerId.parse(consumer.id), track, consumer, isSetUp, isWanted: true }
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
    const received = this.#findPicture(id)
    if (received === undefined) return
    const isShown = view.width > 0 && view.height > 0
    const { consumer, track } = received
    if (isShown && consumer.type === 'simulcast') {
      await consumer.setPreferredLayers({ spatialLayer: layerFor(view, track.rtpParameters.encodings ?? []) })
    }
    await this.#want(received, isShown)
  }

  /** Ends a picture that the client does not want any more. @throws {Refused} unknownMedia, as for a sound */
  unwatch(id: ConsumerId): void {
    const received = this.#findPicture(id)
    if (received !== undefined) this.#close(received)
  }

  /** The track has ended, and with it its consumer, which mediasoup has closed; undefined when there was none. */
  ended(track: SentTrack): ConsumerId | undefined {
    const received = this.#consumerOf(track.id)
    if (received === undefined) return undefined
    this.#forget(received)
    return received.id
  }

  async #want(received: Received, isWanted: boolean): Promise<void> {
    received.isWanted = isWanted
    await this.#settle(received)
  }

  async #settle({ consumer, isSetUp, isWanted }: Received): Promise<void> {
    const flows = this.#mayReceive && isSetUp && isWanted
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

  #findPicture(id: ConsumerId): Received | undefined {
    const received = this.#find(id)
    if (received?.consumer.kind === 'audio') throw new Refused('unknownMedia', { path: 'consumerId' })
    return received
  }

  #close(received: Received): void {
    this.#forget(received)
    received.consumer.close()
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
