/**
 * One sound that is heard. A packet that comes is counted and kept for a third of a second as it came, encrypted; it
 * is opened and decoded only when somebody asks what it sounds like.
 */
import { headerLengthOf, Reception, sequenceOf, type ReceptionReport, type SrtpReceiver } from '@parley/rtp'
import { type Codec, toneOfPackets } from './decoding.ts'

/** What is heard of someone. */
export type Hearing = {
  /** The dominating frequency of the last third of a second; undefined for silence. */
  hz: number | undefined
  /** Its level, in dB below a sine of full scale; -Infinity for silence. */
  dBFS: number
  /** Since the sound began. */
  packets: number
  lost: number
  /** The longest time without a packet between two, in milliseconds. */
  longestGapMs: number
}

/** So many packets of 20 ms are kept, and so long. */
const keptPackets = 16
const keptMs = 400
/** Fewer are no steady sound. */
const fewestPackets = 6
/** No packet of sound is larger: 120 ms of Opus in its best quality stay below. */
const mostBytes = 1_500

export class Ear {
  readonly #codec: Codec
  readonly #srtp: SrtpReceiver
  readonly #reception: Reception
  /** Set with the first packet: many who could be heard never say anything. */
  #kept: Buffer | undefined
  readonly #lengths = new Uint16Array(keptPackets)
  readonly #rocs = new Int32Array(keptPackets)
  readonly #cameAt = new Float64Array(keptPackets)
  #lastAt = -Infinity
  #longestGapMs = 0

  constructor(ssrc: number, codec: Codec, srtp: SrtpReceiver) {
    this.#codec = codec
    this.#srtp = srtp
    this.#reception = new Reception(ssrc)
  }

  take(packet: Buffer, now: number): void {
    const gapMs = now - this.#lastAt
    if (gapMs > this.#longestGapMs && gapMs < Infinity) this.#longestGapMs = gapMs
    this.#lastAt = now
    const place = this.#reception.packets % keptPackets
    this.#rocs[place] = this.#reception.take(sequenceOf(packet))
    this.#cameAt[place] = now
    this.#lengths[place] = packet.length > mostBytes ? 0 : packet.length
    this.#kept ??= Buffer.allocUnsafe(keptPackets * mostBytes)
    if (packet.length <= mostBytes) packet.copy(this.#kept, place * mostBytes)
  }

  /** How many packets have come. */
  get packets(): number {
    return this.#reception.packets
  }

  /** What it sounds like now, by this clock, which take() was given the time of. */
  async hear(now: () => number): Promise<Hearing> {
    const tone = await inTurn(() => {
      const payloads = this.#latest(now())
      const isSound = payloads.length >= fewestPackets
      return isSound ? toneOfPackets(this.#codec, payloads) : Promise.resolve({ hz: undefined, dBFS: -Infinity })
    })
    const { packets, lost } = this.#reception
    return { ...tone, packets, lost, longestGapMs: this.#longestGapMs }
  }

  report(): ReceptionReport {
    return this.#reception.report()
  }

  /** The payloads that came last, in their order. What does not open was said by nobody whom we know. */
  #latest(now: number): Buffer[] {
    const all = this.#kept
    if (all === undefined) return []
    const places = Array.from({ length: keptPackets }, (_, place) => place).filter(
      (place) => (this.#lengths[place] ?? 0) > 0 && now - (this.#cameAt[place] ?? 0) < keptMs,
    )
    const packets = places.map((place) => {
      const packet = all.subarray(place * mostBytes, place * mostBytes + (this.#lengths[place] ?? 0))
      const roc = this.#rocs[place] ?? 0
      return { packet, roc, index: roc * 0x1_0000 + sequenceOf(packet) }
    })
    return packets
      .toSorted((one, other) => one.index - other.index)
      .map(({ packet, roc }) => this.#srtp.openRtp(packet, headerLengthOf(packet), roc))
      .filter((payload) => payload !== undefined)
  }
}

let lastTurn: Promise<unknown> = Promise.resolve()

/**
 * In one process many may ask at once. They are answered one by one, and before each the packets that have come are
 * read: otherwise those who speak would falter for as long as all the answers take, and the last would hear the past.
 */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(nextRound, nextRound).then(work)
  lastTurn = turn
  return turn
}

const nextRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
