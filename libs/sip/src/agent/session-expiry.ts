/** Keeps a session alive, or ends it when it is not kept alive: the timers of RFC 4028 at work. */
import { answerTimer, askForTimer, leastIntervalIn, SessionTimer, termsFromResponse } from '../dialogs/index.ts'
import { Allow, type Message, type Request, type Response } from '../messages/index.ts'
import { tellAbilities } from './abilities.ts'
import { SipFailure } from './errors.ts'
import { endIfLost } from './losses.ts'
import type { SessionPart } from './session-part.ts'

export class SessionExpiry {
  readonly #session: SessionPart
  readonly #timer: SessionTimer
  readonly #reoffer: () => Promise<void>
  #leastS = 0
  #peerTakesUpdate = false

  /** @param reoffer a re-INVITE with an unchanged wish, for those who take no UPDATE */
  constructor(session: SessionPart, reoffer: () => Promise<void>) {
    this.#session = session
    this.#reoffer = reoffer
    this.#timer = new SessionTimer(session.context.clock, {
      refresh: () => session.run(this.#refresh()),
      expired: () => session.endWithBye({ why: 'expired', by: 'peer', status: 408 }),
    })
    session.signal.addEventListener('abort', () => this.#timer.stop(), { once: true })
  }

  /** Puts our wish into an INVITE or UPDATE. */
  ask(request: Request): void {
    askForTimer(request, this.#session.context.limits, this.#leastS, this.#timer.terms)
  }

  /** Whether a 422 has told us something new, so that it is worth asking again. */
  learns(error: unknown): boolean {
    const response = error instanceof SipFailure ? error.response : undefined
    const leastS = response && leastIntervalIn(response)
    if (leastS === undefined || leastS <= this.#leastS) return false
    this.#leastS = leastS
    return true
  }

  /** A 2xx to our INVITE or UPDATE. */
  agreed(response: Response): void {
    this.#timer.start(termsFromResponse(response))
  }

  /** Our 2xx to an INVITE or UPDATE: agrees, and begins to count. */
  answer(request: Request, response: Response): void {
    this.#timer.start(answerTimer(request, response, this.#session.context.limits))
  }

  /** Remembers what the other side says that it takes. */
  note({ headers }: Message): void {
    if (headers.has('Allow')) this.#peerTakesUpdate = headers.all(Allow).includes('UPDATE')
  }

  /** RFC 4028 section 7.4: an UPDATE without an offer where the other side takes it, else a re-INVITE. */
  async #refresh(): Promise<void> {
    try {
      if (this.#peerTakesUpdate) await this.#update()
      else await this.#reoffer()
    } catch (error) {
      endIfLost(this.#session, error)
      // Any other refusal says that there still is somebody: he is asked again before the time is over.
      if (!this.#session.signal.aborted) this.#timer.refreshLater()
    }
  }

  async #update(): Promise<void> {
    const link = this.#session.confirmedLink()
    const request = link.request('UPDATE')
    tellAbilities(request.headers)
    this.ask(request)
    try {
      const response = await link.askWith(request)
      link.dialog.refreshTarget(response)
      this.agreed(response)
    } catch (error) {
      if (!this.learns(error)) throw error
      await this.#update()
    }
  }
}
