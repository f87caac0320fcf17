/**
 * The one timer of all who speak in a process: it ticks every 20 ms, the length of a packet of sound. A tick's time
 * follows from its number, so that what comes late once is not late for ever.
 */
import type { Clock } from '@parley/calling-sdk/link'

/** How far ticks are apart. */
export const tickMs = 20

/** So many late ticks are made up for, in a row; what is later than that is left out, as a real microphone would. */
const mostLateTicks = 5

export type OnTick = (tick: number) => void

export class Pacer {
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #listeners = new Set<OnTick>()
  #ticked = 0
  #stop: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#startedAt = clock.now()
  }

  /** Calls back for each tick with its number, which grows by one every 20 ms. The returned function ends that. */
  listen(onTick: OnTick): () => void {
    this.#listeners.add(onTick)
    if (this.#stop === undefined) {
      this.#ticked = this.#due()
      this.#sleep()
    }
    return () => {
      this.#listeners.delete(onTick)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = undefined
    }
  }

  #due(): number {
    return Math.floor((this.#clock.now() - this.#startedAt) / tickMs)
  }

  #sleep(): void {
    const nextAt = this.#startedAt + (this.#ticked + 1) * tickMs
    this.#stop = this.#clock.after(Math.max(0, Math.ceil(nextAt - this.#clock.now())), () => this.#wake())
  }

  #wake(): void {
    const due = this.#due()
    this.#ticked = Math.max(this.#ticked, due - mostLateTicks)
    while (this.#ticked < due) {
      this.#ticked += 1
      for (const onTick of this.#listeners) onTick(this.#ticked)
    }
    if (this.#listeners.size > 0) this.#sleep()
  }
}
