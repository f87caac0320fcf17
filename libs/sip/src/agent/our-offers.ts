/** Our re-INVITEs (RFC 3261 section 14.1): hold, resume, new codecs or addresses. One after another, and again after glare. */
import { descriptionIn, pauseAfterGlare, sdpType } from '../dialogs/index.ts'
import type { Request, Response } from '../messages/index.ts'
import type { Direction } from '../sdp/index.ts'
import type { Acknowledgement } from '../transactions/index.ts'
import { tellAbilities } from './abilities.ts'
import { pause } from './context.ts'
import type { DialogLink } from './dialog-link.ts'
import { failedToSend, refused, SipFailure } from './errors.ts'
import { endIfLost, mediaFailure } from './losses.ts'
import type { SessionExpiry } from './session-expiry.ts'
import type { SessionPart } from './session-part.ts'

/** An offer that meets another one, again and again, is given up. */
const mostTries = 5
const lookAgainMs = 50

export class OurOffers {
  readonly #session: SessionPart
  readonly #expiry: () => SessionExpiry
  #isInviting = false
  #last: Promise<void> = Promise.resolve()

  constructor(session: SessionPart, expiry: () => SessionExpiry) {
    this.#session = session
    this.#expiry = expiry
  }

  /** A re-INVITE of ours is under way: one of theirs gets 491. */
  get isInviting(): boolean {
    return this.#isInviting
  }

  /** Rejects with a SipFailure; then everything is as it was before. */
  offer(wish?: Direction): Promise<void> {
    const offered = this.#last.then(() => this.#offerUntilHeard(wish ?? this.#session.negotiation.wish))
    this.#last = offered.catch(() => undefined)
    return offered
  }

  async #offerUntilHeard(wish: Direction): Promise<void> {
    const { context, signal } = this.#session
    for (let tries = 1; ; tries += 1) {
      await this.#untilFree()
      try {
        await this.#offerOnce(wish)
        this.#session.emit('renegotiated', { by: 'us' })
        return
      } catch (error) {
        const pauseMs = this.#pauseBeforeNextTry(error)
        if (pauseMs === undefined || tries === mostTries || signal.aborted) throw error
        await pause(context.clock, pauseMs, signal)
      }
    }
  }

  /** Offers of the other side come first; none of them stays open for longer than this. */
  async #untilFree(): Promise<void> {
    const { negotiation, context, signal } = this.#session
    for (let waitedMs = 0; negotiation.open !== 'none'; waitedMs += lookAgainMs) {
      if (waitedMs > 64 * context.limits.t1Ms) throw new SipFailure('wrongState', 'the last offer has no answer yet')
      await pause(context.clock, lookAgainMs, signal)
    }
  }

  async #offerOnce(wish: Direction): Promise<void> {
    const { negotiation, signal } = this.#session
    const link = this.#session.confirmedLink()
    const wishBefore = negotiation.wish
    this.#isInviting = true
    try {
      const request = link.request('INVITE', { contentType: sdpType, body: await negotiation.offer(wish) })
      tellAbilities(request.headers, ['100rel'])
      this.#expiry().ask(request)
      const response = await this.#invite(link, request)
      if (signal.aborted) throw signal.reason
      await this.#take(response, link)
    } catch (error) {
      negotiation.withdraw(wishBefore)
      endIfLost(this.#session, error)
      throw error
    } finally {
      this.#isInviting = false
    }
  }

  async #take(response: Response, link: DialogLink): Promise<void> {
    link.dialog.refreshTarget(response)
    this.#expiry().note(response)
    this.#expiry().agreed(response)
    const answer = descriptionIn(response)
    try {
      if (answer.is !== 'sdp') throw new SipFailure('media', 'the 2xx has no answer', { response })
      await this.#session.negotiation.answered(answer.text, { isEarly: false, isLast: true })
    } catch (error) {
      // Both sides have agreed to something that one of them cannot do: there is no way back (RFC 3261 section 14.1).
      const failure = mediaFailure(error)
      this.#session.endWithBye({ why: 'media', by: 'us', failure })
      throw failure
    }
  }

  /** Resolves with a 2xx, which has been acknowledged. */
  #invite(link: DialogLink, request: Request): Promise<Response> {
    const { context } = this.#session
    let acknowledgement: Acknowledgement | undefined
    return new Promise((resolve, reject) => {
      const sent = link.send(request, {
        final: (response, flow) => {
          callOff()
          link.flow = flow
          if (response.status >= 300) {
            reject(refused('INVITE', response))
            return
          }
          acknowledgement = link.acknowledge(sent.request)
          void acknowledgement.sent.then(() => resolve(response))
        },
        furtherSuccess: () => acknowledgement?.again(),
        failed: (failure) => {
          callOff()
          reject(failedToSend('INVITE', failure))
        },
      })
      // Who rings for a re-INVITE rings for ever, if nobody stops him.
      const callOff = context.clock.after(64 * context.limits.t1Ms, () => sent.cancel())
    })
  }

  /** Undefined: it is not worth another try. */
  #pauseBeforeNextTry(error: unknown): number | undefined {
    const response = error instanceof SipFailure ? error.response : undefined
    if (response === undefined) return undefined
    if (response.status === 491) return pauseAfterGlare(this.#session.isOwnerOfCallId)
    if (this.#expiry().learns(error)) return 0
    // RFC 3261 section 14.2: the other side was still busy with an INVITE of ours.
    const seconds = response.status === 500 ? Number(response.headers.text('Retry-After') ?? Number.NaN) : Number.NaN
    return seconds >= 0 && seconds <= 10 ? seconds * 1000 : undefined
  }
}
