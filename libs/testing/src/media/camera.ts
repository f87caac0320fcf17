/** What one participant sends of a moving picture: its frames, at the rate that they have. */
import type { Outgoing } from './outgoing.ts'
import { tickMs } from './pacer.ts'
import type { Film } from './pictures.ts'

/** RFC 7741 section 4.1. */
const clockRate = 90_000

export class Camera {
  readonly #stream: Outgoing
  #film: Film | undefined
  /** How many frames were due when the film began, or began anew. */
  #begunAt: number | undefined
  #due = 0

  constructor(stream: Outgoing) {
    this.#stream = stream
  }

  /** Shows a film from the next tick on; without one it is dark. */
  show(film: Film | undefined): void {
    if (this.#film === film) return
    this.#film = film
    this.#begunAt = undefined
  }

  /** Somebody cannot go on with what he has: begins anew, with a whole picture. */
  beginAnew(): void {
    this.#begunAt = undefined
  }

  tick(tick: number): void {
    if (this.#film === undefined) return
    const { framesPerS, frames } = this.#film
    const due = Math.floor((tick * tickMs * framesPerS) / 1000)
    if (due === this.#due) return
    this.#due = due
    this.#begunAt ??= due
    const frame = frames[(due - this.#begunAt) % frames.length] ?? []
    const timestamp = Math.floor((due * clockRate) / framesPerS)
    // The mark stands on the last piece of a frame.
    for (const [index, payload] of frame.entries()) {
      this.#stream.send({ payload, timestamp, isMarked: index === frame.length - 1 })
    }
  }
}
