/**
 * Producers and consumers of a leg that have ended: a client that names one has not heard of it yet, which is no error
 * of his. Ids that were never his stay unknown. The oldest are forgotten first.
 */
const most = 256

export class EndedIds {
  readonly #ids = new Set<string>()

  add(id: string): void {
    this.#ids.add(id)
    for (const oldest of this.#ids) {
      if (this.#ids.size <= most) return
      this.#ids.delete(oldest)
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }
}
