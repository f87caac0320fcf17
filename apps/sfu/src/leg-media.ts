/**
 * A client's leg, as one generation of it was built: its transports, what goes over them, and what the leg may do. It
 * knows no other leg; its call tells it what there is to hear and see.
 */
import type { Logger } from 'pino'
import {
  Refused,
  type AgentEvent,
  type CallId,
  type ConsumerOptions,
  type Grant,
  type OrderBody,
  type ProducerId,
  type RtpCapabilities,
  type SessionId,
  type StreamView,
} from '@parley/protocol'
import type { Built, CallLeg, MediaFacts, SpeakersView } from './call-leg.ts'
import type { CallRouter } from './call-router.ts'
import { LegReceiving } from './leg-receiving.ts'
import { LegSending } from './leg-sending.ts'
import type { LegLines, Watch } from './leg-transport.ts'
import type { SfuLimits } from './limits.ts'
import { isSound, viewOf, type SentTrack, type Sound } from './sent-track.ts'

/** What a leg needs of its call. */
export type LegParts = { facts: MediaFacts; limits: SfuLimits; log: Logger }

/** What all orders say that open a client's leg. */
type Order = Built & { version: number; session: SessionId; grant: Grant; rtpCapabilities: RtpCapabilities }

/** The answer to such an order: what the client builds its side from, and what there is to hear and see. */
type Joined<Opened> = Opened & { generation: number; consumers: ConsumerOptions[]; streams: StreamView[] }

export class LegMedia<Opened> implements CallLeg {
  readonly built: Built
  readonly place: CallRouter
  /** The answer to the order that opened this leg. */
  readonly joined: Joined<Opened>
  readonly #session: SessionId
  readonly #lines: LegLines<Opened>
  readonly #sending: LegSending
  readonly #receiving: LegReceiving
  readonly #watch: Watch
  readonly #facts: MediaFacts
  readonly #log: Logger
  #grant: Grant
  #version: number
  #isUp = false

  /** Takes over its transports. `sounds` and `pictures` are those of the other legs: each sound gets its consumer. */
  static async open<Opened>(
    order: Order,
    place: CallRouter,
    lines: LegLines<Opened>,
    parts: LegParts,
    { sounds, pictures }: { sounds: SentTrack[]; pictures: SentTrack[] },
  ): Promise<LegMedia<Opened>> {
    try {
      const { grant, rtpCapabilities, legId, generation } = order
      const most = { consumers: parts.limits.consumersPerLeg, sounds: parts.limits.soundsKept }
      const options = { grant, rtpCapabilities, most, log: parts.log.child({ legId }) }
      const receiving = new LegReceiving(place, lines.receive, options)
      const consumers = await Promise.all(sounds.map((track) => receiving.hear(track, false)))
      const joined = {
        ...lines.opened,
        generation,
        consumers: consumers.filter((consumer) => consumer !== undefined),
        streams: pictures.map(viewOf),
      }
      return new LegMedia(order, place, lines, parts, receiving, joined)
    } catch (error) {
      lines.close()
      throw error
    }
  }

  private constructor(
    order: Order,
    place: CallRouter,
    lines: LegLines<Opened>,
    parts: LegParts,
    receiving: LegReceiving,
    joined: Joined<Opened>,
  ) {
    const { callId, legId, generation } = order
    this.built = { callId, legId, generation }
    this.place = place
    this.joined = joined
    this.#session = order.session
    this.#grant = order.grant
    this.#version = order.version
    this.#lines = lines
    this.#sending = new LegSending(legId, place, lines.send, order.grant)
    this.#receiving = receiving
    this.#facts = parts.facts
    this.#log = parts.log.child(this.built)
    this.#watch = lines.watch({ up: () => this.#rise(), lost: () => this.#fall() })
    this.#log.info('leg.opened')
  }

  get kind(): 'webRtc' | 'plain' {
    return this.#lines.kind
  }

  get isUp(): boolean {
    return this.#isUp
  }

  get mayReceive(): boolean {
    return this.#grant.receive
  }

  get tracks(): SentTrack[] {
    return this.#sending.tracks
  }

  get sound(): Sound | undefined {
    return this.#sending.sound
  }

  /** Takes a track, or data that warms the transport up; `added` when the others have to hear of it. */
  async send({ track, data, dtlsParameters }: OrderBody<'send'>): Promise<{ id: string; added?: SentTrack }> {
    if (track !== undefined && data === undefined) {
      const sent = await this.#sending.send(track, dtlsParameters)
      return { id: sent.track.id, ...(sent.isNew ? { added: sent.track } : {}) }
    }
    if (data !== undefined && track === undefined) return { id: await this.#sending.warmUp(data, dtlsParameters) }
    throw new Refused('badMedia', { detail: 'One of track and data is sent at a time.' })
  }

  async receive({ dtlsParameters, resume }: OrderBody<'receive'>): Promise<void> {
    await this.#receiving.receive(resume, dtlsParameters)
  }

  /** Ends a track and gives it back; undefined when it had ended before. @throws {Refused} unknownMedia */
  unsend(producerId: ProducerId): SentTrack | undefined {
    return this.#sending.unsend(producerId)
  }

  grant(version: number, grant: Grant): SentTrack[] {
    if (version < this.#version) return []
    this.#version = version
    this.#grant = grant
    return this.#sending.revoke(grant)
  }

  async settle(): Promise<void> {
    await Promise.all([this.#sending.settle(), this.#receiving.permit(this.#grant.receive)])
  }

  async hear(track: SentTrack): Promise<void> {
    // A sound needs no key frame: it flows at once over a transport that is there, a round trip earlier than asked for.
    const consumer = await this.#receiving.hear(track, this.#receiving.isConnected)
    if (consumer !== undefined) this.#tell({ event: 'media.consumer', body: { ...this.#about, consumer } })
  }

  async mute(track: SentTrack): Promise<void> {
    const closed = await this.#receiving.mute(track)
    for (const consumerId of closed) this.#tell({ event: 'media.consumerClosed', body: { ...this.#about, consumerId } })
  }

  offer(track: SentTrack): void {
    this.#tell({ event: 'media.streams', body: { ...this.#about, added: [viewOf(track)], removed: [] } })
  }

  ended(track: SentTrack): void {
    const consumerId = this.#receiving.ended(track)
    if (consumerId !== undefined) this.#tell({ event: 'media.consumerClosed', body: { ...this.#about, consumerId } })
    if (!isSound(track))
      this.#tell({ event: 'media.streams', body: { ...this.#about, added: [], removed: [track.id] } })
  }

  speakers(view: SpeakersView): void {
    if (this.#grant.receive) this.#tell({ event: 'media.speakers', body: { ...this.#about, ...view } })
  }

  /** The consumer of a picture: one, however often it is asked for. @throws {Refused} tooMany, badMedia */
  async watch(track: SentTrack): Promise<ConsumerOptions> {
    if (!this.#receiving.has(track)) {
      if (this.#receiving.isFull) throw new Refused('tooMany', { detail: 'Stop watching another picture first.' })
      if (!(await this.#receiving.canConsume(track))) {
        throw new Refused('badMedia', { detail: 'This device cannot decode it.' })
      }
    }
    return this.#receiving.consume(track, false)
  }

  size({ consumerId, width, height }: OrderBody<'size'>): Promise<void> {
    return this.#receiving.size(consumerId, { width, height })
  }

  unwatch({ consumerId }: OrderBody<'unwatch'>): void {
    this.#receiving.unwatch(consumerId)
  }

  close(): void {
    this.#watch.close()
    this.#lines.close()
    this.#log.info('leg.closed')
  }

  #rise(): void {
    this.#isUp = true
    this.#facts.legUp(this.built)
  }

  #fall(): void {
    this.#isUp = false
    this.#facts.legLost(this.built)
  }

  /** What each event says of the leg that it is about. */
  get #about(): { callId: CallId; generation: number } {
    const { callId, generation } = this.built
    return { callId, generation }
  }

  #tell(event: AgentEvent): void {
    this.#facts.event(this.#session, event)
  }
}
