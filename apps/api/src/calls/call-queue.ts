/**
 * What concerns one thing happens one after another; what concerns different things, side by side. A call's steps queue
 * up so that the version check only meets other nodes; a session's requests about one call keep their order.
 */
export class Queues<Key> {
  readonly #tails = new Map<Key, Promise<unknown>>()

  /** Runs `task` after everything that was queued for `key` before, whether that went well or not. */
  run<T>(key: Key, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const mine = before === undefined ? task() : before.then(task, task)
    this.#tails.set(key, mine)
    const forget = (): void => {
      if (this.#tails.get(key) === mine) this.#tails.delete(key)
    }
    mine.then(forget, forget)
    return mine
  }

  /** Resolves when nothing is queued any more. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.allSettled(this.#tails.values())
  }
}
