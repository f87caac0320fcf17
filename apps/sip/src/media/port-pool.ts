/** The UDP ports of phone legs: RTP on an even one, RTCP above it (RFC 3550 section 11). */

/** From one port to another, both among them. */
export type PortRange = { min: number; max: number }
export type PortPair = { rtp: number; rtcp: number }

/**
 * Hands out pairs, those first that have rested longest: after a call its far end may still send, and that is not the
 * next call's. Where all others are taken a pair gets no rest, for a call is worth more, and knows its phone's address.
 */
export class PortPool {
  readonly #free: PortPair[] = []
  readonly #taken = new Set<PortPair>()

  constructor({ min, max }: PortRange) {
    for (let rtp = min + (min % 2); rtp + 1 <= max; rtp += 2) this.#free.push({ rtp, rtcp: rtp + 1 })
  }

  /** A pair that nobody has; undefined when there is none. */
  take(): PortPair | undefined {
    const pair = this.#free.shift()
    if (pair !== undefined) this.#taken.add(pair)
    return pair
  }

  /** Takes a pair back. What was given back already is not taken again. */
  giveBack(pair: PortPair): void {
    if (this.#taken.delete(pair)) this.#free.push(pair)
  }

  /** How many could be taken now. */
  get left(): number {
    return this.#free.length
  }
}
