/** One server transaction (RFC 3261 section 17.2): one request that came, run by its machine. */
import { responseTo, writeMessage, type Request, type Response, type ResponseParts } from '../messages/message.ts'
import type { ViaHop } from '../messages/kinds/routing.ts'
import type { OpenFlow } from '../transports/transports.ts'
import type { Deadlines, Waiting } from './deadlines.ts'
import {
  inviteServer,
  otherServer,
  serverDeadline,
  type ServerEffect,
  type ServerEvent,
  type ServerMachine,
  type ServerState,
} from './machines/server-machines.ts'
import type { At, Times } from './machines/times.ts'
import type { ServerListener, ServerTransaction } from './transaction.ts'

/** What all server transactions need of the layer. */
export type ServerSide = {
  times: Times
  now(): number
  deadlines: Deadlines
  /** The way back, looked for anew for each response: a connection may have gone meanwhile. */
  wayBack(flow: OpenFlow, via: ViaHop): Promise<OpenFlow>
  safely(flow: OpenFlow, call: () => void): void
  ended(transaction: OneServerTransaction): void
}

/** A request that came: `key` is that of its transaction, `merged` what its copies by other ways have in common with it. */
export type Incoming = {
  request: Request
  key: string
  merged: string | undefined
  via: ViaHop
  flow: OpenFlow
  toTag: string
}

export class OneServerTransaction implements Waiting {
  readonly key: string
  readonly merged: string | undefined
  readonly flow: OpenFlow
  readonly toTag: string
  readonly #via: ViaHop
  readonly #side: ServerSide
  readonly #machine: ServerMachine
  /** Forgotten once it is answered: transactions outlive that by half a minute, and there may be many of them. */
  #request: Request | undefined
  #state: ServerState
  #listener: ServerListener = {}
  /** What was sent last. */
  #bytes: Uint8Array | undefined
  #isCancelled = false

  constructor({ request, key, merged, via, flow, toTag }: Incoming, side: ServerSide) {
    this.key = key
    this.merged = merged
    this.flow = flow
    this.toTag = toTag
    this.#via = via
    this.#side = side
    this.#request = request
    this.#machine = request.method === 'INVITE' ? inviteServer : otherServer
    this.#state = this.#machine.begin(this.#at())
    side.deadlines.watch(this)
  }

  get deadline(): number {
    return serverDeadline(this.#state)
  }

  get isAnswered(): boolean {
    return !['trying', 'proceeding'].includes(this.#state.is)
  }

  listen(listener: ServerListener): void {
    this.#listener = listener
  }

  respond(response: Response): void {
    this.#step(eventOf(response), { response })
  }

  answerOnce(response: Response): void {
    this.#step('once', { response })
  }

  ignore(): void {
    this.#step('ignored', {})
  }

  /** The request has come again. */
  repeated(): void {
    this.#step('request', {})
  }

  /** Whether the ACK was for this transaction; otherwise it is for a dialog. */
  acknowledged(): boolean {
    if (this.#state.is === 'accepted') return false
    this.#step('ack', {})
    return true
  }

  cancelled(cancel: Request): void {
    if (this.#isCancelled || this.isAnswered) return
    this.#isCancelled = true
    this.#side.safely(this.flow, () => this.#listener.cancelled?.(cancel))
    if (this.#request !== undefined) this.respond(responseTo(this.#request, 487, { toTag: this.toTag }))
  }

  fellDue(): void {
    this.#step('due', {})
  }

  /** The layer closes. */
  close(): void {
    this.#enter({ is: 'terminated' }, [], {})
  }

  #step(event: ServerEvent, about: About): void {
    if (this.#state.is === 'terminated') return
    const { state, effects } = this.#machine.step(this.#state, event, this.#at())
    this.#enter(state, effects, about)
  }

  #enter(state: ServerState, effects: readonly ServerEffect[], about: About): void {
    const wasTerminated = this.#state.is === 'terminated'
    const isNew = state !== this.#state
    this.#state = state
    if (isNew) this.#side.deadlines.watch(this)
    for (const effect of effects) this.#carryOut(effect, about)
    if (this.isAnswered) this.#request = undefined
    if (state.is !== 'terminated' || wasTerminated) return
    this.#side.ended(this)
    this.#side.safely(this.flow, () => this.#listener.ended?.())
  }

  #carryOut(effect: ServerEffect, { response, cause }: About): void {
    switch (effect) {
      case 'trying':
        return this.#request === undefined ? undefined : this.#send(responseTo(this.#request, 100))
      case 'answer':
        return response === undefined ? undefined : this.#send(response)
      case 'repeat':
        return this.#bytes === undefined ? undefined : this.#sendBytes(this.#bytes)
      case 'unacknowledged':
        return this.#side.safely(this.flow, () => this.#listener.unacknowledged?.())
      case 'broken':
        return this.#side.safely(this.flow, () => this.#listener.transportFailed?.(cause))
    }
  }

  #send(response: Response): void {
    this.#bytes = writeMessage(response)
    this.#sendBytes(this.#bytes)
  }

  #sendBytes(bytes: Uint8Array): void {
    this.#side
      .wayBack(this.flow, this.#via)
      .then((flow) => flow.send(bytes))
      .catch((cause: unknown) => this.#step('transportFailed', { cause }))
  }

  #at(): At {
    return { now: this.#side.now(), times: this.#side.times, isReliable: this.flow.transport !== 'udp' }
  }
}

/** A request as our user holds it, and may go on holding it: with what it says, which its transaction forgets. */
export class TakenRequest implements ServerTransaction {
  readonly request: Request
  readonly #transaction: OneServerTransaction

  constructor(request: Request, transaction: OneServerTransaction) {
    this.request = request
    this.#transaction = transaction
  }

  get flow(): OpenFlow {
    return this.#transaction.flow
  }

  get toTag(): string {
    return this.#transaction.toTag
  }

  get isAnswered(): boolean {
    return this.#transaction.isAnswered
  }

  listen(listener: ServerListener): void {
    this.#transaction.listen(listener)
  }

  welcome(): void {
    this.flow.welcome()
  }

  respond(response: Response): void {
    this.welcome()
    this.#transaction.respond(response)
  }

  reply(status: number, parts: Omit<ResponseParts, 'toTag'> = {}): void {
    this.respond(responseTo(this.request, status, { ...parts, toTag: this.toTag }))
  }

  answerOnce(response: Response): void {
    this.#transaction.answerOnce(response)
  }

  ignore(): void {
    this.#transaction.ignore()
  }
}

/** What an event is about. */
type About = { response?: Response; cause?: unknown }

function eventOf({ status }: Response): ServerEvent {
  if (status < 200) return 'provisional'
  return status < 300 ? 'success' : 'failure'
}
