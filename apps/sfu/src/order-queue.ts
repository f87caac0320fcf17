/**
 * Orders about one call run one after another, those about different calls side by side: behind an `await` inside an
 * order, no other order has changed the call. Only a worker's death can have come between.
 */
export class OrderQueue<Key> {
  /** For each key, the end of the order that was queued last. */
  readonly #last = new Map<Key, Promise<void>>()

  /** Runs `order` when all that were queued for `key` before it have ended, well or not. */
  async run<T>(key: Key, order: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key)
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    this.#last.set(key, ended)
    try {
      await before
      return await order()
    } finally {
      if (this.#last.get(key) === ended) this.#last.delete(key)
      end()
    }
  }

  /** Resolves when everything that was queued has ended. */
  async idle(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values())
  }
}
