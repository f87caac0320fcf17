/**
 * One leg's media, as one generation of it was built: a transport to send and one to receive, what goes over them, and
 * what the leg may do. It knows no other leg; its call tells it what there is to hear and see.
 */
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import {
  Refused,
  type AgentEvent,
  type CallId,
  type ConsumerOptions,
  type Grant,
  type JoinedMedia,
  type LegId,
  type OrderBody,
  type ProducerId,
  type SessionId,
} from '@parley/protocol'
import { Connectivity } from './connectivity.ts'
import { LegReceiving } from './leg-receiving.ts'
import { LegSending } from './leg-sending.ts'
import { LegTransport } from './leg-transport.ts'
import type { SfuLimits } from './limits.ts'
import { isSound, viewOf, type SentTrack } from './sent-track.ts'

/** One build of a leg's media. */
export type Built = { callId: CallId; legId: LegId; generation: number }

/** Where media tells what has happened to it. Telling does not throw. */
export type MediaFacts = {
  legUp(leg: Built): void
  legLost(leg: Built): void
  /** An event for the agent whose leg this is. */
  event(session: SessionId, event: AgentEvent): void
}

/** What a leg needs of its call. */
export type LegParts = {
  router: types.Router
  server: types.WebRtcServer
  /** The data producer whose consumers bring receive transports up before there is a sound. */
  warmth: types.DataProducer
  facts: MediaFacts
  limits: SfuLimits
  log: Logger
}

type OpenLeg = OrderBody<'openLeg'>
type Opened = { send: LegTransport; receive: LegTransport; receiving: LegReceiving; joined: JoinedMedia }

export class LegMedia {
  readonly built: Built
  /** The answer to the order that opened this leg. */
  readonly joined: JoinedMedia
  readonly #session: SessionId
  readonly #lines: readonly LegTransport[]
  readonly #sending: LegSending
  readonly #receiving: LegReceiving
  readonly #connectivity: Connectivity
  readonly #facts: MediaFacts
  readonly #log: Logger
  #grant: Grant
  #version: number

  /** Opens both transports, with a consumer for each sound among `tracks`, which are those of the other legs. */
  static async open(order: OpenLeg, parts: LegParts, tracks: SentTrack[]): Promise<LegMedia> {
    const lines: LegTransport[] = []
    const openLine = async (): Promise<LegTransport> => {
      const line = await LegTransport.open(parts.router, parts.server, parts.limits)
      lines.push(line)
      return line
    }
    try {
      const send = await openLine()
      const receive = await openLine()
      return new LegMedia(order, parts, await join(order, parts, tracks, send, receive))
    } catch (error) {
      for (const line of lines) line.close()
      throw error
    }
  }

  private constructor(order: OpenLeg, parts: LegParts, { send, receive, receiving, joined }: Opened) {
    const { callId, legId, generation } = order
    this.built = { callId, legId, generation }
    this.joined = joined
    this.#session = order.session
    this.#grant = order.grant
    this.#version = order.version
    this.#lines = [send, receive]
    this.#sending = new LegSending(legId, send, order.grant)
    this.#receiving = receiving
    this.#facts = parts.facts
    this.#log = parts.log.child(this.built)
    this.#connectivity = new Connectivity([send.transport, receive.transport], parts.limits.iceGraceMs, {
      up: () => this.#facts.legUp(this.built),
      lost: () => this.#facts.legLost(this.built),
    })
    this.#log.info('leg.opened')
  }

  /** What the leg sends to the others. */
  get tracks(): SentTrack[] {
    return this.#sending.tracks
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

  /** Takes what the leg may do from now on, unless it has heard newer; gives back the tracks that end with it. */
  grant(version: number, grant: Grant): SentTrack[] {
    if (version < this.#version) return []
    this.#version = version
    this.#grant = grant
    return this.#sending.revoke(grant)
  }

  /** Pauses and resumes everything as the grant says. */
  async settle(): Promise<void> {
    await Promise.all([this.#sending.settle(), this.#receiving.permit(this.#grant.receive)])
  }

  /** Another leg has begun to send: a sound gets its consumer at once, a picture waits until somebody looks. */
  async hearOf(track: SentTrack): Promise<void> {
    if (!isSound(track)) return this.#tellStreams({ added: [viewOf(track)], removed: [] })
    // A sound needs no key frame: it flows at once over a transport that is there, a round trip earlier than asked for.
    const consumer = await this.#receiving.hear(track, this.#receiving.isConnected)
    if (consumer === undefined) return
    const { callId, generation } = this.built
    this.#facts.event(this.#session, { event: 'media.consumer', body: { callId, generation, consumer } })
  }

  /** A track of another leg has ended. */
  ended(track: SentTrack): void {
    const consumerId = this.#receiving.ended(track)
    const { callId, generation } = this.built
    if (consumerId !== undefined) {
      this.#facts.event(this.#session, { event: 'media.consumerClosed', body: { callId, generation, consumerId } })
    }
    if (!isSound(track)) this.#tellStreams({ added: [], removed: [track.id] })
  }

  /** The consumer of a picture: one, however often it is asked for. @throws {Refused} tooMany, badMedia */
  async watch(track: SentTrack): Promise<ConsumerOptions> {
    if (!this.#receiving.has(track)) {
      if (this.#receiving.isFull) throw new Refused('tooMany', { detail: 'Stop watching another picture first.' })
      if (!this.#receiving.canConsume(track)) throw new Refused('badMedia', { detail: 'This device cannot decode it.' })
    }
    return this.#receiving.consume(track, false)
  }

  size({ consumerId, width, height }: OrderBody<'size'>): Promise<void> {
    return this.#receiving.size(consumerId, { width, height })
  }

  unwatch({ consumerId }: OrderBody<'unwatch'>): void {
    this.#receiving.unwatch(consumerId)
  }

  /** Closes the transports and all that goes over them. Nothing is reported of this leg any more. */
  close(): void {
    this.#connectivity.close()
    for (const line of this.#lines) line.close()
    this.#log.info('leg.closed')
  }

  #tellStreams(streams: { added: ReturnType<typeof viewOf>[]; removed: ProducerId[] }): void {
    const { callId, generation } = this.built
    this.#facts.event(this.#session, { event: 'media.streams', body: { callId, generation, ...streams } })
  }
}

/** Makes the answer to *openLeg*: what the client builds its side from, and what there is to hear and see. */
async function join(
  { legId, generation, grant, rtpCapabilities }: OpenLeg,
  { router, limits, warmth, log }: LegParts,
  tracks: SentTrack[],
  send: LegTransport,
  receive: LegTransport,
): Promise<Opened> {
  const options = { grant, rtpCapabilities, most: limits.consumersPerLeg, log: log.child({ legId }) }
  const receiving = new LegReceiving(router, receive, options)
  const sounds = tracks.filter(isSound).slice(0, limits.consumersPerLeg)
  const [consumers, heat] = await Promise.all([
    Promise.all(sounds.map((track) => receiving.hear(track, false))),
    receive.transport.consumeData({ dataProducerId: warmth.id }),
  ])
  const { id, dataProducerId, sctpStreamParameters = {}, label, protocol } = heat
  const joined = {
    generation,
    send: send.options,
    receive: receive.options,
    consumers: consumers.filter((consumer) => consumer !== undefined),
    warmth: { id, dataProducerId, sctpStreamParameters, label, protocol },
    streams: tracks.filter((track) => !isSound(track)).map(viewOf),
  }
  return { send, receive, receiving, joined }
}
