/** "Now" is the database's clock: the distance to it is measured once a second, so that reading it costs nothing. */
import type { EpochMs } from '@parley/protocol'

export class DatabaseClock {
  #aheadMs = 0

  constructor(private readonly read: () => Promise<EpochMs>) {}

  now(): EpochMs {
    return (Date.now() + this.#aheadMs) as EpochMs // any number is one, and each request asks for it
  }

  /**
   * Measures the distance anew. The database was read at some moment between question and answer, and more is not known:
   * a slow answer moves the clock no further than it must. A room that opened now would lie in the future once more.
   */
  async adjust(): Promise<void> {
    const sentMs = Date.now()
    const there = await this.read()
    const [least, most] = [there - Date.now(), there - sentMs]
    this.#aheadMs = Math.min(Math.max(this.#aheadMs, least), most)
  }
}
