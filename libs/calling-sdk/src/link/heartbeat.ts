import type { Clock } from './clock.ts'

/** How often to ask, and after how long a silence the socket is dead; milliseconds. */
export type Pace = { pingMs: number; deadMs: number }

/**
 * Finds out that a socket is dead. An operating system keeps one open for minutes after the network behind it went
 * away, so it is asked every now and then, and one that does not answer is given up. A silence is measured from an
 * unanswered question, not from the last frame: after a sleep of the machine no frame is old through its own fault.
 */
export class Heartbeat {
  readonly #clock: Clock
  readonly #ping: () => void
  readonly #died: () => void
  #pace: Pace | undefined
  #stopPinging = () => {}
  #stopWaiting: (() => void) | undefined

  constructor(clock: Clock, on: { ping(): void; died(): void }) {
    this.#clock = clock
    this.#ping = () => on.ping()
    this.#died = () => on.died()
  }

  start(pace: Pace): void {
    this.stop()
    this.#pace = pace
    this.#later()
  }

  /** Takes another pace; a quicker one starts with a question at once. */
  turn(pace: Pace): void {
    if (this.#pace === undefined || this.#pace.pingMs === pace.pingMs) return
    const isQuicker = pace.pingMs < this.#pace.pingMs
    this.#pace = pace
    this.#stopPinging()
    if (isQuicker) this.#ask(pace)
    this.#later()
  }

  /** A frame came in: the socket lives. */
  heard(): void {
    this.#stopWaiting?.()
    this.#stopWaiting = undefined
  }

  /** Asks now and gives the answer only `ms`: for a moment at which something else looks dead already. */
  probe(ms: number): void {
    if (this.#pace === undefined) return
    this.heard()
    this.#stopWaiting = this.#clock.after(ms, this.#died)
    this.#ping()
  }

  stop(): void {
    this.#pace = undefined
    this.#stopPinging()
    this.heard()
  }

  #later(): void {
    const pace = this.#pace
    if (pace === undefined) return
    this.#stopPinging = this.#clock.after(pace.pingMs, () => {
      this.#ask(pace)
      this.#later()
    })
  }

  #ask(pace: Pace): void {
    this.#stopWaiting ??= this.#clock.after(pace.deadMs - pace.pingMs, this.#died)
    this.#ping()
  }
}
