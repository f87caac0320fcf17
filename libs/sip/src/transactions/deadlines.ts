/** One timer for all that wait: it sleeps until the nearest deadline and wakes those whose time has come. */
import type { Clock } from '../clock.ts'

export interface Waiting {
  /** When it wants to be woken; Infinity: not at all. */
  readonly deadline: number
  fellDue(): void
}

type Entry = { at: number; who: Waiting }

export class Deadlines {
  readonly #clock: Clock
  /** A heap by time. An entry whose deadline has moved stays until its time and is passed over then. */
  readonly #heap: Entry[] = []
  #wakesAt = Infinity
  #takeBack: () => void = () => undefined
  #isClosed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** To be called whenever a deadline has changed. */
  watch(who: Waiting): void {
    const at = who.deadline
    if (at === Infinity || this.#isClosed) return
    this.#push({ at, who })
    if (at < this.#wakesAt) this.#sleep()
  }

  close(): void {
    this.#isClosed = true
    this.#takeBack()
    this.#heap.length = 0
  }

  #sleep(): void {
    this.#takeBack()
    const nearest = this.#heap[0]
    this.#wakesAt = nearest?.at ?? Infinity
    if (nearest === undefined) return
    // Timers count whole milliseconds; one that is early would find nothing due and sleep again for nothing.
    const ms = Math.ceil(Math.max(0, nearest.at - this.#clock.now()))
    this.#takeBack = this.#clock.after(ms, () => this.#wake())
  }

  #wake(): void {
    const now = this.#clock.now()
    // Meanwhile nobody needs to set the timer anew: it is set once, at the end.
    this.#wakesAt = -Infinity
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#pop()
      if (first.who.deadline <= now) first.who.fellDue()
    }
    if (!this.#isClosed) this.#sleep()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = heap[above]
      if (parent === undefined || parent.at <= entry.at) break
      heap[at] = parent
      at = above
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const [one, other] = [heap[left], heap[left + 1]]
      if (one === undefined) break
      const below = other !== undefined && other.at < one.at ? left + 1 : left
      const child = heap[below]
      if (child === undefined || child.at >= last.at) break
      heap[at] = child
      at = below
    }
    heap[at] = last
  }
}
