/** How often each address does something, against how often it may in a second. */
import type { Clock } from '../clock.ts'

/** Addresses that are remembered at a time: a flood from more of them than that starts the counting anew. */
const mostAddresses = 10_000

export class Rates {
  readonly #clock: Clock
  readonly #perSecond: number
  #second = -1
  readonly #counts = new Map<string, number>()

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
  }

  /** Counts one more. @returns as part of what is allowed: above 1 it is too much */
  count(address: string): number {
    const second = Math.floor(this.#clock.now() / 1000)
    if (second !== this.#second || this.#counts.size >= mostAddresses) this.#counts.clear()
    this.#second = second
    const count = (this.#counts.get(address) ?? 0) + 1
    this.#counts.set(address, count)
    return count / this.#perSecond
  }
}
