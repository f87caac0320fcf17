/** A session that we make: INVITE, what comes before its answer, and the answer (RFC 3261 section 13.2). */
import { DigestClient } from '../digest/index.ts'
import { askForTimer, descriptionIn, Dialog, isReliable, leastIntervalIn, sdpType } from '../dialogs/index.ts'
import { GrammarError, type NameAddr } from '../grammar/index.ts'
import { bodyOf, CSeq, From, RAck, RSeq, tagOf, To, type Request, type Response } from '../messages/index.ts'
import type { Acknowledgement, ClientFailure } from '../transactions/index.ts'
import type { Flow } from '../transports/index.ts'
import type { InviteOptions } from './agent.ts'
import { BaseSession } from './base-session.ts'
import type { AgentContext } from './context.ts'
import { bodyParts, type DialogLink, type LinkOptions } from './dialog-link.ts'
import { reasonsIn, type Ending } from './endings.ts'
import { failedToSend, SipFailure } from './errors.ts'
import { Forks, type Fork } from './forks.ts'
import { makeInvite } from './invite-request.ts'
import { mediaFailure } from './losses.ts'
import { ProvenRequest } from './proven-request.ts'
import type { EndOptions } from './session.ts'
import { sendOptions } from './way-options.ts'

const usualRingLimitMs = 180_000

export class OutgoingSession extends BaseSession {
  readonly direction = 'outgoing'
  readonly #options: InviteOptions
  readonly #digest: DigestClient | undefined
  readonly #forks: Forks
  readonly #acknowledgements = new Map<DialogLink, Acknowledgement>()
  #request: Request
  #cseq = 1
  #leastS = 0
  #sent: ProvenRequest | undefined
  #giveUpRinging: () => void = () => undefined
  #inviteEnded = Promise.withResolvers<void>()

  constructor(context: AgentContext, options: InviteOptions) {
    super(context)
    this.#options = options
    this.#digest = options.credentials && new DigestClient(options.credentials)
    this.negotiation.use(options.media)
    this.#request = makeInvite(context, options)
    this.#forks = new Forks((dialog) => this.openDialog(dialog, undefined, this.#linkOptions()))
  }

  get invite(): Request {
    return this.#sent?.request ?? this.#request
  }

  get local(): NameAddr {
    return this.#request.headers.need(From)
  }

  get remote(): NameAddr {
    return this.link?.dialog.remote ?? this.#request.headers.need(To)
  }

  start(): void {
    const { signal, ringLimitMs = usualRingLimitMs } = this.#options
    this.#giveUpRinging = this.context.clock.after(ringLimitMs, () => this.giveUp({ why: 'unanswered', by: 'us' }))
    this.signal.addEventListener('abort', () => this.#giveUpRinging(), { once: true })
    const abort = (): void => this.giveUp({ why: 'cancelled', by: 'us' })
    signal?.addEventListener('abort', abort, { once: true })
    this.signal.addEventListener('abort', () => signal?.removeEventListener('abort', abort), { once: true })
    this.inOrder(() => (signal?.aborted === true ? abort() : this.#begin()))
  }

  /** CANCEL until there is a final answer, BYE afterwards. An answer that crosses our CANCEL is taken, and ended. */
  giveUp(end: Ending, options: EndOptions = {}): void {
    if (this.isConfirmed) {
      this.endWithBye(end, options)
      return
    }
    const { link } = this
    if (link === undefined) {
      if (this.#sent !== undefined) this.sayGoodbye(this.#inviteEnded.promise)
      this.#sent?.cancel(options.reason)
    } else {
      // A 2xx has come, and its description is with the media.
      this.sayGoodbye(this.#acknowledgeOnce(link).then(() => this.bye(link, options)))
    }
    this.finish({ by: 'us', ...end })
  }

  /** A BYE before the answer is against the rules (RFC 3261 section 15), and still says what he wants. */
  override peerHungUp(end: Ending): void {
    if (!this.isConfirmed) this.#sent?.cancel()
    this.finish(end)
  }

  async #begin(): Promise<void> {
    try {
      const offer = (this.#options.hasOffer ?? true) ? await this.negotiation.offer() : undefined
      this.#request = {
        ...this.#request,
        ...bodyOf(this.#request.headers, bodyParts({ contentType: sdpType, body: offer })),
      }
    } catch (error) {
      this.finish({ why: 'media', by: 'us', failure: mediaFailure(error) })
      return
    }
    if (!this.isOver) this.#send()
  }

  #send(way = this.#options): void {
    this.#sent = new ProvenRequest(
      this.context.layer,
      this.#request,
      {
        provisional: (response, flow) => this.#guard(response, flow, () => this.#takeProvisional(response, flow)),
        final: (response, flow) => this.#guard(response, flow, () => this.#takeFinal(response, flow)),
        furtherSuccess: (response, flow) => this.#takeFurtherSuccess(response, flow),
        lateSuccess: (response, flow) => this.#hangUpOn(response, flow),
        failed: (failure) => this.#takeFailure(failure),
      },
      {
        digest: this.#digest,
        nextCSeq: () => (this.#cseq += 1),
        options: sendOptions(this.context.layer, way, this.#options.contactUser),
      },
    )
  }

  /** A response that cannot be read ends the call; there is nobody to whom it could be complained about. */
  #guard(response: Response, flow: Flow, take: () => void): void {
    try {
      take()
    } catch (error) {
      if (!(error instanceof GrammarError)) throw error
      this.finish({ why: 'failed', by: 'peer', failure: new SipFailure('refused', error.what, { cause: error }) })
      if (response.status >= 200 && response.status < 300) this.#hangUpOn(response, flow)
      else this.#sent?.cancel()
    }
  }

  #takeProvisional(response: Response, flow: Flow): void {
    if (this.isOver) return
    if (this.state === 'trying') this.enter('proceeding')
    if (response.status === 100) return
    const hasTag = tagOf(response.headers.need(To)) !== undefined
    const fork = hasTag ? this.#forkOf(response, flow) : undefined
    if (fork !== undefined) this.enter('early')
    if (fork !== undefined && isReliable(response)) this.#takeReliable(fork, response)
    else this.#tellProgress(fork, response)
  }

  #forkOf(response: Response, flow: Flow): Fork {
    const fork = this.#forks.of(this.invite, response)
    fork.link.flow = flow
    return fork
  }

  #linkOptions(): LinkOptions {
    const { trust, contactUser } = this.#options
    return { digest: this.#digest, trust, contactUser }
  }

  /** RFC 3262 section 4: acknowledged by PRACK, in order; what was acknowledged is not told twice. */
  #takeReliable(fork: Fork, response: Response): void {
    if (!fork.reliable.takes(response)) return
    const body = descriptionIn(response)
    const isTheirOffer = body.is === 'sdp' && this.#options.hasOffer === false && !fork.isSettled
    if (!isTheirOffer) {
      this.#prack(fork, response)
      this.#tellProgress(fork, response)
      if (body.is === 'sdp') fork.isSettled = true
      return
    }
    fork.isSettled = true
    this.inOrder(async () => {
      // RFC 3262 section 5: an offer that came reliably is answered in the PRACK.
      try {
        this.#prack(fork, response, await this.negotiation.answer(body.text))
      } catch (error) {
        this.giveUp({ why: 'media', by: 'us', failure: mediaFailure(error) })
        return
      }
      this.#emitProgress(response, true)
    })
  }

  #prack(fork: Fork, response: Response, answer?: string): void {
    const { number, method } = this.invite.headers.need(CSeq)
    const request = fork.link.request('PRACK', { contentType: sdpType, body: answer })
    request.headers.set(RAck, { rseq: response.headers.need(RSeq), cseq: number, method })
    // When it is refused, the other side gives the call up, and says so by the end of the INVITE.
    fork.link.askWith(request).catch(() => undefined)
  }

  #tellProgress(fork: Fork | undefined, response: Response): void {
    const body = descriptionIn(response)
    const isAnswer = fork !== undefined && body.is === 'sdp' && this.#options.hasOffer !== false && !fork.isSettled
    const isNew = isAnswer && fork.description !== body.text
    if (isNew) fork.description = body.text
    const isLast = isReliable(response)
    this.inOrder(async () => {
      try {
        if (isNew) await this.negotiation.answered(body.text, { isEarly: true, isLast })
      } catch (error) {
        // Early sound is a courtesy: without it the call goes on.
        this.context.failed(error)
      }
      this.#emitProgress(response, isAnswer)
    })
  }

  #emitProgress(response: Response, hasMedia: boolean): void {
    if (this.isOver) return
    this.emit('progress', { status: response.status, reason: response.reason, hasMedia, response })
  }

  #takeFinal(response: Response, flow: Flow): void {
    if (response.status < 300) this.#takeSuccess(response, flow)
    else if (!this.#asksAgain(response, flow)) this.#takeRefusal(response)
  }

  /** RFC 4028 section 7.3: an INVITE that asked for too short an interval is worth a second one. */
  #asksAgain(response: Response, flow: Flow): boolean {
    const leastS = leastIntervalIn(response)
    if (leastS === undefined || leastS <= this.#leastS || this.isOver) return false
    this.#leastS = leastS
    const headers = this.#request.headers.clone()
    this.#cseq += 1
    headers.set(CSeq, { number: this.#cseq, method: 'INVITE' })
    this.#request = { ...this.#request, headers }
    askForTimer(this.#request, this.context.limits, leastS)
    this.#send({ ...this.#options, destination: { by: 'flow', flow } })
    return true
  }

  #takeRefusal(response: Response): void {
    this.#inviteEnded.resolve()
    this.finish({
      why: 'rejected',
      by: 'peer',
      status: response.status,
      reasons: reasonsIn(response),
      response,
    })
  }

  #takeFailure(failure: ClientFailure): void {
    this.#inviteEnded.resolve()
    this.finish({ why: 'failed', by: 'peer', status: failure.status, failure: failedToSend('INVITE', failure) })
  }

  #takeSuccess(response: Response, flow: Flow): void {
    // RFC 3261 section 15: it crossed our CANCEL.
    if (this.isOver) this.#hangUpOn(response, flow)
    this.#inviteEnded.resolve()
    if (this.isOver) return
    this.#giveUpRinging()
    const fork = this.#forkOf(response, flow)
    const { link } = fork
    this.link = link
    link.dialog.confirmBy(response)
    for (const other of this.#forks.others(fork)) this.forgetDialog(other.link)
    const body = descriptionIn(response)
    if (this.#options.hasOffer === false && !fork.isSettled) {
      this.inOrder(() => this.#answerLateOffer(link, response, body.is === 'sdp' ? body.text : undefined))
      return
    }
    const acknowledged = this.#acknowledgeOnce(link)
    this.inOrder(() => acknowledged)
    this.inOrder(() => this.#takeAnswer(fork, response, body.is === 'sdp' ? body.text : undefined))
  }

  /** RFC 3261 section 13.2.1: the offer came in the 2xx, so its answer goes into the ACK. */
  async #answerLateOffer(link: DialogLink, response: Response, offer: string | undefined): Promise<void> {
    try {
      if (offer === undefined) throw new SipFailure('media', 'the 2xx has no offer', { response })
      const answer = await this.negotiation.answer(offer)
      await this.#acknowledgeOnce(link, answer)
      this.#up(response)
    } catch (error) {
      await this.#acknowledgeOnce(link)
      this.endWithBye({ why: 'media', by: 'us', failure: mediaFailure(error) })
    }
  }

  async #takeAnswer(fork: Fork, response: Response, text: string | undefined): Promise<void> {
    const answer = text ?? fork.description
    try {
      if (answer === undefined && !fork.isSettled) throw new SipFailure('media', 'the 2xx has no answer', { response })
      const isTold = fork.isSettled && this.#forks.count === 1
      if (answer !== undefined && !isTold) await this.negotiation.answered(answer, { isEarly: false, isLast: true })
      this.#up(response)
    } catch (error) {
      this.endWithBye({ why: 'media', by: 'us', failure: mediaFailure(error) })
    }
  }

  #up(response: Response): void {
    if (this.isOver) return
    this.expiry.note(response)
    this.expiry.agreed(response)
    this.confirm()
  }

  /** Resolves when it has gone out, so that nothing overtakes it. */
  #acknowledgeOnce(link: DialogLink, answer?: string): Promise<void> {
    const acknowledgement = this.#acknowledgements.get(link) ?? link.acknowledge(this.invite, answer)
    this.#acknowledgements.set(link, acknowledgement)
    return acknowledgement.sent
  }

  /** RFC 3261 section 13.2.2.4: its ACK was lost, or another telephone has answered as well. */
  #takeFurtherSuccess(response: Response, flow: Flow): void {
    const tag = tagOf(response.headers.need(To)) ?? ''
    const [link] = [...this.#acknowledgements.keys()].filter(({ dialog }) => dialog.remoteTag === tag)
    if (link !== undefined) this.#acknowledgements.get(link)?.again()
    else if (this.link?.dialog.remoteTag !== tag) this.#hangUpOn(response, flow)
  }

  /** Somebody has answered whom we do not want any more: ACK, and BYE in a dialog of its own. */
  #hangUpOn(response: Response, flow: Flow): void {
    const dialog = Dialog.asCaller(this.invite, response)
    const link = this.openDialog(dialog, flow, this.#linkOptions())
    dialog.confirmBy(response)
    const said = this.#acknowledgeOnce(link).then(() => this.bye(link))
    this.sayGoodbye(said.finally(() => this.forgetDialog(link)))
  }
}
