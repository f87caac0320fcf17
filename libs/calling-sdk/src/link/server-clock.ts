import type { Clock } from './clock.ts'

/**
 * The server's time, as near as the link can tell. A device's own date is often wrong by minutes, so nothing that the
 * server decides by time (a token's end) is ever compared with it.
 */
export class ServerClock {
  readonly #clock: Clock
  #offsetMs: number | undefined
  #bestRoundTripMs = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Learns from a reply: the quicker the round trip, the truer its time. */
  sample(sentAt: number, serverTime: number): void {
    const now = this.#clock.now()
    const roundTripMs = now - sentAt
    if (roundTripMs > this.#bestRoundTripMs) return
    this.#bestRoundTripMs = roundTripMs
    this.#offsetMs = serverTime - (sentAt + roundTripMs / 2)
  }

  /** Milliseconds since 1970 by the server; undefined before the first reply. */
  now(): number | undefined {
    return this.#offsetMs === undefined ? undefined : this.#clock.now() + this.#offsetMs
  }
}
