/** One server transaction (RFC 3261 section 17.2): one request that came, run by its machine. */
import { responseTo, writeMessage, type Request, type Response, type ResponseParts } from '../messages/message.ts'
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

export type ServerParts = {
  request: Request
  flow: OpenFlow
  toTag: string
  times: Times
  now(): number
  deadlines: Deadlines
  /** The way back, looked for anew for each response: a connection may have gone meanwhile. */
  wayBack(): Promise<OpenFlow>
  safely(call: () => void): void
  ended(transaction: OneServerTransaction): void
}

export class OneServerTransaction implements ServerTransaction, Waiting {
  readonly request: Request
  readonly flow: OpenFlow
  readonly toTag: string
  readonly #parts: ServerParts
  readonly #machine: ServerMachine
  #state: ServerState
  #listener: ServerListener = {}
  /** What was sent last. */
  #bytes: Uint8Array | undefined
  #isCancelled = false

  constructor(parts: ServerParts) {
    this.request = parts.request
    this.flow = parts.flow
    this.toTag = parts.toTag
    this.#parts = parts
    this.#machine = parts.request.method === 'INVITE' ? inviteServer : otherServer
    this.#state = this.#machine.begin(this.#at())
    parts.deadlines.watch(this)
  }

  get deadline(): number {
    return serverDeadline(this.#state)
  }

  get isAnswered(): boolean {
    return !['trying', 'proceeding', 'ignored'].includes(this.#state.is)
  }

  listen(listener: ServerListener): void {
    this.#listener = listener
  }

  respond(response: Response): void {
    this.#step(eventOf(response), { response })
  }

  reply(status: number, parts: Omit<ResponseParts, 'toTag'> = {}): void {
    this.respond(responseTo(this.request, status, { ...parts, toTag: this.toTag }))
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
    if (this.#isCancelled || this.isAnswered || this.#state.is === 'ignored') return
    this.#isCancelled = true
    this.#parts.safely(() => this.#listener.cancelled?.(cancel))
    if (!this.isAnswered) this.reply(487)
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
    if (isNew) this.#parts.deadlines.watch(this)
    for (const effect of effects) this.#carryOut(effect, about)
    if (state.is !== 'terminated' || wasTerminated) return
    this.#parts.ended(this)
    this.#parts.safely(() => this.#listener.ended?.())
  }

  #carryOut(effect: ServerEffect, { response, cause }: About): void {
    switch (effect) {
      case 'trying':
        return this.#send(responseTo(this.request, 100))
      case 'answer':
        return response === undefined ? undefined : this.#send(response)
      case 'repeat':
        return this.#bytes === undefined ? undefined : this.#sendBytes(this.#bytes)
      case 'unacknowledged':
        return this.#parts.safely(() => this.#listener.unacknowledged?.())
      case 'broken':
        return this.#parts.safely(() => this.#listener.transportFailed?.(cause))
    }
  }

  #send(response: Response): void {
    this.#bytes = writeMessage(response)
    this.#sendBytes(this.#bytes)
  }

  #sendBytes(bytes: Uint8Array): void {
    this.#parts
      .wayBack()
      .then((flow) => flow.send(bytes))
      .catch((cause: unknown) => this.#step('transportFailed', { cause }))
  }

  #at(): At {
    return { now: this.#parts.now(), times: this.#parts.times, isReliable: this.flow.transport !== 'udp' }
  }
}

/** What an event is about. */
type About = { response?: Response; cause?: unknown }

function eventOf({ status }: Response): ServerEvent {
  if (status < 200) return 'provisional'
  return status < 300 ? 'success' : 'failure'
}
