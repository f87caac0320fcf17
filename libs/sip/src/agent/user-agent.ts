/** The user agent at work: finds out for whom a request is, lets in who may come in, and starts what the app wants. */
import { dialogKey, dialogKeyOf, sdpType } from '../dialogs/index.ts'
import { GrammarError, withParameter } from '../grammar/index.ts'
import { Replaces, tagOf, To, type ReplacedDialog, type Request, type Response } from '../messages/index.ts'
import { systemClock, type ServerTransaction, type TransactionLayer } from '../transactions/index.ts'
import type { Flow } from '../transports/index.ts'
import { tellAbilities } from './abilities.ts'
import type {
  Admission,
  AgentLimits,
  InviteOptions,
  RegisterOptions,
  Registration,
  RequestOptions,
  UserAgent,
  UserAgentEvents,
  UserAgentOptions,
} from './agent.ts'
import { reply, responseOf, type ReplyParts } from './answering.ts'
import type { BaseSession } from './base-session.ts'
import { within, type AgentContext } from './context.ts'
import { SipFailure } from './errors.ts'
import { Emitter } from './events.ts'
import { IncomingSession } from './incoming-session.ts'
import { refusesAmiss, statusOfReplacing } from './newcomers.ts'
import { OutgoingSession } from './outgoing-session.ts'
import { askOutside } from './outside-request.ts'
import { OutboundRegistration } from './registration.ts'
import type { InviteSession } from './session.ts'

const usualLimits: AgentLimits = {
  sessions: 1000,
  sessionExpiresS: 1800,
  minSessionExpiresS: 90,
  t1Ms: 500,
  t2Ms: 4000,
  referMs: 60_000,
  retryAfterS: 5,
}

/** Opens the layer below and joins both. Rejects when nothing can be listened on. */
export async function openUserAgent(options: UserAgentOptions): Promise<UserAgent> {
  const agent: { current?: Agent } = {}
  const layer = await options.openLayer({
    request: (transaction) => {
      if (agent.current === undefined) transaction.reply(503)
      else agent.current.take(transaction)
    },
    ack: (ack, flow) => agent.current?.takeAck(ack, flow),
    flowClosed: (flow) => agent.current?.flowClosed(flow),
    noticed: (notice) => options.noticed?.(notice),
  })
  agent.current = new Agent(options, layer)
  return agent.current
}

class Agent extends Emitter<UserAgentEvents> implements UserAgent {
  readonly layer: TransactionLayer
  readonly #options: UserAgentOptions
  readonly #context: AgentContext
  readonly #sessions = new Set<BaseSession>()
  readonly #registrations = new Set<OutboundRegistration>()
  #closed: Promise<void> | undefined

  constructor(options: UserAgentOptions, layer: TransactionLayer) {
    const failed = (error: unknown): void => options.failed?.(error)
    super(failed)
    this.layer = layer
    this.#options = options
    this.#context = {
      layer,
      clock: options.clock ?? systemClock,
      limits: { ...usualLimits, ...options.limits },
      name: options.name,
      dialogs: new Map(),
      failed,
      noticed: (notice) => options.noticed?.(notice),
    }
  }

  get sessions(): readonly InviteSession[] {
    return [...this.#sessions].filter((session) => !session.isOver)
  }

  invite(options: InviteOptions): InviteSession {
    this.#checkOpen()
    const session = new OutgoingSession(this.#context, options)
    this.#keep(session)
    session.start()
    return session
  }

  register(options: RegisterOptions): Registration {
    this.#checkOpen()
    const registration = new OutboundRegistration(this.#context, options)
    this.#registrations.add(registration)
    registration.on('changed', ({ is }) => {
      if (is === 'ended') this.#registrations.delete(registration)
    })
    registration.start()
    return registration
  }

  request(options: RequestOptions): Promise<Response> {
    this.#checkOpen()
    return askOutside(this.#context, options)
  }

  sessionNamed({ callId, toTag, fromTag }: ReplacedDialog): BaseSession | undefined {
    // RFC 3891 section 3: the tags are told as we see them, ours is `to-tag`.
    const key = dialogKey(callId, toTag, fromTag)
    return [...this.#sessions].find((session) => session.hasDialog(key))
  }

  close(limitMs = 2000): Promise<void> {
    this.#closed ??= this.#close(limitMs)
    return this.#closed
  }

  take(transaction: ServerTransaction): void {
    const { request } = transaction
    const key = dialogKeyOf(request)
    const owner = key === undefined ? undefined : this.#context.dialogs.get(key)
    if (owner !== undefined) return owner.request(transaction)
    // A tag in To is no pass: anybody can write one.
    const admission = this.#options.admit?.(request, transaction.flow) ?? 'admitted'
    if (admission instanceof Promise) void this.#takeLater(transaction, admission)
    else this.#takeAdmitted(transaction, admission)
  }

  /** Never rejects. */
  async #takeLater(transaction: ServerTransaction, admission: Promise<Admission>): Promise<void> {
    try {
      this.#takeAdmitted(transaction, await admission)
    } catch (error) {
      this.#refuseUnread(transaction, error)
    }
  }

  /** As the layer does with what is thrown at once: a header that cannot be read is the sender's fault. */
  #refuseUnread(transaction: ServerTransaction, error: unknown): void {
    if (error instanceof GrammarError) {
      this.#answerOnce(transaction, 400, { reason: `Bad Request (${error.what})` })
      return
    }
    this.#context.failed(error)
    this.#answerOnce(transaction, 500)
  }

  takeAck(ack: Request, flow: Flow): void {
    const key = dialogKeyOf(ack)
    if (key !== undefined) this.#context.dialogs.get(key)?.ack(ack, flow)
  }

  flowClosed(flow: Flow): void {
    for (const registration of this.#registrations) registration.flowClosed(flow)
  }

  #answerOnce(transaction: ServerTransaction, status: number, parts: ReplyParts = {}): void {
    transaction.answerOnce(responseOf(this.#context, transaction, status, parts))
  }

  /** A request outside of our dialogs, from one about whom there is a verdict. Who is not let in leaves nothing behind. */
  #takeAdmitted(transaction: ServerTransaction, admission: Admission): void {
    if (admission === 'ignored') transaction.ignore()
    else if (admission !== 'admitted') transaction.answerOnce(withToTag(admission, transaction.toTag))
    // While he was looked at he may have given up.
    if (admission !== 'admitted' || transaction.isAnswered) return
    transaction.welcome()
    if (dialogKeyOf(transaction.request) !== undefined) return this.#answerOnce(transaction, 481)
    switch (transaction.request.method) {
      case 'INVITE':
        this.#takeInvite(transaction)
        return
      case 'OPTIONS':
        this.#takeOptions(transaction)
        return
      // These have a meaning inside of dialogs only (RFC 3261 section 12.2.2).
      case 'BYE':
      case 'PRACK':
      case 'UPDATE':
      case 'INFO':
      case 'NOTIFY':
        reply(this.#context, transaction, 481)
        return
      default:
        if (!this.emit('request', transaction)) this.#refuseMethod(transaction)
    }
  }

  /** RFC 3261 section 11.2: as an INVITE would be answered now. */
  #takeOptions(transaction: ServerTransaction): void {
    if (this.#refusesNewcomers(transaction)) return
    const response = responseOf(this.#context, transaction, 200, { headers: { Accept: sdpType } })
    tellAbilities(response.headers)
    transaction.respond(response)
  }

  #refuseMethod(transaction: ServerTransaction): void {
    const response = responseOf(this.#context, transaction, 405)
    tellAbilities(response.headers)
    transaction.respond(response)
  }

  #refusesNewcomers(transaction: ServerTransaction): boolean {
    const { limits } = this.#context
    const isFull = transaction.request.method === 'INVITE' && this.#sessions.size >= limits.sessions
    if (this.#closed === undefined && !isFull && this.#options.isDraining?.() !== true) return false
    reply(this.#context, transaction, 503, { headers: { 'Retry-After': String(limits.retryAfterS) } })
    return true
  }

  #takeInvite(transaction: ServerTransaction): void {
    if (this.#refusesNewcomers(transaction) || refusesAmiss(this.#context, transaction)) return
    const replaced = this.#replacedBy(transaction)
    if (replaced === 'refused') return
    const session = new IncomingSession(this.#context, transaction, replaced)
    this.#keep(session)
    if (!this.emit('invite', session)) session.reject(480)
  }

  /** RFC 3891 section 3. */
  #replacedBy(transaction: ServerTransaction): BaseSession | 'refused' | undefined {
    const named = transaction.request.headers.get(Replaces)
    if (named === undefined) return undefined
    const session = this.sessionNamed(named)
    const status = statusOfReplacing(session, named)
    if (status === undefined) return session
    reply(this.#context, transaction, status)
    return 'refused'
  }

  #keep(session: BaseSession): void {
    this.#sessions.add(session)
    session.on('ended', () => {
      // In the next turn: what is emitted here is the first that is heard of the end.
      session.run(
        Promise.resolve()
          .then(() => session.forgotten)
          .finally(() => this.#sessions.delete(session)),
      )
    })
  }

  async #close(limitMs: number): Promise<void> {
    const goodbyes = [
      ...[...this.#sessions].map((session) => session.closeBecause('closed')),
      ...[...this.#registrations].map((registration) => registration.unregister()),
    ]
    const late = (): Error => new Error('some did not say goodbye in time')
    // Whoever has not heard of our end finds it out by himself.
    await within(this.#context.clock, limitMs, Promise.allSettled(goodbyes), late).catch(() => undefined)
    await this.layer.close()
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw new SipFailure('closed', 'the user agent is closed')
  }
}

/** RFC 3261 section 8.2.6.2: who made the response knew nothing of the transaction's tag. */
function withToTag(response: Response, tag: string): Response {
  const to = response.headers.need(To)
  if (tagOf(to) === undefined) response.headers.set(To, withParameter(to, 'tag', tag))
  return response
}
