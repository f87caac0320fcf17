import type { Log } from '../log.ts'

/**
 * Brings the server's idea of "muted" to ours. Muting acts at once on this side; what the server is told is only the
 * newest word, one at a time, so that an outage full of clicks is seen by the others as one change or none.
 */
export class MuteSync {
  readonly #send: (isMuted: boolean) => Promise<unknown>
  readonly #log: Log
  #wanted = false
  #known = false
  #isSending = false
  #waiting: (() => void)[] = []

  constructor(send: (isMuted: boolean) => Promise<unknown>, log: Log) {
    this.#send = send
    this.#log = log
  }

  /** The call begins with this word. */
  begin(isMuted: boolean): void {
    this.#wanted = this.#known = isMuted
  }

  /** Resolves when the server knows, or cannot be told now. */
  async set(isMuted: boolean, isUp: boolean): Promise<void> {
    this.#wanted = isMuted
    if (!isUp) return
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.flush()
    })
  }

  /** The server has decided so. What was said against it and has no reply yet is said again by what is wanted now. */
  adopt(isMuted: boolean): void {
    this.#wanted = this.#known = isMuted
  }

  flush(): void {
    if (this.#isSending) return
    if (this.#wanted === this.#known) return this.release()
    void this.#tell(this.#wanted)
  }

  /** Lets go of everyone who waits. */
  release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  async #tell(isMuted: boolean): Promise<void> {
    this.#isSending = true
    try {
      await this.#send(isMuted)
    } catch (error) {
      // The call is over, or ends with the link; asking again would not help.
      this.#log.warn('mute.notTold', { error })
    }
    this.#known = isMuted
    this.#isSending = false
    this.flush()
  }
}
