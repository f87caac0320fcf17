const limitMs = 2000

/** What came in and was not looked at yet. `next` waits for what has not come, with a limit. */
export class Inbox<T> {
  readonly #name: string
  readonly #items: T[] = []
  readonly #waiting: ((item: T) => void)[] = []

  constructor(name: string) {
    this.#name = name
  }

  put(item: T): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#items.push(item)
    else waiting(item)
  }

  async next(): Promise<T> {
    const item = this.#items.shift()
    if (item !== undefined) return item
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.#name}: nothing came in ${limitMs} ms`)), limitMs)
      this.#waiting.push((found) => {
        clearTimeout(timer)
        resolve(found)
      })
    })
  }

  /** Everything that is there, without waiting. */
  get rest(): readonly T[] {
    return this.#items
  }
}
