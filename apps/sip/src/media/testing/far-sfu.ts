/**
 * The sfu's end of a leg's plain transport, made of one socket: says sounds as consumers, keeps what the phone says
 * there. Only tests import this module.
 */
import type { Socket } from 'node:dgram'
import { randomBytes, randomInt } from 'node:crypto'
import { createEncoder, type OpusEncoderHandle } from 'libopus-wasm'
import { ConsumerOptions, type PlainMedia, type SrtpParameters } from '@parley/protocol'
import {
  decodeG711,
  encodeG711,
  headerLengthOf,
  isRtcp,
  payloadTypeOf,
  RolloverCounter,
  sequenceOf,
  srtpReceiver,
  srtpSender,
  ssrcOf,
  timestampOf,
  writeHeader,
  writeMoment,
  type G711Law,
  type SrtpReceiver,
  type SrtpSender,
} from '@parley/rtp'
import { bound, closed } from '../udp.ts'
import { heardIn, tone } from './tones.ts'
import type { Heard } from './far-phone.ts'

const ip = '127.0.0.1'
export type SoundCodec = G711Law | 'opus'
// prettier-ignore
const shapes = {
  PCMU: { mimeType: 'audio/PCMU', payloadType: 0,   clockRate: 8_000,  ticks: 160 },
  PCMA: { mimeType: 'audio/PCMA', payloadType: 8,   clockRate: 8_000,  ticks: 160 },
  opus: { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, ticks: 960 },
} as const

export class FarSfu {
  /** What media.joinPlain would answer. */
  readonly media: Pick<PlainMedia, 'ip' | 'port' | 'srtpParameters'>
  /** What the phone says. */
  readonly heard: Heard[] = []
  reports = 0
  readonly #socket: Socket
  readonly #sender: SrtpSender
  readonly #receiver: SrtpReceiver
  readonly #rollover = new RolloverCounter()
  #legPort: number | undefined
  readonly #speakers: Speaker[] = []

  static async open(legKeys: SrtpParameters): Promise<FarSfu> {
    return new FarSfu(await bound(ip, 0), legKeys)
  }

  private constructor(socket: Socket, legKeys: SrtpParameters) {
    const keyBase64 = randomBytes(28).toString('base64')
    this.#socket = socket
    this.media = { ip, port: socket.address().port, srtpParameters: { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64 } }
    this.#sender = srtpSender({ suite: 'AEAD_AES_128_GCM', master: Buffer.from(keyBase64, 'base64') })
    this.#receiver = srtpReceiver({ suite: 'AEAD_AES_128_GCM', master: Buffer.from(legKeys.keyBase64, 'base64') })
    socket.on('message', (packet, from) => {
      this.#legPort = from.port
      if (isRtcp(packet)) this.reports += this.#receiver.openRtcp(packet) === undefined ? 0 : 1
      else this.#hear(packet)
    })
  }

  /** Someone else in the call. Without `id` he is somebody whom no other sfu line has. */
  speaker(codec: SoundCodec, id = `producer-${randomInt(2 ** 40)}`): Speaker {
    const speaker = new Speaker(codec, id, this.#sender, (packet) => {
      if (this.#legPort !== undefined) this.#socket.send(packet, this.#legPort, ip)
    })
    this.#speakers.push(speaker)
    return speaker
  }

  /** Which of these tones are in the last 300 ms of what the phone says, in G.711. */
  hears(of: readonly number[], law: G711Law = 'PCMU'): number[] {
    const last = this.heard.slice(-15)
    if (last.length < 15) return []
    return heardIn(Int16Array.from(last.flatMap(({ payload }) => [...decodeG711(law, payload)])), 8_000, of)
  }

  async close(): Promise<void> {
    for (const speaker of this.#speakers) speaker.hushes()
    await closed(this.#socket)
  }

  #hear(packet: Buffer): void {
    const [headerLength, sequence] = [headerLengthOf(packet), sequenceOf(packet)]
    const payload = this.#receiver.openRtp(packet, headerLength, this.#rollover.of(sequence))
    if (payload === undefined) return
    const [payloadType, ssrc, timestamp] = [payloadTypeOf(packet), ssrcOf(packet), timestampOf(packet)]
    const isMarked = packet.readUInt8(1) >= 0x80
    this.heard.push({ payloadType, ssrc, sequence, timestamp, isMarked, payload })
  }
}

/** One sound that the sfu sends to the leg. */
export class Speaker {
  readonly consumer: ConsumerOptions
  readonly said: Buffer[] = []
  /** Of the packets that follow, how many are lost, from 0 to 1, by a row of numbers that repeats. */
  lossEvery = 0
  readonly #codec: SoundCodec
  readonly #ssrc = randomInt(1, 2 ** 32)
  readonly #sender: SrtpSender
  readonly #send: (packet: Buffer) => void
  /** Opened a moment later. */
  #encoder: OpusEncoderHandle | undefined
  #sequence = 100
  #timestamp = randomInt(2 ** 31)
  #samples = 0
  #timer: NodeJS.Timeout | undefined

  constructor(codec: SoundCodec, id: string, sender: SrtpSender, send: (packet: Buffer) => void) {
    this.#codec = codec
    this.#sender = sender
    this.#send = send
    if (codec === 'opus') void this.#open()
    const { mimeType, payloadType, clockRate } = shapes[codec]
    // Of these only what mediasoup makes is read.
    this.consumer = {
      id: `consumer-${id}`,
      producerId: id,
      kind: 'audio',
      source: 'microphone',
      legId: 'leg_0000000000000000',
      rtpParameters: { codecs: [{ mimeType, payloadType, clockRate }], encodings: [{ ssrc: this.#ssrc }] },
    } as unknown as ConsumerOptions
  }

  /** Says a tone, fifty packets a second. */
  says(hz: number, amplitude = 8_000): void {
    this.hushes()
    const startedAt = performance.now()
    let ticks = 0
    this.#timer = setInterval(() => {
      // A timer comes late; a microphone does not.
      for (; ticks < (performance.now() - startedAt) / 20; ticks += 1) this.saysOnce(hz, amplitude)
    }, 10)
  }

  hushes(): void {
    clearInterval(this.#timer)
  }

  saysOnce(hz: number, amplitude = 8_000): void {
    const payload = this.#payload(hz, amplitude)
    const { payloadType, ticks } = shapes[this.#codec]
    const packet = Buffer.alloc(12 + payload.length + this.#sender.tagBytes)
    writeHeader(packet, { payloadType, ssrc: this.#ssrc })
    writeMoment(packet, this.#sequence, this.#timestamp, false)
    packet.set(payload, 12)
    this.#sender.protectRtp(packet, 12, 12 + payload.length, Math.floor(this.#sequence / 0x1_0000))
    const isLost = this.lossEvery > 0 && this.#sequence % this.lossEvery === 0
    this.#sequence += 1
    this.#timestamp += ticks
    if (isLost) return
    this.said.push(Buffer.from(payload))
    this.#send(packet)
  }

  async #open(): Promise<void> {
    this.#encoder = await createEncoder({ channels: 1, sampleRate: 16_000, frameSize: 320, complexity: 0 })
  }

  /** So many packets of it that nobody has waited for. */
  skips(packets: number): void {
    this.#sequence += packets
  }

  #payload(hz: number, amplitude: number): Uint8Array {
    const from = this.#samples
    this.#samples += 160
    if (this.#codec === 'opus') {
      return this.#encoder?.encode(tone(hz, 16_000, 320, 2 * from, amplitude)) ?? Buffer.of(0xf8, 0xff, 0xfe)
    }
    return encodeG711(this.#codec === 'PCMA' ? 'PCMA' : 'PCMU', tone(hz, 8_000, 160, from, amplitude))
  }
}
