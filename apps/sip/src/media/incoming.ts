/** One stream of RTP that comes in: checked, opened, counted; what may be believed of it is given on. */
import {
  hasMarker,
  headerLengthOf,
  isRtp,
  payloadTypeOf,
  Reception,
  ReplayWindow,
  RolloverCounter,
  sequenceOf,
  ssrcOf,
  timestampOf,
  withoutPadding,
  type ReceptionReport,
  type SrtpReceiver,
} from '@parley/rtp'

export type HeardPacket = {
  /** Which stream it belongs to: a sender that was started again is another one. */
  stream: number
  payloadType: number
  isMarked: boolean
  /** With its rollover counter above it. */
  sequence: number
  timestamp: number
  payload: Buffer
}

/** RFC 3550 appendix A.1: how far back a packet may come late, and how far numbers may jump. */
const mostLate = 100
const mostAhead = 3_000
/** So many streams are known at a time; the one that was silent for longest goes first. */
const mostStreams = 4

/** What is known of a stream since it began with its SSRC. */
type Stream = {
  id: number
  ssrc: number
  rollover: RolloverCounter
  window: ReplayWindow
  reception: Reception
  /** The highest number with its rollover counter; of a wild packet, the number that would follow it. */
  highest: number | undefined
  afterWild: number | undefined
}

export class Incoming {
  #ticksPerMs: number
  readonly #srtp: SrtpReceiver | undefined
  /** The one of which something came last, and those that were before it. */
  #stream: Stream | undefined
  readonly #streams = new Map<number, Stream>()
  #packets = 0

  constructor(ticksPerMs: number, srtp?: SrtpReceiver) {
    this.#ticksPerMs = ticksPerMs
    this.#srtp = srtp
  }

  /** Another clock from now on: what was measured by the old one is measured anew. */
  reclock(ticksPerMs: number): void {
    this.#ticksPerMs = ticksPerMs
    for (const stream of this.#streams.values()) stream.reception = new Reception(stream.ssrc)
  }

  /** Undefined for what is no packet of this stream: malformed, forged, sent again, or far out of place. */
  take(packet: Buffer, nowMs: number): HeardPacket | undefined {
    if (!isRtp(packet)) return undefined
    const [ssrc, number] = [ssrcOf(packet), sequenceOf(packet)]
    // Another SSRC is another stream, in its place: a phone behind a gateway changes it with each transfer.
    const stream = this.#stream?.ssrc === ssrc ? this.#stream : this.#other(ssrc)
    const roc = stream.rollover.guess(number)
    const sequence = roc * 0x1_0000 + number
    // What can be opened was sent by whom it should have been, wherever it is.
    if (roc < 0 || (this.#srtp === undefined && !isInPlace(stream, sequence))) return undefined
    const payload = this.#open(stream, packet, roc, sequence)
    if (payload === undefined) return undefined
    if (stream !== this.#stream) this.#turnTo(stream)
    stream.rollover.take(number, roc)
    stream.highest = Math.max(sequence, stream.highest ?? sequence)
    stream.reception.take(number, nowMs * this.#ticksPerMs - timestampOf(packet))
    this.#packets += 1
    return {
      stream: stream.id,
      payloadType: payloadTypeOf(packet),
      isMarked: hasMarker(packet),
      sequence,
      timestamp: timestampOf(packet),
      payload,
    }
  }

  /** Passes over a packet that nobody needs, so that those after it can still be opened. */
  passOver(packet: Buffer): void {
    const [ssrc, number] = [ssrcOf(packet), sequenceOf(packet)]
    if (this.#stream?.ssrc !== ssrc) this.#turnTo(this.#other(ssrc))
    this.#stream?.rollover.of(number)
  }

  get packets(): number {
    return this.#packets
  }

  get lost(): number {
    return this.#stream?.reception.lost ?? 0
  }

  get jitterMs(): number {
    return (this.#stream?.reception.jitter ?? 0) / this.#ticksPerMs
  }

  /** What a receiver report says; undefined as long as nothing has come. */
  report(): ReceptionReport | undefined {
    return this.#stream?.reception.report()
  }

  /** Some send keys beside their voice, with an SSRC of their own: then each goes on where it was. */
  #other(ssrc: number): Stream {
    return this.#streams.get(ssrc) ?? newStream(ssrc)
  }

  #turnTo(stream: Stream): void {
    this.#stream = stream
    this.#streams.delete(stream.ssrc)
    this.#streams.set(stream.ssrc, stream)
    if (this.#streams.size > mostStreams) this.#streams.delete(this.#streams.keys().next().value ?? stream.ssrc)
  }

  #open(stream: Stream, packet: Buffer, roc: number, sequence: number): Buffer | undefined {
    if (!stream.window.isNew(sequence)) return undefined
    const headerLength = headerLengthOf(packet)
    // What the socket has handed over is ours, so a payload in the clear may stay where it is.
    const payload =
      this.#srtp === undefined ? packet.subarray(headerLength) : this.#srtp.openRtp(packet, headerLength, roc)
    if (payload === undefined) return undefined
    stream.window.take(sequence)
    return withoutPadding(packet, payload)
  }
}

let lastId = 0

function newStream(ssrc: number): Stream {
  const [rollover, window, reception] = [new RolloverCounter(), new ReplayWindow(), new Reception(ssrc)]
  return { id: (lastId += 1), ssrc, rollover, window, reception, highest: undefined, afterWild: undefined }
}

/** Two wild packets in a row are a sender that was started again. */
function isInPlace(stream: Stream, sequence: number): boolean {
  const { highest, afterWild } = stream
  if (highest === undefined) return true
  if (sequence <= highest + mostAhead && sequence >= highest - mostLate) {
    stream.afterWild = undefined
    return true
  }
  if (sequence !== afterWild) {
    stream.afterWild = sequence + 1
    return false
  }
  Object.assign(stream, newStream(stream.ssrc))
  return true
}
