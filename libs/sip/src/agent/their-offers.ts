/** The other side changes the session: its re-INVITEs (RFC 3261 section 14.2) and UPDATEs (RFC 3311 section 5.2). */
import { descriptionIn, isIntervalTooSmall, retryAfterOverlap, sdpType, Success } from '../dialogs/index.ts'
import type { Request, Response } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { reply, responseOf, tellWhoWeAre } from './answering.ts'
import type { DialogLink } from './dialog-link.ts'
import { SipFailure } from './errors.ts'
import { mediaFailure } from './losses.ts'
import { statusOfRefusal } from './negotiation.ts'
import type { OurOffers } from './our-offers.ts'
import type { SessionExpiry } from './session-expiry.ts'
import type { SessionPart } from './session-part.ts'

/** A re-INVITE from its coming to its ACK. */
type Reinvite = { transaction: ServerTransaction; success?: Success }

export class TheirOffers {
  readonly #session: SessionPart
  readonly #ours: OurOffers
  readonly #expiry: SessionExpiry
  #reinvite: Reinvite | undefined

  constructor(session: SessionPart, ours: OurOffers, expiry: SessionExpiry) {
    this.#session = session
    this.#ours = ours
    this.#expiry = expiry
    session.signal.addEventListener('abort', () => this.#stop(), { once: true })
  }

  takeInvite(transaction: ServerTransaction, link: DialogLink): void {
    const { open } = this.#session.negotiation
    const isUnanswered = this.#reinvite !== undefined && !this.#reinvite.transaction.isAnswered
    const isOverlapping = isUnanswered || open === 'theirs'
    if (this.#refuses(transaction, { isOverlapping, isGlare: this.#ours.isInviting || open === 'ours' })) return
    const reinvite: Reinvite = { transaction }
    this.#reinvite?.success?.stop()
    this.#reinvite = reinvite
    this.#session.run(this.#answerInvite(reinvite, link))
  }

  takeUpdate(transaction: ServerTransaction, link: DialogLink): void {
    const { open } = this.#session.negotiation
    const hasOffer = transaction.request.body.length > 0
    const isOverlapping = hasOffer && open === 'theirs'
    if (this.#refuses(transaction, { isOverlapping, isGlare: hasOffer && open === 'ours' })) return
    this.#session.run(this.#answerUpdate(transaction, link))
  }

  /** Whether an ACK belongs to the 2xx of a re-INVITE. */
  takesAck(ack: Request): boolean {
    return this.#reinvite?.success?.takes(ack) ?? false
  }

  /** Refuses what comes at a wrong time, or asks for what we cannot give. */
  #refuses(transaction: ServerTransaction, { isOverlapping, isGlare }: { isOverlapping: boolean; isGlare: boolean }) {
    const { context } = this.#session
    if (isOverlapping) {
      reply(context, transaction, 500, { headers: { 'Retry-After': String(retryAfterOverlap()) } })
    } else if (isGlare) {
      reply(context, transaction, 491)
    } else if (isIntervalTooSmall(transaction.request, context.limits)) {
      reply(context, transaction, 422, { headers: { 'Min-SE': String(context.limits.minSessionExpiresS) } })
    } else if (descriptionIn(transaction.request).is === 'other') {
      reply(context, transaction, 415, { headers: { Accept: sdpType } })
    } else {
      return false
    }
    return true
  }

  async #answerInvite(reinvite: Reinvite, link: DialogLink): Promise<void> {
    const { transaction } = reinvite
    const { negotiation, context, signal } = this.#session
    const offer = descriptionIn(transaction.request)
    let body: string
    try {
      body = offer.is === 'sdp' ? await negotiation.answer(offer.text) : await negotiation.offer()
    } catch (error) {
      reply(context, transaction, statusOfRefusal(error))
      return
    }
    if (transaction.isAnswered || signal.aborted) {
      negotiation.withdraw()
      return
    }
    const success = new Success(transaction, this.#success(transaction, link, body), context.clock, context.limits)
    reinvite.success = success
    await this.#afterAck(success, offer.is === 'sdp')
  }

  async #afterAck(success: Success, hadOffer: boolean): Promise<void> {
    const { negotiation, signal } = this.#session
    let ack: Request
    try {
      ack = await success.acknowledged
    } catch {
      // Stopped: the session is over, or a newer INVITE shows that the 2xx was heard. Else RFC 3261 section 14.2 ends it.
      if (!signal.aborted && this.#reinvite?.success === success) {
        this.#session.endWithBye({ why: 'unconfirmed', by: 'peer' })
      }
      return
    }
    try {
      if (!hadOffer) await negotiation.answered(lateAnswer(ack), { isEarly: false, isLast: true })
      if (!signal.aborted) this.#session.emit('renegotiated', { by: 'peer' })
    } catch (error) {
      this.#session.endWithBye({ why: 'media', by: 'us', failure: mediaFailure(error) })
    }
  }

  async #answerUpdate(transaction: ServerTransaction, link: DialogLink): Promise<void> {
    const { negotiation, context } = this.#session
    const offer = descriptionIn(transaction.request)
    try {
      const body = offer.is === 'sdp' ? await negotiation.answer(offer.text) : undefined
      transaction.respond(this.#success(transaction, link, body))
      if (body !== undefined && !this.#session.signal.aborted) this.#session.emit('renegotiated', { by: 'peer' })
    } catch (error) {
      reply(context, transaction, statusOfRefusal(error))
    }
  }

  /** A 200; what it agrees to holds from now on. */
  #success(transaction: ServerTransaction, link: DialogLink, body?: string): Response {
    const { context } = this.#session
    const { request } = transaction
    const response = responseOf(context, transaction, 200, { contentType: sdpType, body })
    tellWhoWeAre(context, transaction, response, link.options.contactUser)
    link.dialog.refreshTarget(request)
    this.#expiry.note(request)
    this.#expiry.answer(request, response)
    return response
  }

  #stop(): void {
    const reinvite = this.#reinvite
    reinvite?.success?.stop()
    // RFC 3261 section 15.1.2: what is still open when the session ends is answered with 487.
    if (reinvite !== undefined && !reinvite.transaction.isAnswered) {
      reply(this.#session.context, reinvite.transaction, 487)
    }
  }
}

/** The answer to an offer of ours that went into a 2xx (RFC 3261 section 13.2.1). */
export function lateAnswer(ack: Request): string {
  const answer = descriptionIn(ack)
  if (answer.is !== 'sdp') throw new SipFailure('media', 'the ACK has no answer')
  return answer.text
}
