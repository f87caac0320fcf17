import type { Clock } from './clock.ts'
import { retryDelayMs } from './retry.ts'

/** When a link is tried again, how long one try may take, and when it is time to give up. */
export class Tries {
  readonly #clock: Clock
  readonly #random: () => number
  /** Waits are longer with each try since the last success. */
  #count = 0
  #stopNext = () => {}
  #stopGivingUp = () => {}

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** There is so much time, in milliseconds; then `giveUp` is called, unless a try succeeds before. */
  begin(limitMs: number, giveUp: () => void): void {
    this.#stopGivingUp()
    this.#stopGivingUp = this.#clock.after(limitMs, giveUp)
  }

  /** A try begins; it may take so long. */
  started(limitMs: number, tooSlow: () => void): void {
    this.#stopNext()
    this.#stopNext = this.#clock.after(limitMs, tooSlow)
  }

  /** Tries again when it is due; after a failure of which more is known, not before the wait of try number `least`. */
  again(attempt: () => void, least = 0): void {
    this.#count = Math.max(this.#count, least)
    this.#stopNext()
    this.#stopNext = this.#clock.after(retryDelayMs(this.#count++, this.#random), attempt)
  }

  succeeded(): void {
    this.#count = 0
    this.stop()
  }

  stop(): void {
    this.#stopNext()
    this.#stopGivingUp()
  }
}
