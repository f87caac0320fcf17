/** Where a packet stands in its stream: 16-bit numbers begin anew, and a packet may come late or twice. */

/** How often a stream's 16-bit numbers have begun anew: the upper part of a packet's index (RFC 3711 section 3.3.1). */
export class RolloverCounter {
  #roc = 0
  #highest: number | undefined

  /** The counter that belongs to the packet with this number, which may come late or be new. */
  of(sequence: number): number {
    const roc = this.guess(sequence)
    this.take(sequence, roc)
    return roc
  }

  /** The same for a packet of which nobody knows yet whether it is genuine: nothing changes by it. */
  guess(sequence: number): number {
    const highest = this.#highest
    if (highest === undefined) return 0
    if (sequence > highest && sequence - highest > 0x8000) return this.#roc - 1
    return highest - sequence > 0x8000 ? this.#roc + 1 : this.#roc
  }

  /** Counts a packet whose counter was guessed and turned out right. */
  take(sequence: number, roc: number): void {
    if (this.#highest !== undefined && roc * 0x1_0000 + sequence <= this.#roc * 0x1_0000 + this.#highest) return
    this.#roc = roc
    this.#highest = sequence
  }
}

/** So many numbers below the highest one a packet may still come. RFC 3711 section 3.3.2 asks for 64 at least. */
const windowSize = 64

/** Which packets have come already, by their index. */
export class ReplayWindow {
  #highest = -1
  /** The index that has come last of all those with the same place here. */
  readonly #seen = new Float64Array(windowSize).fill(-1)

  /** Whether it has not come yet, and is not too old to say. */
  isNew(index: number): boolean {
    return index > this.#highest - windowSize && this.#seen[index % windowSize] !== index
  }

  take(index: number): void {
    if (index <= this.#highest - windowSize) return
    this.#seen[index % windowSize] = index
    this.#highest = Math.max(this.#highest, index)
  }
}
