/**
 * What becomes of one request of our user: its servers are found and tried in order, each with a transaction of its own
 * (RFC 3263 section 4.3), until one gives a final response other than 503.
 */
import { writeMessage, type Request, type Response } from '../messages/message.ts'
import type { Server } from '../servers/server.ts'
import type { Flow } from '../transports/flow.ts'
import type { OpenFlow } from '../transports/transports.ts'
import type { ClientNews, OneClientTransaction } from './client-transaction.ts'
import { cancelOf, copyOf, putVia } from './own-requests.ts'
import { destinationOf, type Ways } from './route.ts'
import type { ClientFailure, ClientListener, ClientTransaction, SendOptions } from './transaction.ts'

/** A request as it goes out on one flow. */
export type Written = { request: Request; branch: string; bytes: Uint8Array }

/** What a sending needs of the layer. */
export type SendingParts = {
  ways: Ways
  random(): string
  /** Makes a transaction and lets responses find it. */
  open(written: Written, flow: OpenFlow, tell: (news: ClientNews) => void): OneClientTransaction
  /** Calls after so many milliseconds; the function that comes back takes it back. */
  after(ms: number, call: () => void): () => void
  /** Calls into our user's code, and lives on when it throws. */
  safely(flow: Flow | undefined, call: () => void): void
  ended(sending: Sending): void
}

/** RFC 3261 section 18.1.1: what is longer goes over TCP, so that it is not lost with one of its fragments. */
const longestDatagram = 1300

export class Sending implements ClientTransaction {
  readonly #given: Request
  readonly #listener: ClientListener
  readonly #options: SendOptions
  readonly #parts: SendingParts
  #servers: Server[] = []
  #current: OneClientTransaction | undefined
  readonly #cancelled = new WeakSet<OneClientTransaction>()
  #cancelWish: { reason: string | undefined } | undefined
  #stopWaiting: () => void = () => undefined
  #isOver = false
  /** Somebody's telephone has rung perhaps: another server would let it ring again. */
  #hasRung = false
  /** To be told when there is nobody left to try. */
  #lastFailure: ClientFailure = { why: 'noServer', status: 503, cause: new Error('no server is known for the domain') }

  constructor(request: Request, listener: ClientListener, options: SendOptions, parts: SendingParts) {
    this.#given = request
    this.#listener = listener
    this.#options = options
    this.#parts = parts
  }

  get request(): Request {
    return this.#current?.request ?? this.#given
  }

  /** Never rejects. */
  async begin(): Promise<void> {
    try {
      const to = this.#options.to ?? destinationOf(this.#given)
      if (to.by === 'flow') return await this.#reach(this.#parts.ways.again(to.flow, this.#options.trust))
      this.#servers = [...(to.by === 'servers' ? to.servers : await this.#parts.ways.find(to.uri))]
    } catch (cause) {
      return this.#fail({ why: 'noServer', status: 503, cause })
    }
    return this.#tryNext()
  }

  cancel(reason?: string): void {
    if (this.#isOver || this.#cancelWish !== undefined || this.#given.method !== 'INVITE') return
    this.#cancelWish = { reason }
    if (this.#current === undefined) this.#fail({ why: 'cancelled', status: 487 })
    else if (this.#current.isAnswered) this.#cancel(this.#current)
  }

  /** The layer closes. */
  close(): void {
    this.#fail({ why: 'closed', status: 503 })
  }

  async #tryNext(): Promise<void> {
    if (this.#isOver) return
    this.#current = undefined
    const server = this.#servers.shift()
    if (server === undefined) this.#fail(this.#lastFailure)
    else await this.#reach(this.#parts.ways.connect(server, this.#options.trust))
  }

  async #reach(connecting: Promise<OpenFlow>): Promise<void> {
    try {
      const flow = await connecting
      if (!this.#isOver) await this.#sendOn(flow)
    } catch (cause) {
      if (this.#isOver) return
      this.#lastFailure = { why: 'transport', status: 503, cause }
      await this.#tryNext()
    }
  }

  async #sendOn(flow: OpenFlow): Promise<void> {
    const written = this.#write(flow)
    if (flow.transport !== 'udp' || written.bytes.length <= longestDatagram) return this.#start(flow, written)
    const stream = await this.#parts.ways.streamBeside(flow)
    if (this.#isOver) return undefined
    return stream === undefined ? this.#start(flow, written) : this.#start(stream, this.#write(stream))
  }

  #write(flow: OpenFlow): Written {
    const request = copyOf(this.#given)
    this.#parts.safely(flow, () => this.#options.prepare?.(request, flow))
    const branch = putVia(request, flow, this.#parts.random())
    return { request, branch, bytes: writeMessage(request) }
  }

  #start(flow: OpenFlow, written: Written): void {
    const transaction = this.#parts.open(written, flow, (news) => this.#hear(transaction, news))
    this.#current = transaction
    const ms = this.#options.firstResponseMs
    if (ms !== undefined && this.#servers.length > 0) {
      this.#stopWaiting = this.#parts.after(ms, () => this.#giveUpOn(transaction))
    }
    transaction.begin()
  }

  #giveUpOn(transaction: OneClientTransaction): void {
    if (this.#isOver || transaction !== this.#current || transaction.isAnswered || this.#cancelWish !== undefined)
      return
    transaction.abandoned()
    this.#lastFailure = { why: 'timeout', status: 408 }
    void this.#tryNext()
  }

  #hear(transaction: OneClientTransaction, news: ClientNews): void {
    if (transaction === this.#current) this.#hearCurrent(transaction, news)
    else if (transaction.request.method === 'INVITE') this.#hearLate(transaction, news)
  }

  /** From a server that was given up: nobody may be called twice, so what rings there is cancelled, and who answers is told of. */
  #hearLate(transaction: OneClientTransaction, news: ClientNews): void {
    const { flow } = transaction
    if (news.is === 'provisional') this.#cancel(transaction)
    const isSuccess = news.is === 'further' || (news.is === 'final' && news.response.status < 300)
    if (isSuccess) this.#parts.safely(flow, () => this.#listener.lateSuccess?.(news.response, flow))
  }

  #hearCurrent(transaction: OneClientTransaction, news: ClientNews): void {
    const { flow } = transaction
    this.#stopWaiting()
    switch (news.is) {
      case 'provisional':
        if (news.response.status > 100) this.#hasRung = true
        if (this.#cancelWish !== undefined) this.#cancel(transaction)
        return this.#parts.safely(flow, () => this.#listener.provisional?.(news.response, flow))
      case 'final':
        return this.#hearFinal(news.response, flow)
      case 'further':
        return this.#parts.safely(flow, () => this.#listener.furtherSuccess?.(news.response, flow))
      case 'timeout':
        return this.#failHere({ why: 'timeout', status: 408 })
      case 'broken':
        return this.#failHere({ why: 'transport', status: 503, cause: news.cause })
    }
  }

  #hearFinal(response: Response, flow: Flow): void {
    if (this.#isOver) return
    if (response.status === 503 && this.#mayTryAnother) return void this.#tryNext()
    this.#finish(() => this.#listener.final(response, flow))
  }

  #failHere(failure: ClientFailure): void {
    this.#lastFailure = failure
    if (this.#mayTryAnother) void this.#tryNext()
    else this.#fail(failure)
  }

  get #mayTryAnother(): boolean {
    return this.#servers.length > 0 && this.#cancelWish === undefined && !this.#hasRung
  }

  #fail(failure: ClientFailure): void {
    if (this.#isOver) return
    if (failure.why === 'timeout' || failure.why === 'transport') this.#parts.ways.forget()
    this.#finish(() => this.#listener.failed(failure))
  }

  #finish(tell: () => void): void {
    this.#isOver = true
    this.#stopWaiting()
    this.#parts.ended(this)
    this.#parts.safely(this.#current?.flow, tell)
  }

  #cancel(transaction: OneClientTransaction): void {
    if (this.#cancelled.has(transaction)) return
    this.#cancelled.add(transaction)
    transaction.cancelled()
    // Without a way to him the INVITE ends by its own limit.
    this.#sendCancel(transaction).catch(() => undefined)
  }

  /** CANCEL is a transaction whose answer says nothing: what counts is what becomes of the INVITE. */
  async #sendCancel({ request, branch, flow }: OneClientTransaction): Promise<void> {
    const cancel = cancelOf(request, this.#cancelWish?.reason)
    const open = await this.#parts.ways.again(flow, this.#options.trust)
    const written = { request: cancel, branch, bytes: writeMessage(cancel) }
    this.#parts.open(written, open, () => undefined).begin()
  }
}
