/**
 * A leg's media as one generation of it is built: a transport to send, one to receive, and what goes over them.
 *
 * The library asks for two answers where one message will do. Its `connect` is answered here and now, and the DTLS
 * parameters travel with the first thing that is sent, or received, over the transport. Until the server has confirmed
 * one of these they travel along each time: the same parameters again change nothing.
 *
 * What is asked is asked until there is an answer, as long as the build lives: nobody else would ask again, and somebody
 * would stay silent. So the same thing asked twice must be the same to the server.
 */
import type {
  ConsumerId,
  ConsumerOptions,
  DtlsParameters,
  JoinedMedia,
  PhoneCodec,
  RequestBody,
  Source,
} from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { failed, isError } from '../calling-error.ts'
import { type Clock, pause } from '../link/clock.ts'
import type { Log } from '../log.ts'
import { encodingOf } from './encodings.ts'
import type { MediaFigures } from './media-figures.ts'
import type { MediaWire } from './media-wire.ts'
import { isPassing, waitMs } from './passing.ts'
import { readFigures } from './read-figures.ts'
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
  readonly #on: { up(): void; broken(): void }
  readonly #send: types.Transport
  readonly #receive: types.Transport
  readonly #dtls: { send?: DtlsParameters; receive?: DtlsParameters } = {}
  readonly #confirmed = { send: false, receive: false }
  readonly #sent = new Set<types.Producer>()
  readonly #received = new Set<types.Consumer>()
  #fresh: Promise<ConsumerId | undefined>[] = []
  #isResuming = false
  #isClosed = false
  #stopWaiting: () => void
  #stopGrace: (() => void) | undefined

  /**
   * `up` is called when both transports are connected; `broken` when they cannot be brought up, fail for good, or are
   * not there any more on the server's side.
   */
  constructor(joined: JoinedMedia, parts: Parts, on: { up(): void; broken(): void }) {
    this.generation = joined.generation
    this.#parts = parts
    this.#on = on
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
  async send(source: Source, track: MediaStreamTrack, soundCodec?: PhoneCodec): Promise<types.Producer> {
    // A screen is read: rather fewer pictures of it than coarse ones. An app that knows better has said so.
    if (source === 'screen' && track.contentHint === '') track.contentHint = 'detail'
    const encoding = encodingOf(source, this.#parts.device.sendRtpCapabilities, soundCodec)
    const producer = await this.#send.produce({ track, stopTracks: false, appData: { source }, ...encoding })
    this.#sent.add(producer)
    producer.observer.once('close', () => this.#sent.delete(producer))
    return producer
  }

  async unsend(producer: types.Producer): Promise<void> {
    producer.close()
    // The server made this id; the library carries it as a plain string.
    const producerId = producer.id as RequestBody<'media.unsend'>['producerId']
    const { generation } = this
    await this.#insist(() => this.#parts.wire.ask('media.unsend', { generation, producerId }))
  }

  /** Sets a consumer up and asks for its media. Resolves once it is set up here. */
  async consume(options: ConsumerOptions): Promise<types.Consumer> {
    if (this.#isClosed) throw failed('callOver')
    const { source, legId } = options
    const consuming = this.#receive.consume({ ...forLibrary.consumer(options), appData: { source, legId } })
    this.#askFor(consuming.then(() => options.id))
    const consumer = await consuming
    this.#received.add(consumer)
    consumer.observer.once('close', () => this.#received.delete(consumer))
    return consumer
  }

  async watch(streamId: RequestBody<'media.watch'>['streamId']): Promise<ConsumerOptions> {
    const { generation } = this
    return (await this.#insist(() => this.#parts.wire.ask('media.watch', { generation, streamId }))).consumer
  }

  async unwatch(consumerId: ConsumerId): Promise<void> {
    const { generation } = this
    await this.#insist(() => this.#parts.wire.ask('media.unwatch', { generation, consumerId }))
  }

  async size(consumerId: ConsumerId, size: { width: number; height: number }): Promise<void> {
    await this.#parts.wire.ask('media.size', { generation: this.generation, consumerId, ...size })
  }

  /** How everything that goes over this build is doing, by the browser's own account. */
  async figures(): Promise<MediaFigures> {
    const [sent, received] = await Promise.all([this.#send.getStats(), this.#receive.getStats()])
    return readFigures(
      { id: this.#send.id, report: sent, producers: this.#sent },
      { id: this.#receive.id, report: received, consumers: this.#received },
    )
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
      const sent = await this.#insist(() =>
        this.#parts.wire.ask('media.send', { generation, ...this.#withDtls('send'), ...what }),
      )
      this.#confirmed.send = true
      done(sent)
    } catch (error) {
      this.#findGone(error)
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
        await this.#insist(() =>
          this.#parts.wire.ask('media.receive', { generation, ...this.#withDtls('receive'), resume }),
        )
        this.#confirmed.receive = true
      } catch (error) {
        this.#parts.log.warn('media.receiveFailed', { generation: this.generation, error })
        this.#findGone(error)
      }
    }
    this.#isResuming = false
  }

  /** Asks until there is an answer, or a refusal that will not change. Rejects with *callOver* after the build's end. */
  async #insist<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await ask()
      } catch (error) {
        if (this.#isClosed || !isPassing(error)) throw error
        this.#parts.log.warn('media.askedInVain', { generation: this.generation, tries, error })
        await pause(this.#parts.clock, waitMs(tries))
        if (this.#isClosed) throw failed('callOver', { cause: error })
      }
    }
  }

  /** The server may have lost, or replaced, these transports, and its word of that may be lost too. */
  #findGone(error: unknown): void {
    if (isError(error, 'unknownMedia', 'staleMedia')) this.#break('gone')
  }

  #withDtls(side: 'send' | 'receive'): { dtlsParameters?: DtlsParameters } {
    const dtlsParameters = this.#dtls[side]
    return this.#confirmed[side] || dtlsParameters === undefined ? {} : { dtlsParameters }
  }

  #connectionChanged(): void {
    const states = [this.#send.connectionState, this.#receive.connectionState]
    this.#parts.log.debug('media.connection', { generation: this.generation, states })
    if (states.every((state) => state === 'connected')) {
      this.#stopWaiting()
      this.#on.up()
    }
    if (!states.includes('failed')) {
      this.#stopGrace?.()
      this.#stopGrace = undefined
    } else this.#stopGrace ??= this.#parts.clock.after(failureGraceMs, () => this.#break('failed'))
  }

  #break(why: string): void {
    if (this.#isClosed) return
    this.#parts.log.warn('media.broken', { generation: this.generation, why })
    this.#on.broken()
  }
}
