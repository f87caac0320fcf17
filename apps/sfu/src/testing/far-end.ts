/**
 * A client without a browser, as mediasoup itself can be one: a plain transport on a worker of its own, under SRTP, over
 * which packets made here are sent to the node and what the node sends is counted. Only tests import this module.
 */
import { randomInt } from 'node:crypto'
import { createWorker, type types } from 'mediasoup'
import {
  RtpParameters,
  SrtpParameters,
  type ConsumerId,
  type ConsumerOptions,
  type OrderBody,
  type PlainMedia,
} from '@parley/protocol'
import { routerCodecs } from '../router-codecs.ts'
import { levelUri, readRtp, writeRtp, type RtpPacket } from '../rtp.ts'
import { anyDevice } from './device.ts'
import { eventually } from './eventually.ts'
import { idsOf, talks, type Bench, type Who } from './bench.ts'

const suite = 'AEAD_AES_128_GCM'
const ip = '127.0.0.1'
const levelId = 1
const packetMs = 20

/** The worker on which far ends live; one for a test file. */
export class FarWorker {
  readonly worker: types.Worker

  static async start(): Promise<FarWorker> {
    const workerBin = process.env.MEDIASOUP_WORKER_BIN
    return new FarWorker(await createWorker({ logLevel: 'error', ...(workerBin === undefined ? {} : { workerBin }) }))
  }

  private constructor(worker: types.Worker) {
    this.worker = worker
  }

  /** Has someone join over a plain transport. */
  join(bench: Bench, who: Who, more: Partial<OrderBody<'openPlain'>> = {}): Promise<FarEnd> {
    return FarEnd.join(this.worker, bench, who, more)
  }

  close(): void {
    this.worker.close()
  }
}

export class FarEnd {
  readonly who: Who
  readonly media: PlainMedia
  /** Every packet that came from the node, by the consumer that it came from. */
  readonly heard = new Map<ConsumerId, RtpPacket[]>()
  readonly #bench: Bench
  readonly #router: types.Router
  readonly #plain: types.PlainTransport
  readonly #direct: types.DirectTransport
  readonly #timers: NodeJS.Timeout[] = []

  static async join(
    worker: types.Worker,
    bench: Bench,
    who: Who,
    more: Partial<OrderBody<'openPlain'>>,
  ): Promise<FarEnd> {
    const router = await worker.createRouter({ mediaCodecs: routerCodecs })
    const listenInfo = { protocol: 'udp' as const, ip, portRange: { min: 40_000, max: 49_999 } }
    const plain = await router.createPlainTransport({ listenInfo, enableSrtp: true, srtpCryptoSuite: suite })
    const srtpParameters = SrtpParameters.parse(plain.srtpParameters)
    const asked = { ...who, generation: 1, version: 1, grant: talks, rtpCapabilities: anyDevice, srtpParameters }
    const media = await bench.order('openPlain', { ...asked, ...more })
    await plain.connect({ ip: media.ip, port: media.port, srtpParameters: media.srtpParameters })
    return new FarEnd(bench, who, media, router, plain, await router.createDirectTransport())
  }

  private constructor(
    bench: Bench,
    who: Who,
    media: PlainMedia,
    router: types.Router,
    plain: types.PlainTransport,
    direct: types.DirectTransport,
  ) {
    this.#bench = bench
    this.who = who
    this.media = media
    this.#router = router
    this.#plain = plain
    this.#direct = direct
  }

  /** Sends Opus packets that say they are this loud, fifty a second, until *stop* or *close*. */
  async speaks(dbov = -20): Promise<Mouth> {
    const codec = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 } as const
    return this.#sends('microphone', codec, { ticks: 960, payload: Buffer.from([0xf8, 0xff, 0xfe]), dbov })
  }

  /** Sends VP8 packets, each of them a key frame of its own. */
  async shows(source: 'camera' | 'screen' = 'camera'): Promise<Mouth> {
    const codec = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 } as const
    return this.#sends(source, codec, { ticks: 1_800, payload: keyFrame })
  }

  /** Hears these consumers, and lets them flow at the node. */
  async hears(consumers: ConsumerOptions[]): Promise<void> {
    for (const { id, kind, rtpParameters } of consumers) {
      const parameters = rtpParameters as types.RtpParameters
      const producer = await this.#plain.produce({ kind, rtpParameters: parameters })
      const rtpCapabilities = this.#router.rtpCapabilities
      const consumer = await this.#direct.consume({ producerId: producer.id, rtpCapabilities })
      const packets: RtpPacket[] = []
      this.heard.set(id, packets)
      const level = consumer.rtpParameters.headerExtensions?.find(({ uri }) => uri === levelUri)?.id
      consumer.on('rtp', (bytes) => packets.push(...[readRtp(bytes, level) ?? []].flat()))
    }
    const resume = consumers.map(({ id }) => id)
    await this.#bench.order('receive', { ...idsOf(this.who), generation: this.media.generation, resume })
  }

  /** How many packets have come from one consumer, or from all. */
  packets(id?: ConsumerId): number {
    if (id !== undefined) return this.heard.get(id)?.length ?? 0
    return [...this.heard.values()].reduce((sum, packets) => sum + packets.length, 0)
  }

  /** Waits until so many more packets have come. */
  async hearsMore(count: number, id?: ConsumerId): Promise<void> {
    const before = this.packets(id)
    await eventually(`${count} more packets`, () => this.packets(id) >= before + count)
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#router.close()
  }

  async #sends(
    source: 'microphone' | 'camera' | 'screen',
    codec: { mimeType: string; payloadType: number; clockRate: number; channels?: number },
    { ticks, payload, dbov }: { ticks: number; payload: Buffer; dbov?: number },
  ): Promise<Mouth> {
    const kind = source === 'microphone' ? 'audio' : 'video'
    const ssrc = randomInt(1, 2 ** 32)
    const headerExtensions = (kind === 'audio' ? [{ uri: levelUri, id: levelId }] : []) as []
    const producer = await this.#direct.produce({
      kind,
      rtpParameters: { codecs: [codec as types.RtpCodecParameters], headerExtensions, encodings: [{ ssrc }] },
    })
    const { rtpCapabilities } = this.#router
    const consumer = await this.#plain.consume({ producerId: producer.id, rtpCapabilities, enableRtx: false })
    const track = { source, kind, rtpParameters: RtpParameters.parse(consumer.rtpParameters) } as const
    const mouth = new Mouth(producer, { ssrc, payloadType: codec.payloadType, payload, ticks }, dbov)
    this.#timers.push(mouth.timer)
    const { id } = await this.#bench.order('send', { ...idsOf(this.who), generation: this.media.generation, track })
    mouth.id = id
    return mouth
  }
}

/** Something that is being sent. Its loudness may be changed, and it may fall silent. */
export class Mouth {
  /** The id of the producer at the node. */
  id = ''
  dbov: number | undefined
  readonly timer: NodeJS.Timeout
  #sequenceNumber = 0

  constructor(
    producer: types.Producer,
    stream: { ssrc: number; payloadType: number; payload: Buffer; ticks: number },
    dbov: number | undefined,
  ) {
    this.dbov = dbov
    this.timer = setInterval(() => {
      const sequenceNumber = this.#sequenceNumber++
      const numbers = { ...stream, sequenceNumber, timestamp: sequenceNumber * stream.ticks, marker: true }
      const level = this.dbov === undefined ? {} : { dbov: this.dbov }
      if (!producer.closed) producer.send(writeRtp({ ...numbers, ...level }, levelId))
    }, packetMs)
  }

  /** Waits until so many more packets have been sent. */
  async sends(count: number): Promise<void> {
    const before = this.#sequenceNumber
    await eventually(`${count} packets sent`, () => this.#sequenceNumber >= before + count)
  }

  stop(): void {
    clearInterval(this.timer)
  }
}

/** A VP8 payload descriptor and the start of a key frame of 16 by 16 pixels (RFC 6386 section 9.1). */
const keyFrame = Buffer.from([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x10, 0x00, 0x10, 0x00, 0, 0, 0, 0, 0])
