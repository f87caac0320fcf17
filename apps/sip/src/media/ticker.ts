/**
 * The one clock of a thread's sound: a tick every 20 ms, each due at a time that follows from its number alone, so that
 * timers which come late do not add up.
 */
export const tickMs = 20

/** So many late ticks are made up for in a row; what is later than that is left out. */
const mostLateTicks = 3

export class Ticker {
  readonly #onTick: () => void
  #timer: NodeJS.Timeout | undefined
  #startedAt = 0n
  #ticked = 0

  constructor(onTick: () => void) {
    this.#onTick = onTick
  }

  start(): void {
    if (this.#timer !== undefined) return
    this.#startedAt = process.hrtime.bigint()
    this.#ticked = 0
    this.#sleep()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #elapsedMs(): number {
    return Number(process.hrtime.bigint() - this.#startedAt) / 1e6
  }

  #sleep(): void {
    const dueMs = (this.#ticked + 1) * tickMs
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, Math.ceil(dueMs - this.#elapsedMs())))
  }

  #wake(): void {
    const due = Math.floor(this.#elapsedMs() / tickMs)
    this.#ticked = Math.max(this.#ticked, due - mostLateTicks)
    while (this.#ticked < due) {
      this.#ticked += 1
      this.#onTick()
    }
    if (this.#timer !== undefined) this.#sleep()
  }
}
