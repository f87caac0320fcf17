import type { Clock } from './clock.ts'
import type { Log } from '../log.ts'
import { isError } from '../calling-error.ts'
import { doorOf } from './door.ts'

type TokenWatchOptions = {
  clock: Clock
  log: Log
  /** Milliseconds since 1970 by the server. */
  serverNow(): number | undefined
  /** The credential: gives a fresh token once the old one nears its end. */
  token(): Promise<string>
  /** Tells the server. */
  handIn(token: string): Promise<unknown>
  /** The token has run out, or was refused, and there is no other. Called once, then the watch is over. */
  ranOut(): void
}

const checkMs = 60_000
const earlyMs = 10 * 60_000

/**
 * Keeps the server supplied with a valid token. The credential renews by itself some minutes before the end (ACS:
 * proactive refresh); here it is only asked for what it has, each minute while the end is near.
 */
export class TokenWatch {
  readonly #options: TokenWatchOptions
  #token: string
  #stop = () => {}
  #isOver = false

  constructor(token: string, options: TokenWatchOptions) {
    this.#options = options
    this.#token = token
    this.#sleep()
  }

  close(): void {
    this.#isOver = true
    this.#stop()
  }

  #remainingMs(): number {
    return doorOf(this.#token).expiresAt - (this.#options.serverNow() ?? 0)
  }

  #sleep(): void {
    const waitMs = Math.min(checkMs, Math.max(this.#remainingMs(), 1000))
    this.#stop = this.#options.clock.after(waitMs, () => void this.#check())
  }

  async #check(): Promise<void> {
    if (this.#remainingMs() < earlyMs) await this.#renew()
    if (this.#isOver) return
    if (this.#remainingMs() > 0) return this.#sleep()
    this.close()
    this.#options.ranOut()
  }

  async #renew(): Promise<void> {
    try {
      const token = await this.#options.token()
      if (token === this.#token || this.#isOver) return
      await this.#options.handIn(token)
      this.#token = token
    } catch (error) {
      // The old token is good for some time yet, and the next minute brings another try.
      this.#options.log.warn('token.notRenewed', { error })
      if (isError(error, 'unauthenticated', 'forbidden') && !this.#isOver) {
        this.close()
        this.#options.ranOut()
      }
    }
  }
}
