/** A session that comes to us: an INVITE, what we say before we answer, and the answer (RFC 3261 section 13.3). */
import { DigestClient, type CredentialsFor } from '../digest/index.ts'
import { descriptionIn, Dialog, ReliableSender, sdpType, Success, type DescriptionBody } from '../dialogs/index.ts'
import { userOf, withParameter, type NameAddr } from '../grammar/index.ts'
import { Contact, From, Require, Supported, To, type Request, type Response } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { reply, responseOf, tellWhoWeAre } from './answering.ts'
import { BaseSession } from './base-session.ts'
import type { AgentContext } from './context.ts'
import { closed, reasonsIn, type Ending } from './endings.ts'
import { SipFailure } from './errors.ts'
import { mediaFailure } from './losses.ts'
import type { SessionMedia } from './media.ts'
import { statusOfRefusal } from './negotiation.ts'
import type { AnswerOptions, EndOptions, IncomingInvite, ProgressOptions } from './session.ts'
import { lateAnswer } from './their-offers.ts'

const usualRingLimitMs = 180_000
/** RFC 3261 section 13.3.1.1: proxies forget an INVITE after three minutes in which nothing was said. */
const sayAgainMs = 60_000

export class IncomingSession extends BaseSession implements IncomingInvite {
  readonly direction = 'incoming'
  readonly invite: Request
  readonly local: NameAddr
  readonly remote: NameAddr
  readonly replaces: BaseSession | undefined
  readonly #transaction: ServerTransaction
  readonly #offer: DescriptionBody
  readonly #reliable: ReliableSender
  /** Our description, from when it is needed first: there is one for all that we say before the call is up. */
  #description: Promise<string> | undefined
  /** Offer and answer are done before the 2xx (RFC 3262 section 5). */
  #isSettled = false
  #isAccepting = false
  #success: Success | undefined
  /** The ACK of our 2xx has nothing to bring but itself. */
  #ackConfirms = false
  #stopSayingAgain: () => void = () => undefined

  constructor(context: AgentContext, transaction: ServerTransaction, replaces: BaseSession | undefined) {
    super(context)
    const { request, toTag, flow } = transaction
    this.#transaction = transaction
    this.invite = request
    this.local = withParameter(request.headers.need(To), 'tag', toTag)
    this.remote = request.headers.need(From)
    this.replaces = replaces
    this.#offer = descriptionIn(request)
    this.#reliable = new ReliableSender(transaction, context.clock, context.limits)
    this.link = this.openDialog(Dialog.asCallee(request, toTag), flow, { contactUser: userOf(request.uri) })
    this.expiry.note(request)
    const callOff = context.clock.after(usualRingLimitMs, () => {
      if (!this.#isAccepting) this.giveUp({ why: 'unanswered', by: 'us' }, { status: 480 })
    })
    this.signal.addEventListener('abort', callOff, { once: true })
    this.signal.addEventListener('abort', () => this.#stop(), { once: true })
    transaction.listen({
      cancelled: (cancel) => this.#callerGone({ why: 'cancelled', by: 'peer', reasons: reasonsIn(cancel) }),
    })
  }

  get hasOffer(): boolean {
    return this.#offer.is === 'sdp'
  }

  get offer(): string | undefined {
    return this.#offer.is === 'sdp' ? this.#offer.text : undefined
  }

  useMedia(media: SessionMedia): void {
    this.negotiation.use(media)
  }

  useCredentials(credentials: CredentialsFor): void {
    if (this.link !== undefined) this.link.options = { ...this.link.options, digest: new DigestClient(credentials) }
  }

  ring(options: ProgressOptions = {}): void {
    this.run(this.#say(180, undefined, options))
  }

  async progress(status = 183, options: ProgressOptions = {}): Promise<void> {
    this.#checkOpen()
    const isReliable = this.#knows('100rel')
    // An offer of ours may go into a response only if its answer can come back, in a PRACK.
    const body = this.hasOffer || isReliable ? await this.#describe() : undefined
    this.#checkOpen()
    await this.#say(status, body, options)
  }

  async accept({ media, headers }: AnswerOptions & { media?: SessionMedia } = {}): Promise<void> {
    this.#checkOpen()
    if (media !== undefined) this.useMedia(media)
    if (!this.negotiation.hasMedia) throw new SipFailure('wrongState', 'the session has no media yet')
    this.#isAccepting = true
    // RFC 3262 section 3: a 2xx does not overtake a reliable description that nobody has acknowledged.
    await this.#reliable.settled()
    await this.storyTold()
    if (this.isOver) throw closed()
    const body = this.#isSettled ? undefined : await this.#describe()
    if (this.isOver) throw closed()
    await this.#answer(body, headers)
  }

  reject(status: number, { reason, headers }: ProgressOptions = {}): void {
    if (this.isOver || this.#transaction.isAnswered) return
    reply(this.context, this.#transaction, status, { reason, headers })
    this.finish({ why: 'rejected', by: 'us', status })
  }

  redirect(contacts: readonly NameAddr[], status = 302): void {
    if (this.isOver || this.#transaction.isAnswered) return
    const response = responseOf(this.context, this.#transaction, status)
    response.headers.setAll(Contact, contacts)
    this.#transaction.respond(response)
    this.finish({ why: 'rejected', by: 'us', status })
  }

  giveUp(end: Ending, options: EndOptions = {}): void {
    if (this.isConfirmed) {
      this.endWithBye(end, options)
      return
    }
    if (!this.#transaction.isAnswered) {
      const status = options.status ?? 603
      const reason = options.reason === undefined ? {} : { Reason: options.reason }
      reply(this.context, this.#transaction, status, { headers: { ...options.headers, ...reason } })
      this.finish({ by: 'us', status, ...end, why: end.why === 'cancelled' ? 'rejected' : end.why })
      return
    }
    // RFC 3261 section 15: no BYE before our 2xx was acknowledged, or could have been.
    const { link } = this
    const heard = this.#success?.acknowledged.catch(() => undefined) ?? Promise.resolve()
    if (link !== undefined) this.sayGoodbye(heard.then(() => this.bye(link, options)))
    this.finish({ by: 'us', ...end, why: end.why === 'cancelled' ? 'bye' : end.why })
  }

  override takePrack(transaction: ServerTransaction): void {
    if (!this.#reliable.takes(transaction.request)) {
      reply(this.context, transaction, 481)
      return
    }
    const body = descriptionIn(transaction.request)
    if (body.is !== 'sdp') {
      reply(this.context, transaction, 200)
      return
    }
    if (this.negotiation.open !== 'ours') {
      this.theirOffers.takeUpdate(transaction, this.#openLink())
      return
    }
    reply(this.context, transaction, 200)
    this.inOrder(() => this.#takeEarlyAnswer(body.text))
  }

  protected override takeFirstAck(ack: Request): void {
    // At once: a BYE may follow in the same piece of a stream.
    if (this.#success?.takes(ack) === true && this.#ackConfirms) this.confirm()
  }

  /** RFC 3261 section 15.1.2: BYE in an early dialog ends the INVITE as well. */
  override peerHungUp(end: Ending): void {
    if (this.#transaction.isAnswered) {
      this.#success?.stop()
      this.finish(end)
    } else {
      reply(this.context, this.#transaction, 487)
      this.#callerGone(end)
    }
  }

  #callerGone(end: Ending): void {
    this.finish({ status: 487, ...end })
  }

  #openLink() {
    if (this.link === undefined) throw closed()
    return this.link
  }

  #checkOpen(): void {
    if (this.isOver) throw closed()
    if (this.#isAccepting) throw new SipFailure('wrongState', 'the INVITE has its answer')
  }

  #knows(extension: string): boolean {
    return [...this.invite.headers.all(Supported), ...this.invite.headers.all(Require)].some(
      (tag) => tag.toLowerCase() === extension,
    )
  }

  /** Our answer, or our offer to one who has made none. What the media refuses refuses the INVITE. */
  #describe(): Promise<string> {
    this.#description ??= this.#askMedia()
    return this.#description
  }

  async #askMedia(): Promise<string> {
    try {
      return this.#offer.is === 'sdp' ? await this.negotiation.answer(this.#offer.text) : await this.negotiation.offer()
    } catch (error) {
      const failure = mediaFailure(error)
      if (!this.isOver) this.giveUp({ why: 'media', by: 'us', failure }, { status: statusOfRefusal(error) })
      throw failure
    }
  }

  /** A provisional response. Reliable where the caller demands it, or where it carries a description and he knows how. */
  async #say(status: number, body: string | undefined, { reason, headers }: ProgressOptions): Promise<void> {
    if (this.isOver || this.#transaction.isAnswered) return
    this.enter('early')
    const response = responseOf(this.context, this.#transaction, status, {
      reason,
      headers,
      contentType: sdpType,
      body,
    })
    tellWhoWeAre(this.context, this.#transaction, response, this.link?.options.contactUser)
    const isDemanded = this.invite.headers.all(Require).some((tag) => tag.toLowerCase() === '100rel')
    if (isDemanded || (body !== undefined && this.#knows('100rel'))) {
      await this.#sayReliably(response, body !== undefined)
      return
    }
    this.#transaction.respond(response)
    this.#keepSaying(response)
  }

  async #sayReliably(response: Response, hasDescription: boolean): Promise<void> {
    try {
      await this.#reliable.send(response)
    } catch (error) {
      if (this.isOver) throw closed()
      this.giveUp({ why: 'unconfirmed', by: 'peer' }, { status: 504 })
      throw new SipFailure('timeout', 'no PRACK has come', { cause: error })
    }
    if (hasDescription && this.hasOffer) this.#isSettled = true
  }

  #keepSaying(response: Response): void {
    this.#stopSayingAgain()
    this.#stopSayingAgain = this.context.clock.after(sayAgainMs, () => {
      this.#transaction.respond(response)
      this.#keepSaying(response)
    })
  }

  async #takeEarlyAnswer(answer: string): Promise<void> {
    try {
      await this.negotiation.answered(answer, { isEarly: true, isLast: true })
      this.#isSettled = true
    } catch (error) {
      this.giveUp({ why: 'media', by: 'us', failure: mediaFailure(error) }, { status: 488 })
    }
  }

  async #answer(body: string | undefined, headers: AnswerOptions['headers']): Promise<void> {
    const { context } = this
    const response = responseOf(context, this.#transaction, 200, { headers, contentType: sdpType, body })
    tellWhoWeAre(context, this.#transaction, response, this.link?.options.contactUser)
    this.expiry.answer(this.invite, response)
    this.#stopSayingAgain()
    this.#ackConfirms = body === undefined || this.hasOffer
    this.#success = new Success(this.#transaction, response, context.clock, context.limits)
    const ack = await this.#acknowledged(this.#success)
    if (!this.#ackConfirms) await this.#takeLateAnswer(ack)
    // RFC 3891 section 3: what is replaced ends once its successor is there.
    if (this.replaces !== undefined && !this.replaces.isOver) this.replaces.giveUp({ why: 'replaced', by: 'peer' })
  }

  /** Our offer was in the 2xx, so that the ACK has the answer (RFC 3261 section 13.2.1). */
  async #takeLateAnswer(ack: Request): Promise<void> {
    if (this.isOver) throw closed()
    try {
      await this.negotiation.answered(lateAnswer(ack), { isEarly: false, isLast: true })
    } catch (error) {
      const failure = mediaFailure(error)
      this.endWithBye({ why: 'media', by: 'us', failure })
      throw failure
    }
    this.confirm()
  }

  async #acknowledged(success: Success): Promise<Request> {
    try {
      return await success.acknowledged
    } catch (error) {
      if (this.isOver) throw closed()
      // RFC 3261 section 13.3.1.4.
      this.endWithBye({ why: 'unconfirmed', by: 'peer' })
      throw new SipFailure('timeout', 'no ACK has come', { cause: error })
    }
  }

  #stop(): void {
    this.#reliable.stop()
    this.#stopSayingAgain()
    // It lives on for half a minute, and would keep us and all that is ours.
    this.#transaction.listen({})
  }
}
