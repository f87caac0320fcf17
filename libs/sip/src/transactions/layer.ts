/**
 * The transaction layer (RFC 3261 section 17): finds the transaction that a message belongs to, makes new ones, and
 * answers by itself what needs no user.
 */
import { randomUUID } from 'node:crypto'
import { may } from '../grammar/characters.ts'
import { escaped, noParameters } from '../grammar/parameters.ts'
import { sipUri, type SipUri } from '../grammar/uri.ts'
import { GrammarError } from '../grammar/reader.ts'
import type { Clock } from '../clock.ts'
import { RetryAfter } from '../messages/kinds/abilities.ts'
import { MaxForwards, tagOf, To, Via, type ViaHop } from '../messages/kinds/routing.ts'
import { responseTo, writeMessage, type Message, type Request, type Response } from '../messages/message.ts'
import type { TransportName } from '../servers/server.ts'
import type { Flow } from '../transports/flow.ts'
import { Rates } from '../transports/rates.ts'
import type { Notice } from '../transports/notice.ts'
import {
  isOpenFlow,
  type OpenFlow,
  type SentBy,
  type Transports,
  type TransportUser,
} from '../transports/transports.ts'
import { OneClientTransaction, type ClientNews } from './client-transaction.ts'
import { Deadlines } from './deadlines.ts'
import { usualTimes, type Times } from './machines/times.ts'
import { keyOfResponse, mergedKey, serverKey } from './matching.ts'
import { copyOf, putVia } from './own-requests.ts'
import { destinationOf, Ways, type ServerFinder } from './route.ts'
import { Sending, type SendingParts, type Written } from './sending.ts'
import { OneServerTransaction, TakenRequest, type ServerSide } from './server-transaction.ts'
import type {
  Acknowledgement,
  ClientListener,
  ClientTransaction,
  SendOptions,
  TransactionLayer,
  TransactionUser,
} from './transaction.ts'

export type TransactionOptions = {
  user: TransactionUser
  clock: Clock
  times?: Partial<Times>
  /** Calls go on from here to others: an INVITE whose hops are spent gets 483 (RFC 3261 section 16.3). Default false. */
  isGateway?: boolean
  /** New INVITEs from one address in a second; more get 503, ten times more are dropped. Default 100. */
  invitesPerSecond?: number
  /** Requests of others that are kept until repetitions of them cannot come any more; new ones get 503. Default 100,000. */
  requestsKept?: number
  /** Texts that nobody can guess, for branches and tags. */
  random?(): string
}

const retryAfterS = 5

export class Transactions implements TransactionLayer, TransportUser {
  readonly #options: TransactionOptions
  readonly #user: TransactionUser
  readonly #clock: Clock
  readonly #times: Times
  readonly #deadlines: Deadlines
  readonly #transports: Transports
  readonly #ways: Ways
  readonly #invites: Rates
  readonly #sendings = new Set<Sending>()
  readonly #clients = new Map<string, OneClientTransaction>()
  readonly #servers = new Map<string, OneServerTransaction>()
  /** Keys of server transactions by what merged requests have in common. */
  readonly #merged = new Map<string, string>()
  readonly #serverSide: ServerSide
  #closing: Promise<void> | undefined

  /** @param open makes the transports, which speak to this object from then on */
  constructor(options: TransactionOptions, open: (user: TransportUser) => Transports, finder: ServerFinder) {
    this.#options = options
    this.#user = options.user
    this.#clock = options.clock
    this.#times = { ...usualTimes, ...options.times }
    this.#deadlines = new Deadlines(options.clock)
    this.#invites = new Rates(options.clock, options.invitesPerSecond ?? 100)
    this.#transports = open(this)
    this.#ways = new Ways(this.#transports, finder, () => options.clock.now())
    this.#serverSide = this.#newServerSide()
  }

  get listening(): TransactionLayer['listening'] {
    return this.#transports.listening
  }

  /** How many transactions are under way, for metrics. */
  get size(): number {
    return this.#clients.size + this.#servers.size
  }

  send(request: Request, listener: ClientListener, options: SendOptions = {}): ClientTransaction {
    const sending = new Sending(request, listener, options, this.#partsOfSending())
    this.#sendings.add(sending)
    // The first step is taken when our caller has gone, so that he hears of nothing before he has the transaction.
    void Promise.resolve().then(() => (this.#closing === undefined ? sending.begin() : sending.close()))
    return sending
  }

  acknowledge(ack: Request, options: Pick<SendOptions, 'to' | 'trust'> = {}): Acknowledgement {
    const written = this.#flowFor(ack, options).then((flow) => {
      const request = copyOf(ack)
      putVia(request, flow, this.#random())
      return { flow, bytes: writeMessage(request) }
    })
    const send = async (): Promise<void> => {
      const { flow, bytes } = await written
      await (await this.#ways.again(flow, options.trust)).send(bytes)
    }
    // An ACK that is lost is asked for by the next 2xx.
    const again = (): Promise<void> => send().catch(() => undefined)
    return { sent: again(), again: () => void again() }
  }

  contactOn(flow: Flow, user?: string): SipUri {
    return contact(flow.transport, isOpenFlow(flow) ? flow.sentBy : this.#transports.sentBy(flow.transport), user)
  }

  contactFor(transport: TransportName, user?: string): SipUri {
    return contact(transport, this.#transports.sentBy(transport), user)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  message(message: Message, flow: OpenFlow): void {
    if (this.#closing !== undefined) return
    if (message.kind === 'response') this.#receiveResponse(message, flow)
    else this.#receiveRequest(message, flow)
  }

  flowClosed(flow: OpenFlow, cause: unknown): void {
    for (const transaction of this.#clients.values()) if (transaction.flow === flow) transaction.transportFailed(cause)
    this.#safely(flow, () => this.#user.flowClosed?.(flow, cause))
  }

  noticed(notice: Notice): void {
    this.#user.noticed?.(notice)
  }

  // RFC 3261 section 18.1.2 also wants our own sent-by in Via. A branch that nobody can guess says more.
  #receiveResponse(response: Response, flow: OpenFlow): void {
    const key = keyOfResponse(response)
    const transaction = key === undefined ? undefined : this.#clients.get(key)
    if (transaction === undefined) this.#notice('stray', 'a response to nothing that was asked', flow)
    else transaction.receive(response)
  }

  #receiveRequest(request: Request, flow: OpenFlow): void {
    const via = request.headers.first(Via)
    if (via === undefined) return
    switch (request.method) {
      case 'ACK':
        return this.#receiveAck(request, via, flow)
      case 'CANCEL':
        return this.#receiveCancel(request, via, flow)
      default:
        return this.#receiveOther(request, via, flow)
    }
  }

  #receiveAck(ack: Request, via: ViaHop, flow: OpenFlow): void {
    const isTaken = this.#servers.get(serverKey(ack, via, 'INVITE'))?.acknowledged() ?? false
    if (!isTaken) this.#safely(flow, () => this.#user.ack(ack, flow))
  }

  // RFC 3261 section 9.2. Each repetition of a CANCEL gets the same answer anew: no state is kept for it.
  #receiveCancel(cancel: Request, via: ViaHop, flow: OpenFlow): void {
    const invite = this.#servers.get(serverKey(cancel, via, 'INVITE'))
    this.#answerAtOnce(cancel, via, flow, invite === undefined ? 481 : 200, invite?.toTag)
    invite?.cancelled(cancel)
  }

  #receiveOther(request: Request, via: ViaHop, flow: OpenFlow): void {
    const key = serverKey(request, via)
    const known = this.#servers.get(key)
    if (known !== undefined) return known.repeated()
    if (this.#isTooMany(request, via, flow)) return
    const merged = mergedKey(request)
    if (merged !== undefined && this.#merged.has(merged)) return this.#answerAtOnce(request, via, flow, 482)
    const isSpent = request.headers.get(MaxForwards) === 0
    if (isSpent && this.#options.isGateway === true && request.method === 'INVITE') {
      return this.#answerAtOnce(request, via, flow, 483)
    }
    const incoming = { request, key, merged, via, flow, toTag: this.#random() }
    const transaction = new OneServerTransaction(incoming, this.#serverSide)
    this.#servers.set(key, transaction)
    if (merged !== undefined) this.#merged.set(merged, key)
    this.#hand(new TakenRequest(request, transaction), flow)
  }

  /** A call that is up must be able to go on and to end. Of what begins, calls are counted: the rest costs little. */
  #isTooMany(request: Request, via: ViaHop, flow: OpenFlow): boolean {
    if (tagOf(request.headers.need(To)) !== undefined) return false
    if (this.#servers.size >= (this.#options.requestsKept ?? 100_000)) {
      this.#answerAtOnce(request, via, flow, 503)
      this.#notice('limited', 'more requests than can be kept', flow)
      return true
    }
    if (request.method !== 'INVITE') return false
    const times = this.#invites.count(flow.remote.address)
    if (times <= 1) return false
    if (times <= 10) this.#answerAtOnce(request, via, flow, 503)
    this.#notice('limited', 'more INVITEs in a second than one address may send', flow)
    return true
  }

  /** An answer without a transaction: the same request gets it again when it comes again. */
  #answerAtOnce(request: Request, via: ViaHop, flow: OpenFlow, status: number, toTag = this.#random()): void {
    const response = responseTo(request, status, { toTag })
    if (status === 503) response.headers.set(RetryAfter, { seconds: retryAfterS, parameters: noParameters })
    this.#transports
      .answerOn(flow, via)
      .then((back) => back.send(writeMessage(response)))
      // Who cannot be reached asks again.
      .catch(() => undefined)
  }

  #newServerSide(): ServerSide {
    return {
      times: this.#times,
      now: () => this.#clock.now(),
      deadlines: this.#deadlines,
      wayBack: (flow, via) => this.#transports.answerOn(flow, via),
      safely: (flow, call) => this.#safely(flow, call),
      ended: ({ key, merged }) => {
        this.#servers.delete(key)
        if (merged !== undefined) this.#merged.delete(merged)
      },
    }
  }

  #hand(transaction: TakenRequest, flow: OpenFlow): void {
    try {
      this.#user.request(transaction)
    } catch (error) {
      const isTheirs = error instanceof GrammarError
      const parts = { toTag: transaction.toTag, ...(isTheirs ? { reason: `Bad Request (${error.what})` } : {}) }
      if (!transaction.isAnswered) transaction.answerOnce(responseTo(transaction.request, isTheirs ? 400 : 500, parts))
      if (!isTheirs) this.#notice('userFailed', 'a request could not be taken', flow, error)
    }
  }

  #partsOfSending(): SendingParts {
    return {
      ways: this.#ways,
      random: () => this.#random(),
      open: (written, flow, tell) => this.#openClient(written, flow, tell),
      after: (ms, call) => this.#clock.after(ms, call),
      safely: (flow, call) => this.#safely(flow, call),
      ended: (sending) => this.#sendings.delete(sending),
    }
  }

  #openClient(written: Written, flow: OpenFlow, tell: (news: ClientNews) => void): OneClientTransaction {
    const transaction = new OneClientTransaction({
      ...written,
      flow,
      times: this.#times,
      now: () => this.#clock.now(),
      deadlines: this.#deadlines,
      tell,
      ended: ({ key }) => this.#clients.delete(key),
    })
    this.#clients.set(transaction.key, transaction)
    return transaction
  }

  async #flowFor(request: Request, { to = destinationOf(request), trust }: SendOptions): Promise<OpenFlow> {
    if (to.by === 'flow') return this.#ways.again(to.flow, trust)
    const [server] = to.by === 'servers' ? to.servers : await this.#ways.find(to.uri)
    if (server === undefined) throw new Error('no server is known for the domain')
    return this.#ways.connect(server, trust)
  }

  /** Calls into our user's code. What it throws is his fault and must not end what we do for others. */
  #safely(flow: Flow | undefined, call: () => void): void {
    try {
      call()
    } catch (error) {
      this.#notice('userFailed', 'a listener threw', flow ?? nowhere, error)
    }
  }

  #notice(
    what: Notice['what'],
    why: string,
    { transport, remote }: Pick<Flow, 'transport' | 'remote'>,
    cause?: unknown,
  ): void {
    this.#user.noticed?.({ what, why, transport, remote, ...(cause === undefined ? {} : { cause }) })
  }

  #random(): string {
    // Node has these in store; bytes it would ask of the system one by one.
    return this.#options.random?.() ?? randomUUID()
  }

  async #close(): Promise<void> {
    for (const sending of this.#sendings) sending.close()
    for (const transaction of this.#clients.values()) transaction.drop()
    for (const transaction of this.#servers.values()) transaction.close()
    this.#deadlines.close()
    await this.#transports.close()
  }
}

/** Where something is told of that has not come to a flow. */
const nowhere: Pick<Flow, 'transport' | 'remote'> = { transport: 'udp', remote: { address: '', port: 0 } }

/** `transport=ws` stands for both kinds of WebSocket (RFC 7118 section 5.2.2). */
function contact(transport: TransportName, { host, port }: SentBy, user: string | undefined): SipUri {
  const name = transport === 'wss' ? 'ws' : transport
  return sipUri({
    host,
    ...(user === undefined ? {} : { user: escaped(user, may.user) }),
    ...(port === undefined ? {} : { port }),
    ...(transport === 'udp' ? {} : { parameters: { transport: name } }),
  })
}
