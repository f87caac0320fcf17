/**
 * One call's media: a router on one worker, and the legs on it. Orders about a call come one at a time. What one leg
 * begins or ends to send is told to the others here.
 */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import { Refused, type CallId, type JoinedMedia, type LegId, type OrderBody, type OrderResult } from '@parley/protocol'
import { LegMedia, type LegParts, type MediaFacts } from './leg-media.ts'
import type { SfuLimits } from './limits.ts'
import type { MediaWorker } from './media-worker.ts'
import type { SentTrack } from './sent-track.ts'

type Empty = Record<string, never>
type CallParts = { facts: MediaFacts; limits: SfuLimits; log: Logger }

export class CallMedia {
  readonly callId: CallId
  readonly #parts: LegParts
  readonly #legs = new Map<LegId, LegMedia>()

  /** Opens the call's router. `onLost` is called when its worker dies: nothing of the call is left then. */
  static async open(
    callId: CallId,
    worker: MediaWorker,
    parts: CallParts,
    onLost: (call: CallMedia) => void,
  ): Promise<CallMedia> {
    const router = await worker.openRouter()
    try {
      const warmth = await openWarmth(router)
      const call = new CallMedia(callId, { ...parts, router, warmth, server: worker.server })
      router.once('workerclose', () => onLost(call))
      return call
    } catch (error) {
      router.close()
      throw error
    }
  }

  private constructor(callId: CallId, parts: LegParts) {
    this.callId = callId
    this.#parts = parts
  }

  get legs(): LegMedia[] {
    return [...this.#legs.values()]
  }

  /** @throws {Refused} staleMedia for a generation that is older than what there is */
  async openLeg(order: OrderBody<'openLeg'>): Promise<JoinedMedia> {
    const there = this.#legs.get(order.legId)
    if (there !== undefined) {
      if (order.generation < there.built.generation) throw new Refused('staleMedia')
      if (order.generation === there.built.generation) {
        await this.#grant(there, order)
        return there.joined
      }
      this.closeLeg(order.legId)
    }
    const leg = await LegMedia.open(order, this.#parts, this.#tracksFor(order.legId))
    this.#legs.set(order.legId, leg)
    return leg.joined
  }

  async setGrant(order: OrderBody<'setGrant'>): Promise<Empty> {
    const leg = this.#legs.get(order.legId)
    if (leg !== undefined) await this.#grant(leg, order)
    return {}
  }

  closeLeg(legId: LegId): void {
    const leg = this.#legs.get(legId)
    if (leg === undefined) return
    this.#legs.delete(legId)
    const { tracks } = leg
    leg.close()
    this.#tellEnded(tracks)
  }

  async send(order: OrderBody<'send'>): Promise<OrderResult<'send'>> {
    const leg = this.#leg(order)
    const { id, added } = await leg.send(order)
    if (added !== undefined) await this.#tellBegun(added)
    return { id }
  }

  async receive(order: OrderBody<'receive'>): Promise<Empty> {
    await this.#leg(order).receive(order)
    return {}
  }

  async unsend(order: OrderBody<'unsend'>): Promise<Empty> {
    const ended = this.#leg(order).unsend(order.producerId)
    if (ended !== undefined) this.#tellEnded([ended])
    return {}
  }

  async watch(order: OrderBody<'watch'>): Promise<OrderResult<'watch'>> {
    const leg = this.#leg(order)
    const track = this.#tracksFor(order.legId).find(({ id, source }) => id === order.streamId && source === 'camera')
    if (track === undefined) throw new Refused('unknownMedia', { path: 'streamId' })
    return { consumer: await leg.watch(track) }
  }

  async size(order: OrderBody<'size'>): Promise<Empty> {
    await this.#leg(order).size(order)
    return {}
  }

  async unwatch(order: OrderBody<'unwatch'>): Promise<Empty> {
    this.#leg(order).unwatch(order)
    return {}
  }

  /** Closes all legs and the router. Nobody is told. */
  close(): void {
    for (const leg of this.#legs.values()) leg.close()
    this.#legs.clear()
    this.#parts.router.close()
  }

  async #grant(leg: LegMedia, { version, grant }: OrderBody<'setGrant'>): Promise<void> {
    this.#tellEnded(leg.grant(version, grant))
    await leg.settle()
  }

  /** The leg, as the client who gave this order knows it. @throws {Refused} unknownMedia, staleMedia */
  #leg({ legId, generation }: { legId: LegId; generation: number }): LegMedia {
    const leg = this.#legs.get(legId)
    if (leg === undefined || generation > leg.built.generation)
      throw new Refused('unknownMedia', { path: 'generation' })
    if (generation < leg.built.generation) throw new Refused('staleMedia')
    return leg
  }

  #tracksFor(legId: LegId): SentTrack[] {
    return this.legs.filter(({ built }) => built.legId !== legId).flatMap(({ tracks }) => tracks)
  }

  async #tellBegun(track: SentTrack): Promise<void> {
    const others = this.legs.filter(({ built }) => built.legId !== track.legId)
    await Promise.all(others.map((leg) => leg.hearOf(track)))
  }

  #tellEnded(tracks: SentTrack[]): void {
    for (const track of tracks) {
      for (const leg of this.legs) if (leg.built.legId !== track.legId) leg.ended(track)
    }
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
