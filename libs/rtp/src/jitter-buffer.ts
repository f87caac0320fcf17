/**
 * Evens out how packets of one stream come (RFC 3550 section 6.4.1 has the word jitter for it): they are put in as they
 * come and taken out at a steady pace, a little later. How much later follows the network.
 */

export type BufferedPacket = {
  /** With its rollover counter above it. */
  sequence: number
  /** As the packet has it: 32 bits that begin anew. */
  timestamp: number
  payload: Buffer
}

/** What is to be played next. */
export type Taken =
  /** A packet; whoever decodes it says by *advance* how long it was. */
  | { kind: 'packet'; payload: Buffer }
  /** One that was sent and has not come: to be made up for. */
  | { kind: 'lost' }
  /** The sender has sent nothing, or nothing has come for long. */
  | { kind: 'silent' }

/** In milliseconds. */
const limits = { first: 40, least: 20, most: 200, margin: 10, frame: 20 }
/** So many packets are measured: three seconds of 20 ms. */
const measuredPackets = 150
const measureEvery = 25
/** After so many frames without a packet the stream has paused, and begins anew. */
const patienceFrames = 5
/** RFC 3550 appendix A.1 lets numbers jump by as much; a timestamp that jumps further began anew. */
const jumpMs = 1_000

type Kept = { sequence: number; at: number; payload: Buffer; cameAtMs: number }

export class JitterBuffer {
  readonly #ticksPerMs: number
  /** Sorted by their time. */
  #packets: Kept[] = []
  /** The timestamp that is played next; undefined while nothing is played. */
  #playAt: number | undefined
  #lastSequence: number | undefined
  #lastAt: number | undefined
  #starved = 0
  #targetMs = limits.first
  readonly #transits: number[] = []
  /** The shortest way of those: how early packets may come. */
  #fastest = Infinity
  #measured = 0
  #late = 0

  constructor(ticksPerMs: number) {
    this.#ticksPerMs = ticksPerMs
  }

  /** How many came after their time. */
  get late(): number {
    return this.#late
  }

  /** By how much packets are delayed, at best. */
  get targetMs(): number {
    return this.#targetMs
  }

  put({ sequence, timestamp, payload }: BufferedPacket, nowMs: number): void {
    const at = this.#unwrapped(timestamp)
    if (this.#lastAt !== undefined && Math.abs(at - this.#lastAt) > jumpMs * this.#ticksPerMs) this.reset()
    this.#lastAt = Math.max(at, this.#lastAt ?? at)
    this.#measure(nowMs - at / this.#ticksPerMs)
    if (this.#playAt !== undefined && at < this.#playAt) {
      this.#late += 1
      return
    }
    if (this.#packets.some((kept) => kept.at === at)) return
    const place = this.#packets.findLastIndex((kept) => kept.at < at) + 1
    this.#packets.splice(place, 0, { sequence, at, payload, cameAtMs: nowMs })
    this.#catchUp()
  }

  /** What is to be played now. For anything but a packet 20 ms have passed with it. */
  take(nowMs: number): Taken {
    this.#dropPassed()
    const [first] = this.#packets
    if (this.#playAt === undefined) {
      if (first === undefined || nowMs - first.cameAtMs < this.#targetMs) return { kind: 'silent' }
      this.#playAt = first.at
    }
    if (first === undefined) return this.#starve()
    const frame = limits.frame * this.#ticksPerMs
    // Less than a frame further on is as good as now: a packet that is missing before it was no whole one.
    if (first.at < this.#playAt + frame) {
      this.#packets.shift()
      this.#lastSequence = first.sequence
      this.#playAt = first.at
      return { kind: 'packet', payload: first.payload }
    }
    // Numbers without a gap, times with one: the sender has paused, and nothing is missing.
    const hasPaused = this.#lastSequence !== undefined && first.sequence === this.#lastSequence + 1
    this.#playAt += frame
    return { kind: hasPaused ? 'silent' : 'lost' }
  }

  /** How long the packet was that was taken last; or how much is left out, because too much lies here. */
  advance(ms: number): void {
    if (this.#playAt !== undefined) this.#playAt += Math.round(ms * this.#ticksPerMs)
  }

  /** By how much what is played now is later than it has to be; below zero it is played too early to be safe. */
  excessMs(nowMs: number): number {
    if (this.#playAt === undefined) return 0
    return nowMs - this.#playAt / this.#ticksPerMs - this.#fastest - this.#targetMs
  }

  /** What lies before the time that is played: it was left out. */
  #dropPassed(): void {
    const playAt = this.#playAt
    if (playAt === undefined) return
    while (this.#packets[0] !== undefined && this.#packets[0].at < playAt) {
      this.#lastSequence = this.#packets.shift()?.sequence
    }
  }

  get #starvedTicks(): number {
    return this.#starved * limits.frame * this.#ticksPerMs
  }

  /** Nothing is there. The stream waits for what is late, and so everything after it is played later. */
  #starve(): Taken {
    this.#starved += 1
    if (this.#starved < patienceFrames) return { kind: 'lost' }
    this.#playAt = undefined
    this.#starved = 0
    return { kind: 'silent' }
  }

  /** Something has come again. What was lost in between was made up for already, and is not waited for twice. */
  #catchUp(): void {
    const [first] = this.#packets
    if (this.#starved === 0 || first === undefined || this.#playAt === undefined) return
    this.#playAt = Math.max(this.#playAt, Math.min(first.at, this.#playAt + this.#starvedTicks))
    this.#starved = 0
  }

  #unwrapped(timestamp: number): number {
    const last = this.#lastAt
    // The signed distance of two numbers of 32 bits.
    return last === undefined ? timestamp : last + ((timestamp - last) | 0)
  }

  /** Another stream begins, of which nothing is known. */
  reset(): void {
    this.#packets = []
    this.#playAt = undefined
    this.#lastSequence = undefined
    this.#lastAt = undefined
    this.#starved = 0
    this.#transits.length = 0
    this.#fastest = Infinity
  }

  #measure(transitMs: number): void {
    this.#transits.push(transitMs)
    const gone = this.#transits.length > measuredPackets ? this.#transits.shift() : undefined
    this.#fastest = gone === this.#fastest ? Math.min(...this.#transits) : Math.min(this.#fastest, transitMs)
    this.#measured += 1
    // What is later than was thought counts at once; that things are better has to show for a while.
    const neededMs = Math.min(limits.most, transitMs - this.#fastest + limits.margin)
    if (neededMs > this.#targetMs && this.#transits.length >= measureEvery) this.#targetMs = this.#neededMs()
    else if (this.#measured % measureEvery === 0) this.#targetMs = this.#neededMs()
  }

  #neededMs(): number {
    const sorted = Float64Array.from(this.#transits).toSorted()
    const most = sorted[Math.floor(sorted.length * 0.95)] ?? this.#fastest
    return Math.min(limits.most, Math.max(limits.least, most - this.#fastest + limits.margin))
  }
}
