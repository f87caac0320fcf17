/** A telephone made of two sockets: says tones and keys, keeps what it hears. Only tests import this module. */
import type { Socket } from 'node:dgram'
import {
  decodeG711,
  encodeG711,
  eventPackets,
  G722Decoder,
  G722Encoder,
  headerLengthOf,
  isRtcp,
  payloadTypeOf,
  readRtcp,
  RolloverCounter,
  sequenceOf,
  srtpReceiver,
  srtpSender,
  ssrcOf,
  timestampOf,
  writeHeader,
  writeMoment,
  type RtcpSaid,
  type SrtpReceiver,
  type SrtpSender,
} from '@parley/rtp'
import type { Agreed, PayloadTypes, PhoneCodec, SdesKeys } from '../agreed.ts'
import { bound, closed } from '../udp.ts'
import { heardIn, tone } from './tones.ts'

const payloadTypes = { PCMU: 0, PCMA: 8, G722: 9, opus: 96 } as const
const eventPayloadType = 101
const comfortNoisePayloadType = 13

export type Heard = {
  payloadType: number
  ssrc: number
  sequence: number
  timestamp: number
  isMarked: boolean
  payload: Buffer
}

export class FarPhone {
  readonly codec: Exclude<PhoneCodec, 'opus'>
  readonly heard: Heard[] = []
  readonly reports: RtcpSaid[] = []
  /** What it has said, payload by payload. */
  readonly said: Buffer[] = []
  readonly #ip: string
  #rtp: Socket
  readonly #rtcp: Socket
  #keys: SdesKeys | undefined
  #sender: SrtpSender | undefined
  readonly #receiver: SrtpReceiver | undefined
  /** Of what it hears; those that it cannot open are nothing. */
  readonly #rollover = new RolloverCounter()
  readonly #encoder = new G722Encoder()
  #voice = { ssrc: newSsrc(), sequence: 60_000 }
  /** What its keys are sent as: the stream of its voice, unless it has them apart. */
  #keypad = this.#voice
  #timestamp = 2 ** 32 - 4_000
  #samples = 0
  #timer: NodeJS.Timeout | undefined

  static async open(codec: FarPhone['codec'], keys?: SdesKeys, ip = '127.0.0.1'): Promise<FarPhone> {
    const rtp = await bound(ip, 0)
    return new FarPhone(codec, rtp, await bound(ip, 0), keys)
  }

  private constructor(codec: FarPhone['codec'], rtp: Socket, rtcp: Socket, keys: SdesKeys | undefined) {
    this.codec = codec
    this.#ip = rtp.address().address
    this.#rtp = rtp
    this.#rtcp = rtcp
    this.#keys = keys
    this.#sender = senderFor(keys)
    this.#receiver = keys && srtpReceiver({ suite: keys.suite, master: Buffer.from(keys.oursBase64, 'base64') })
    rtp.on('message', (packet) => this.#hear(packet))
    rtcp.on('message', (packet) => this.reports.push(...readRtcp(this.#receiver?.openRtcp(packet) ?? packet)))
  }

  get port(): number {
    return this.#rtp.address().port
  }

  /** Speaks and listens at another port from now on. */
  async moves(): Promise<void> {
    const before = this.#rtp
    this.#rtp = await bound(this.#ip, 0)
    this.#rtp.on('message', (packet) => this.#hear(packet))
    await closed(before)
  }

  /** Encrypts with another key from now on, and counts its packets on. */
  rekeys(theirsBase64: string): void {
    this.#keys = this.#keys && { ...this.#keys, theirsBase64 }
    this.#sender = senderFor(this.#keys)
  }

  /** Somebody else speaks in its place, as after a transfer behind a gateway: with numbers of his own. */
  isTransferred(): void {
    this.#keypad = this.#voice = { ssrc: newSsrc(), sequence: 1_000 }
    this.#timestamp -= 1_000_000
  }

  /** Goes on with another number, as after many packets. */
  skipsTo(sequence: number): void {
    this.#voice.sequence = sequence
  }

  /** From now on its keys have an SSRC of their own, and its voice goes on while they are pressed. */
  hasKeysApart(): void {
    this.#keypad = { ssrc: newSsrc(), sequence: 500 }
  }

  /** What its SDP would say. */
  agreed(more: Partial<Agreed> = {}): Agreed {
    return {
      ip: this.#ip,
      port: this.port,
      rtcpPort: this.#rtcp.address().port,
      codec: { name: this.codec, ...bothWays(payloadTypes[this.codec]) },
      events: bothWays(eventPayloadType),
      direction: 'sendrecv',
      isSymmetric: false,
      isVouchedFor: true,
      ...(this.#keys === undefined ? {} : { srtp: this.#keys }),
      ...more,
    }
  }

  /** Says a tone to this port, fifty packets a second, until it is to say something else. */
  says(hz: number, port: number): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#say(hz, port), 20)
  }

  hushes(): void {
    clearInterval(this.#timer)
  }

  /** One packet of a tone at once. */
  saysOnce(hz: number, port: number): void {
    this.#say(hz, port)
  }

  /** Presses a key for 100 ms; packets whose place in the row is `lost` are not sent. */
  presses(digit: string, port: number, lost: readonly number[] = []): void {
    const began = this.#timestamp
    for (const [n, { payload }] of eventPackets(digit, 100, 20).entries()) {
      if (lost.includes(n)) this.#keypad.sequence += 1
      else this.#send(payload, eventPayloadType, began, port, this.#keypad)
      if (this.#keypad !== this.#voice) this.#say(440, port)
    }
    this.#timestamp += 2_000
  }

  /** Says that it says nothing (RFC 3389): one packet, and then `ms` without any. */
  saysNothing(ms: number, port: number): void {
    this.#send(Buffer.of(60), comfortNoisePayloadType, this.#timestamp, port)
    this.#timestamp += 8 * ms
    this.#samples += 8 * ms
  }

  /** Bytes as they are. */
  sends(bytes: Buffer, port: number): void {
    this.#rtp.send(bytes, port, this.#ip)
  }

  /** A report on what was heard last, as a phone sends it. */
  sendsReport(bytes: Buffer, port: number): void {
    this.#rtcp.send(bytes, port, this.#ip)
  }

  /** Which of these tones are in the last `ms` of what came. */
  hears(of: readonly number[], ms = 300): number[] {
    const payloads = this.sound.slice(-ms / 20).map(({ payload }) => payload)
    if (payloads.length < ms / 20) return []
    if (this.codec === 'G722') {
      const decoder = new G722Decoder()
      return heardIn(joined(payloads.map((payload) => decoder.decode(payload))), 16_000, of)
    }
    const law = this.codec
    return heardIn(joined(payloads.map((payload) => decodeG711(law, payload))), 8_000, of)
  }

  /** Whether this tone is in one packet, for G.711. */
  hearsAt(n: number, hz: number): boolean {
    const payload = this.sound[n]?.payload ?? Buffer.alloc(0)
    return this.codec !== 'G722' && heardIn(decodeG711(this.codec, payload), 8_000, [hz]).length > 0
  }

  /** What it hears in its own codec. */
  get sound(): Heard[] {
    return this.heard.filter(({ payloadType }) => payloadType === payloadTypes[this.codec])
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all([closed(this.#rtp), closed(this.#rtcp)])
  }

  #say(hz: number, port: number): void {
    const payload =
      this.codec === 'G722'
        ? this.#encoder.encode(tone(hz, 16_000, 320, 2 * this.#samples))
        : encodeG711(this.codec, tone(hz, 8_000, 160, this.#samples))
    this.#samples += 160
    this.said.push(payload)
    this.#send(payload, payloadTypes[this.codec], this.#timestamp, port)
    this.#timestamp += 160
  }

  #send(payload: Buffer, payloadType: number, timestamp: number, port: number, stream = this.#voice): void {
    const packet = Buffer.alloc(12 + payload.length + (this.#sender?.tagBytes ?? 0))
    writeHeader(packet, { payloadType, ssrc: stream.ssrc })
    writeMoment(packet, stream.sequence, timestamp, false)
    payload.copy(packet, 12)
    this.#sender?.protectRtp(packet, 12, 12 + payload.length, Math.floor(stream.sequence / 0x1_0000))
    stream.sequence += 1
    this.#rtp.send(packet, port, this.#ip)
  }

  #hear(packet: Buffer): void {
    if (isRtcp(packet)) return
    const headerLength = headerLengthOf(packet)
    const [number, roc] = [sequenceOf(packet), this.#rollover.guess(sequenceOf(packet))]
    const payload =
      this.#receiver === undefined ? packet.subarray(headerLength) : this.#receiver.openRtp(packet, headerLength, roc)
    if (payload === undefined) return
    this.#rollover.take(number, roc)
    this.heard.push({
      payloadType: payloadTypeOf(packet),
      ssrc: ssrcOf(packet),
      sequence: number,
      timestamp: timestampOf(packet),
      isMarked: packet.readUInt8(1) >= 0x80,
      payload,
    })
  }
}

const bothWays = (payloadType: number): PayloadTypes => ({ sendAs: payloadType, receiveAs: payloadType })

const newSsrc = (): number => Math.floor(Math.random() * 2 ** 32)

/** Our own keys are its *theirs*. */
function senderFor(keys: SdesKeys | undefined): SrtpSender | undefined {
  return keys && srtpSender({ suite: keys.suite, master: Buffer.from(keys.theirsBase64, 'base64') })
}

function joined(pieces: readonly Int16Array[]): Int16Array {
  return Int16Array.from(pieces.flatMap((piece) => [...piece]))
}
