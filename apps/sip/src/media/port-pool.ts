/** The UDP ports of phone legs: RTP on an even one, RTCP above it (RFC 3550 section 11). */

/** From one port to another, both among them. */
export type PortRange = { min: number; max: number }
export type PortPair = { rtp: number; rtcp: number }

/** So long after a call its ports are left alone: the far end may still send, and it is not the next call's. */
const restMs = 5_000

/** Hands out pairs, those first that have rested longest. */
export class PortPool {
  readonly #free: PortPair[] = []
  /** In the order in which their rest is over. */
  readonly #resting: { pair: PortPair; until: number }[] = []
  readonly #taken = new Set<PortPair>()
  readonly #now: () => number

  constructor({ min, max }: PortRange, now: () => number = () => performance.now()) {
    this.#now = now
    for (let rtp = min + (min % 2); rtp + 1 <= max; rtp += 2) this.#free.push({ rtp, rtcp: rtp + 1 })
  }

  /** A pair that nobody has; undefined when there is none. */
  take(): PortPair | undefined {
    for (let first = this.#resting[0]; first !== undefined && first.until <= this.#now(); first = this.#resting[0]) {
      this.#resting.shift()
      this.#free.push(first.pair)
    }
    const pair = this.#free.shift()
    if (pair !== undefined) this.#taken.add(pair)
    return pair
  }

  /**
   * Takes a pair back. What was given back already is not taken again. A pair over which nothing could come needs no
   * rest: calls that are refused for what they offer would else use up all of them.
   */
  giveBack(pair: PortPair, { wasUsed }: { wasUsed: boolean }): void {
    if (!this.#taken.delete(pair)) return
    if (wasUsed) this.#resting.push({ pair, until: this.#now() + restMs })
    else this.#free.push(pair)
  }

  /** How many could be taken now, or will have rested soon. */
  get left(): number {
    return this.#free.length + this.#resting.length
  }
}
