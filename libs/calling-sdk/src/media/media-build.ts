/**
 * A leg's media as one generation of it is built: a transport to send, one to receive, and what goes over them.
 *
 * The library asks for two answers where one message will do. Its `connect` is answered here and now, and the DTLS
 * parameters travel with the first thing that is sent, or received, over the transport. Until the server has confirmed
 * one of these they travel along each time: the same parameters again change nothing.
 */
import type { ConsumerId, ConsumerOptions, DtlsParameters, JoinedMedia, RequestBody, Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { failed } from '../calling-error.ts'
import type { Clock } from '../link/clock.ts'
import type { Log } from '../log.ts'
import { encodingOf } from './encodings.ts'
import type { MediaWire } from './media-wire.ts'
import { forLibrary, forWire } from './shapes.ts'

type Parts = { device: types.Device; wire: MediaWire; clock: Clock; log: Log }
type Sending = Pick<RequestBody<'media.send'>, 'track' | 'data'>

/** A browser that has just moved to another network reports a failure that heals by itself. */
const failureGraceMs = 1000
/** By then both transports are connected, over TCP too, or never. */
const connectMs = 10_000

export class MediaBuild {
  readonly generation: number
  readonly #parts: Parts
  readonly #onBroken: () => void
  readonly #send: types.Transport
  readonly #receive: types.Transport
  readonly #dtls: { send?: DtlsParameters; receive?: DtlsParameters } = {}
  readonly #confirmed = { send: false, receive: false }
  #fresh: Promise<ConsumerId | undefined>[] = []
  #isResuming = false
  #isClosed = false
  #stopWaiting: () => void
  #stopGrace: (() => void) | undefined

  /** `broken` is called once when the transports cannot be brought up, or fail for good. */
  constructor(joined: JoinedMedia, parts: Parts, on: { broken(): void }) {
    this.generation = joined.generation
    this.#parts = parts
    this.#onBroken = () => on.broken()
    this.#send = parts.device.createSendTransport(forLibrary.transport(joined.send))
    this.#receive = parts.device.createRecvTransport(forLibrary.transport(joined.receive))
    this.#answerTheLibrary()
    this.#stopWaiting = parts.clock.after(connectMs, () => this.#break('never connected'))
    this.#warmReceiving(joined)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Brings the send transport up before there is a track: with a data channel on which nothing is said. */
  async warmUp(): Promise<void> {
    await this.#send.produceData()
  }

  /** Sends a track. Rejects with the server's refusal; the track stays the caller's. */
  async send(source: Source, track: MediaStreamTrack): Promise<types.Producer> {
    const encoding = encodingOf(source, this.#parts.device.sendRtpCapabilities)
    return this.#send.produce({ track, stopTracks: false, appData: { source }, ...encoding })
  }

  async unsend(producer: types.Producer): Promise<void> {
    producer.close()
    // The server made this id; the library carries it as a plain string.
    const producerId = producer.id as RequestBody<'media.unsend'>['producerId']
    await this.#parts.wire.ask('media.unsend', { generation: this.generation, producerId })
  }

  /** Sets a consumer up and asks for its media. Resolves once it is set up here. */
  async consume(options: ConsumerOptions): Promise<types.Consumer> {
    if (this.#isClosed) throw failed('callOver')
    const consuming = this.#receive.consume(forLibrary.consumer(options))
    this.#askFor(consuming.then(() => options.id))
    return consuming
  }

  async watch(streamId: RequestBody<'media.watch'>['streamId']): Promise<ConsumerOptions> {
    return (await this.#parts.wire.ask('media.watch', { generation: this.generation, streamId })).consumer
  }

  async unwatch(consumerId: ConsumerId): Promise<void> {
    await this.#parts.wire.ask('media.unwatch', { generation: this.generation, consumerId })
  }

  async size(consumerId: ConsumerId, size: { width: number; height: number }): Promise<void> {
    await this.#parts.wire.ask('media.size', { generation: this.generation, consumerId, ...size })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stopWaiting()
    this.#stopGrace?.()
    this.#send.close()
    this.#receive.close()
  }

  /** Brings the receive transport up before there is anything to hear. */
  #warmReceiving({ warmth }: JoinedMedia): void {
    this.#askFor(this.#receive.consumeData(forLibrary.dataConsumer(warmth)).then(() => undefined))
  }

  /** What is set up now shall flow. Whoever set it up hears of a failure; here it is only not asked for. */
  #askFor(settingUp: Promise<ConsumerId | undefined>): void {
    settingUp.catch(() => {})
    this.#fresh.push(settingUp)
    void this.#resume()
  }

  #answerTheLibrary(): void {
    this.#send.on('connect', ({ dtlsParameters }, done) => {
      this.#dtls.send = forWire.dtlsParameters(dtlsParameters)
      done()
    })
    this.#receive.on('connect', ({ dtlsParameters }, done) => {
      this.#dtls.receive = forWire.dtlsParameters(dtlsParameters)
      done()
    })
    this.#send.on('produce', ({ kind, rtpParameters, appData }, done, fail) => {
      // Set in `send`, a few lines up.
      const source = appData['source'] as Source
      void this.#ask({ track: { source, kind, rtpParameters: forWire.rtpParameters(rtpParameters) } }, done, fail)
    })
    this.#send.on('producedata', ({ sctpStreamParameters }, done, fail) => {
      void this.#ask({ data: forWire.sctpStreamParameters(sctpStreamParameters) }, done, fail)
    })
    for (const transport of [this.#send, this.#receive]) {
      transport.on('connectionstatechange', () => this.#connectionChanged())
    }
  }

  async #ask(what: Sending, done: (sent: { id: string }) => void, fail: (error: Error) => void): Promise<void> {
    try {
      const { generation } = this
      const sent = await this.#parts.wire.ask('media.send', { generation, ...this.#withDtls('send'), ...what })
      this.#confirmed.send = true
      done(sent)
    } catch (error) {
      fail(error instanceof Error ? error : failed('badReply', { cause: error }))
    }
  }

  /** Asks for everything that was set up since the last time, in one message after the other. */
  async #resume(): Promise<void> {
    if (this.#isResuming) return
    this.#isResuming = true
    // What is set up in the same turn goes with the same message.
    await Promise.resolve()
    while (this.#fresh.length > 0 && !this.#isClosed) {
      const settled = await Promise.allSettled(this.#fresh.splice(0))
      const resume = settled.flatMap((one) =>
        one.status === 'fulfilled' && one.value !== undefined ? [one.value] : [],
      )
      try {
        const { generation } = this
        await this.#parts.wire.ask('media.receive', { generation, ...this.#withDtls('receive'), resume })
        this.#confirmed.receive = true
      } catch (error) {
        // The transports show what came of it; a build that never connects is replaced.
        this.#parts.log.warn('media.receiveFailed', { generation: this.generation, error })
      }
    }
    this.#isResuming = false
  }

  #withDtls(side: 'send' | 'receive'): { dtlsParameters?: DtlsParameters } {
    const dtlsParameters = this.#dtls[side]
    return this.#confirmed[side] || dtlsParameters === undefined ? {} : { dtlsParameters }
  }

  #connectionChanged(): void {
    const states = [this.#send.connectionState, this.#receive.connectionState]
    this.#parts.log.debug('media.connection', { generation: this.generation, states })
    if (states.every((state) => state === 'connected')) this.#stopWaiting()
    if (!states.includes('failed')) {
      this.#stopGrace?.()
      this.#stopGrace = undefined
    } else this.#stopGrace ??= this.#parts.clock.after(failureGraceMs, () => this.#break('failed'))
  }

  #break(why: string): void {
    if (this.#isClosed) return
    this.#parts.log.warn('media.broken', { generation: this.generation, why })
    this.#onBroken()
  }
}
