/**
 * What sessions that we make and sessions that come to us have in common: a dialog, media, an end that comes once, and all
 * that can happen between `confirmed` and that end. How each of them begins is told in outgoing-session.ts and
 * incoming-session.ts.
 */
import type { NameAddr, Uri } from '../grammar/index.ts'
import { CallId, type ReplacedDialog, type Request } from '../messages/index.ts'
import { replaceable, withReplaces, type Dialog } from '../dialogs/index.ts'
import type { Direction } from '../sdp/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import type { Flow } from '../transports/index.ts'
import { reply } from './answering.ts'
import type { AgentContext, DialogOwner } from './context.ts'
import { DialogLink, type LinkOptions } from './dialog-link.ts'
import { closed, type Ending } from './endings.ts'
import { SipFailure } from './errors.ts'
import { Emitter } from './events.ts'
import { sendInfo, sendInfoDigit } from './infos.ts'
import { takeInside, type InsideSession } from './inside-requests.ts'
import { Negotiation } from './negotiation.ts'
import { OurOffers } from './our-offers.ts'
import { OurRefers } from './our-refers.ts'
import { SessionExpiry } from './session-expiry.ts'
import type {
  EndOptions,
  InviteSession,
  ReferOptions,
  ReferOutcome,
  SessionEnd,
  SessionEvents,
  SessionState,
} from './session.ts'
import { TheirOffers } from './their-offers.ts'

/** Made once: with its stack it would take as long as all else that an end takes, and the stack leads nowhere. */
const over = closed()

export abstract class BaseSession extends Emitter<SessionEvents> implements InviteSession, InsideSession {
  abstract readonly direction: 'outgoing' | 'incoming'
  abstract readonly invite: Request
  abstract readonly local: NameAddr
  abstract readonly remote: NameAddr

  readonly context: AgentContext
  readonly negotiation: Negotiation
  readonly expiry: SessionExpiry
  readonly theirOffers: TheirOffers
  readonly #ourOffers: OurOffers
  readonly ourRefers: OurRefers
  readonly #abort = new AbortController()
  readonly #links = new Map<string, DialogLink>()
  /** What is told to the media and to the app, in its order. */
  #story: Promise<void> = Promise.resolve()
  #state: SessionState = 'trying'
  #end: SessionEnd | undefined
  #goodbye: Promise<void> = Promise.resolve()
  #forgetting: Promise<void> = Promise.resolve()
  protected link: DialogLink | undefined

  constructor(context: AgentContext) {
    super((error) => context.failed(error))
    this.context = context
    this.negotiation = new Negotiation(context.clock, (direction) => this.emit('peerDirection', direction))
    this.#ourOffers = new OurOffers(this, () => this.expiry)
    this.expiry = new SessionExpiry(this, () => this.reoffer())
    this.theirOffers = new TheirOffers(this, this.#ourOffers, this.expiry)
    this.ourRefers = new OurRefers(this)
  }

  get state(): SessionState {
    return this.#state
  }

  get isConfirmed(): boolean {
    return this.#state === 'confirmed'
  }

  get isOver(): boolean {
    return this.#state === 'terminated'
  }

  get end(): SessionEnd | undefined {
    return this.#end
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  get callId(): string {
    return this.invite.headers.need(CallId)
  }

  get isOwnerOfCallId(): boolean {
    return this.direction === 'outgoing'
  }

  get flow(): Flow | undefined {
    return this.link?.flow
  }

  get replaceable(): ReplacedDialog | undefined {
    return this.link && replaceable(this.link.dialog)
  }

  get wish(): Direction {
    return this.negotiation.wish
  }

  get peerDirection(): Direction {
    return this.negotiation.peerDirection
  }

  hold(): Promise<void> {
    return this.#whenConfirmed(() => this.#ourOffers.offer('sendonly'))
  }

  resume(): Promise<void> {
    return this.#whenConfirmed(() => this.#ourOffers.offer('sendrecv'))
  }

  reoffer(): Promise<void> {
    return this.#whenConfirmed(() => this.#ourOffers.offer())
  }

  refer(target: Uri, { replaces, ...options }: ReferOptions = {}): Promise<ReferOutcome> {
    return this.#whenConfirmed(() =>
      this.ourRefers.refer(replaces === undefined ? target : replacing(target, replaces), options),
    )
  }

  info(contentType: string, body: string): Promise<void> {
    return this.#whenConfirmed(() => sendInfo(this, contentType, body))
  }

  infoDigit(digit: string, durationMs = 160): Promise<void> {
    return this.#whenConfirmed(() => sendInfoDigit(this, digit, durationMs))
  }

  async terminate(options: EndOptions = {}): Promise<SessionEnd> {
    if (!this.isOver) this.giveUp({ why: this.isConfirmed ? 'bye' : 'cancelled', by: 'us' }, options)
    await this.goodbyeSaid()
    if (this.#end === undefined) throw closed()
    return this.#end
  }

  /** Whether one of its dialogs, early ones too, has this name. */
  hasDialog(key: string): boolean {
    return this.#links.has(key)
  }

  /** Ends the session for a reason that is not the other side's; resolves when nothing of it is left. */
  closeBecause(why: SessionEnd['why']): Promise<void> {
    if (!this.isOver) this.giveUp({ why, by: 'us' }, { status: 480 })
    this.ourRefers.abandon()
    return this.#forgetting
  }

  /** Ends the session in the way that fits its state. Not called after its end. */
  abstract giveUp(end: Ending, options?: EndOptions): void

  confirmedLink(): DialogLink {
    if (this.isOver) throw closed()
    if (this.link === undefined || !this.isConfirmed) throw new SipFailure('wrongState', 'the session is not confirmed')
    return this.link
  }

  run(task: Promise<unknown>): void {
    task.catch((error: unknown) => {
      // What was under way when the session ended has nothing to say any more.
      if (!this.signal.aborted) this.context.failed(error)
    })
  }

  /** The first end counts. Timers stop, and nothing is told after `ended`. */
  finish({ why, by = 'peer', reasons = [], ...more }: Ending): void {
    if (this.isOver) return
    this.#state = 'terminated'
    this.#end = { why, by, reasons, ...more }
    this.#abort.abort(over)
    this.#forgetting = this.#forgetDialogs()
    this.emit('ended', this.#end)
  }

  endWithBye(end: Ending, options: EndOptions = {}): void {
    const { link } = this
    if (this.isOver) return
    if (link !== undefined) this.sayGoodbye(this.bye(link, options))
    this.finish({ by: 'us', ...end })
  }

  /** BYE (RFC 3261 section 15.1.1): the session is over with it, whatever the answer. Resolves when there is one, or none. */
  protected async bye(link: DialogLink, { reason, headers = {} }: EndOptions = {}): Promise<void> {
    try {
      await link.ask('BYE', { headers: { ...headers, ...(reason === undefined ? {} : { Reason: reason }) } })
    } catch (error) {
      if (!(error instanceof SipFailure)) throw error
    }
  }

  /** Whom `terminate` waits for. */
  protected sayGoodbye(said: Promise<unknown>): void {
    const before = this.#goodbye
    this.#goodbye = Promise.allSettled([before, said]).then(() => undefined)
    said.catch((error: unknown) => this.context.failed(error))
  }

  /** Resolves when the session has ended and nothing can come for it any more. */
  get forgotten(): Promise<void> {
    return this.#forgetting
  }

  /** Resolves when the other side knows of the end. */
  async goodbyeSaid(): Promise<void> {
    for (let before; before !== this.#goodbye;) {
      before = this.#goodbye
      await before
    }
  }

  protected enter(state: SessionState): void {
    if (!this.isOver) this.#state = state
  }

  protected confirm(): void {
    if (this.isOver || this.isConfirmed) return
    this.enter('confirmed')
    this.emit('confirmed')
  }

  /** Does things one after another, and none after the end. */
  protected inOrder(step: () => void | Promise<void>): void {
    this.#story = this.#afterStory(step)
  }

  /** When everything that was put in order has been done. */
  protected storyTold(): Promise<void> {
    return this.#story
  }

  async #afterStory(step: () => void | Promise<void>): Promise<void> {
    await this.#story
    if (this.isOver) return
    try {
      await step()
    } catch (error) {
      this.context.failed(error)
    }
  }

  /** A dialog of this session, found from now on by what comes in for it. */
  protected openDialog(dialog: Dialog, flow: Flow | undefined, options: LinkOptions): DialogLink {
    const link = new DialogLink(this.context, dialog, flow, options)
    const owner: DialogOwner = {
      request: (transaction) => takeInside(this, transaction, link),
      ack: (ack, ackFlow) => {
        link.flow = ackFlow
        if (!this.theirOffers.takesAck(ack)) this.takeFirstAck(ack)
      },
    }
    this.#links.set(dialog.key, link)
    this.context.dialogs.set(dialog.key, owner)
    return link
  }

  protected forgetDialog(link: DialogLink): void {
    this.#links.delete(link.dialog.key)
    this.context.dialogs.delete(link.dialog.key)
  }

  /** PRACK, where reliable responses of ours wait for it. */
  takePrack(transaction: ServerTransaction): void {
    reply(this.context, transaction, 481)
  }

  /** The ACK of the INVITE that came in. */
  protected takeFirstAck(_ack: Request): void {}

  /** The other side hangs up before we have answered. */
  peerHungUp(end: Ending): void {
    this.finish(end)
  }

  /** As soon as nothing can come for them any more. */
  async #forgetDialogs(): Promise<void> {
    await this.goodbyeSaid()
    await this.ourRefers.settled()
    for (const link of this.#links.values()) this.forgetDialog(link)
  }

  async #whenConfirmed<T>(act: () => Promise<T>): Promise<T> {
    this.confirmedLink()
    return act()
  }
}

function replacing(target: Uri, session: InviteSession): Uri {
  const dialog = session.state === 'confirmed' ? session.replaceable : undefined
  // RFC 5589 section 7.3: only a call that was answered can be taken over by another.
  if (dialog === undefined) throw new SipFailure('wrongState', 'the session to be replaced is not confirmed')
  if (target.kind !== 'sip') throw new SipFailure('wrongState', 'only a SIP URI can carry Replaces')
  return withReplaces(target, dialog)
}
