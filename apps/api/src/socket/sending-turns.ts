/**
 * Sockets that are told the same as many others are written to in turns of the event loop: writing to a hundred of them
 * takes milliseconds, and what somebody asks for meanwhile is not to wait behind all of them.
 */

/** How long one turn writes. Longer ones hold requests up, shorter ones make more turns than writes. */
const turnMs = 0.5

type Flush = () => void

export class SendingTurns {
  readonly #waiting = new Set<Flush>()

  /** Calls back in one of the next turns, in the order in which they were taken; once, however often it was taken. */
  take(flush: Flush): void {
    if (this.#waiting.size === 0) setImmediate(() => this.#turn())
    this.#waiting.add(flush)
  }

  #turn(): void {
    const endsAt = performance.now() + turnMs
    for (const flush of this.#waiting) {
      this.#waiting.delete(flush)
      flush()
      if (performance.now() >= endsAt) break
    }
    if (this.#waiting.size > 0) setImmediate(() => this.#turn())
  }
}
