/** What one leg sends: at most one producer for each source, and one data producer that brings the transport up. */
import { isDeepStrictEqual } from 'node:util'
import type { types } from 'mediasoup'
import {
  ProducerId,
  Refused,
  type Grant,
  type LegId,
  type OrderBody,
  type SctpStreamParameters,
  type Source,
} from '@parley/protocol'
import type { CallRouter } from './call-router.ts'
import { EndedIds } from './ended-ids.ts'
import type { LegTransport } from './leg-transport.ts'
import { forMediasoup, withClientsParameters } from './mediasoup-shapes.ts'
import { isSound, kindOf, type SentTrack, type Sound } from './sent-track.ts'

type Offered = NonNullable<OrderBody<'send'>['track']>
type Sent = { track: SentTrack; producer: types.Producer }
type WarmUp = { id: string; parameters: SctpStreamParameters }

export class LegSending {
  readonly #legId: LegId
  readonly #place: CallRouter
  readonly #line: LegTransport
  readonly #sent = new Map<Source, Sent>()
  readonly #ended = new EndedIds()
  #grant: Grant
  #warmUp: WarmUp | undefined

  constructor(legId: LegId, place: CallRouter, line: LegTransport, grant: Grant) {
    this.#legId = legId
    this.#place = place
    this.#line = line
    this.#grant = grant
  }

  get tracks(): SentTrack[] {
    return [...this.#sent.values()].map(({ track }) => track)
  }

  /** What the microphone sends. */
  get sound(): Sound | undefined {
    const sent = this.#sent.get('microphone')
    return sent && { track: sent.track, isMuted: this.#isPaused('microphone') }
  }

  /**
   * Starts to take a track. The same one again is the one that is there.
   *
   * @throws {Refused} mediaRefused, badMedia
   */
  async send(
    offered: Offered,
    dtls: OrderBody<'send'>['dtlsParameters'],
  ): Promise<{ track: SentTrack; isNew: boolean }> {
    const { source, kind, rtpParameters } = offered
    if (!this.#grant.send.includes(source)) throw new Refused('mediaRefused', { path: 'track.source' })
    if (kind !== kindOf[source])
      throw new Refused('badMedia', { path: 'track.kind', detail: `A ${source} is no ${kind}.` })
    // A worker does not mind, but whoever is to hear a picture can make nothing of it.
    if (!rtpParameters.codecs.every(({ mimeType }) => mimeType.toLowerCase().startsWith(`${kind}/`))) {
      throw new Refused('badMedia', { path: 'track.rtpParameters.codecs', detail: `Not all of them are for ${kind}.` })
    }
    const there = this.#sent.get(source)
    if (there !== undefined && !isDeepStrictEqual(there.track.rtpParameters, rtpParameters)) {
      throw new Refused('badMedia', { path: 'track.source', detail: `There is a ${source} already.` })
    }
    if (dtls !== undefined) await this.#line.connect(dtls)
    if (there !== undefined) return { track: there.track, isNew: false }

    const options = {
      kind,
      rtpParameters: forMediasoup.rtpParameters(rtpParameters),
      paused: this.#isPaused(source),
    }
    const producer = await withClientsParameters(() => this.#line.transport.produce(options))
    const { router } = this.#place
    const track = { id: ProducerId.parse(producer.id), legId: this.#legId, source, rtpParameters, router }
    this.#sent.set(source, { track, producer })
    if (isSound(track)) await this.#place.listenTo(track, producer)
    return { track, isNew: true }
  }

  /** Opens the data channel that brings the transport up before there is a track. @throws {Refused} badMedia */
  async warmUp(parameters: SctpStreamParameters, dtls: OrderBody<'send'>['dtlsParameters']): Promise<string> {
    if (this.#warmUp !== undefined && !isDeepStrictEqual(this.#warmUp.parameters, parameters)) {
      throw new Refused('badMedia', { path: 'data', detail: 'There is a data producer already.' })
    }
    if (dtls !== undefined) await this.#line.connect(dtls)
    if (this.#warmUp !== undefined) return this.#warmUp.id

    const options = { sctpStreamParameters: forMediasoup.sctpStreamParameters(parameters) }
    const { id } = await withClientsParameters(() => this.#line.transport.produceData(options))
    this.#warmUp = { id, parameters }
    return id
  }

  /** Ends a track; undefined when it had ended before. @throws {Refused} unknownMedia */
  unsend(id: ProducerId): SentTrack | undefined {
    const sent = [...this.#sent.values()].find(({ track }) => track.id === id)
    if (sent !== undefined) return this.#end(sent)
    if (this.#ended.has(id)) return undefined
    throw new Refused('unknownMedia', { path: 'producerId' })
  }

  /** Ends what the new grant does not allow and gives it back; *settle* does the rest. */
  revoke(grant: Grant): SentTrack[] {
    this.#grant = grant
    const revoked = [...this.#sent.values()].filter(({ track }) => !grant.send.includes(track.source))
    return revoked.map((sent) => this.#end(sent))
  }

  /** Pauses and resumes what is left as the grant says. */
  async settle(): Promise<void> {
    await Promise.all([...this.#sent.values()].map((sent) => this.#settle(sent)))
  }

  async #settle({ track, producer }: Sent): Promise<void> {
    const isPaused = this.#isPaused(track.source)
    if (isPaused && !producer.paused) await producer.pause()
    if (!isPaused && producer.paused) await producer.resume()
  }

  #isPaused(source: Source): boolean {
    return this.#grant.paused.includes(source)
  }

  #end({ track, producer }: Sent): SentTrack {
    this.#sent.delete(track.source)
    this.#ended.add(track.id)
    producer.close()
    return track
  }
}
