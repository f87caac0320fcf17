/** "Now" is the database's clock: the distance to it is measured once a second, so that reading it costs nothing. */
import type { EpochMs } from '@parley/protocol'

export class DatabaseClock {
  #aheadMs = 0

  constructor(private readonly read: () => Promise<EpochMs>) {}

  now(): EpochMs {
    return (Date.now() + this.#aheadMs) as EpochMs // any number is one, and each request asks for it
  }

  /** Measures the distance anew. */
  async adjust(): Promise<void> {
    const sentMs = Date.now()
    const there = await this.read()
    const halfWayMs = (sentMs + Date.now()) / 2
    this.#aheadMs = there - halfWayMs
  }
}
