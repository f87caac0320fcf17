import type { Clock } from '../src/link/clock.ts'

type Timer = { at: number; ring: () => void }

/** A clock that moves when it is told to. */
export class TestClock implements Clock {
  #now = 0
  #timers = new Set<Timer>()

  now(): number {
    return this.#now
  }

  after(ms: number, ring: () => void): () => void {
    const timer = { at: this.#now + ms, ring }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Lets time pass, and what falls due happen in its order. */
  pass(ms: number): void {
    const until = this.#now + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = next.at
      next.ring()
    }
    this.#now = until
  }

  get waits(): number {
    return this.#timers.size
  }
}
