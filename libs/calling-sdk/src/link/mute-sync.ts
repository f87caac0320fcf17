import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'

/** How long after a word that the server did not take it is said again. */
const againMs = 2000

type Waiting = { isMuted: boolean; told: PromiseWithResolvers<void> }

type MuteParts = {
  send(isMuted: boolean): Promise<unknown>
  /** The server did not hear that one speaks: one is muted. */
  fellBack(): void
  clock: Clock
  log: Log
}

/**
 * Brings the server's idea of "muted" to ours. Muting acts at once on this side; what the server is told is only the
 * newest word, one at a time, so that an outage full of clicks is seen by the others as one change or none.
 *
 * When it cannot be told, both sides come to agree all the same. Who mutes stays muted, and it is said again until the
 * server knows. Who unmutes is muted again: nobody would hear him.
 */
export class MuteSync {
  readonly #parts: MuteParts
  #wanted = false
  /** Undefined after a failure: what was asked may have been carried out. */
  #known: boolean | undefined = false
  #isSending = false
  #isOver = false
  #waiting: Waiting[] = []
  #stopWaiting = (): void => {}

  constructor(parts: MuteParts) {
    this.#parts = parts
  }

  /** The call begins with this word. */
  begin(isMuted: boolean): void {
    this.#wanted = this.#known = isMuted
  }

  /** Resolves when the server knows, or cannot be told now. Rejects when it does not let one speak. */
  async set(isMuted: boolean, canBeTold: boolean): Promise<void> {
    this.#wanted = isMuted
    if (!canBeTold || this.#isOver) return
    const told = Promise.withResolvers<void>()
    this.#waiting.push({ isMuted, told })
    this.flush()
    return told.promise
  }

  /** The server has decided so. What was said against it and has no reply yet is said again by what is wanted now. */
  adopt(isMuted: boolean): void {
    this.#wanted = this.#known = isMuted
  }

  flush(): void {
    if (this.#isSending || this.#isOver) return
    if (this.#wanted === this.#known) return this.release()
    void this.#tell(this.#wanted)
  }

  /** Lets go of everyone who waits. */
  release(): void {
    for (const { told } of this.#waiting.splice(0)) told.resolve()
  }

  /** The call is over: nothing is said any more. */
  close(): void {
    this.#isOver = true
    this.#stopWaiting()
    this.release()
  }

  async #tell(isMuted: boolean): Promise<void> {
    this.#isSending = true
    this.#stopWaiting()
    try {
      await this.#parts.send(isMuted)
      this.#known = isMuted
    } catch (error) {
      this.#notTold(isMuted, error)
    }
    this.#isSending = false
    if (this.#known !== undefined) this.flush()
  }

  #notTold(isMuted: boolean, error: unknown): void {
    if (this.#isOver) return
    this.#parts.log.warn('mute.notTold', { error })
    this.#known = undefined
    if (!isMuted) this.#fallBack(error)
    this.release()
    this.#stopWaiting = this.#parts.clock.after(againMs, () => this.flush())
  }

  #fallBack(error: unknown): void {
    for (const { isMuted, told } of this.#waiting) if (!isMuted) told.reject(error)
    if (this.#wanted) return
    this.#wanted = true
    this.#parts.fellBack()
  }
}
