/** One client transaction (RFC 3261 section 17.1): one request to one server, run by its machine. */
import { writeMessage, type Request, type Response } from '../messages/message.ts'
import type { OpenFlow } from '../transports/transports.ts'
import type { Deadlines, Waiting } from './deadlines.ts'
import {
  clientDeadline,
  inviteClient,
  otherClient,
  type ClientEffect,
  type ClientEvent,
  type ClientMachine,
  type ClientState,
} from './machines/client-machines.ts'
import type { At, Times } from './machines/times.ts'
import { clientKey } from './matching.ts'
import { ackOf } from './own-requests.ts'

/** What a transaction tells; `final` may be followed by `further`, everything else is an end. */
export type ClientNews =
  | { is: 'provisional' | 'final' | 'further'; response: Response }
  | { is: 'timeout' }
  | { is: 'broken'; cause: unknown }

export type ClientParts = {
  request: Request
  bytes: Uint8Array
  branch: string
  flow: OpenFlow
  times: Times
  now(): number
  deadlines: Deadlines
  tell: (news: ClientNews) => void
  ended: (transaction: OneClientTransaction) => void
}

export class OneClientTransaction implements Waiting {
  readonly request: Request
  readonly flow: OpenFlow
  readonly branch: string
  /** Under which its responses are found. */
  readonly key: string
  readonly #parts: ClientParts
  readonly #machine: ClientMachine
  #state: ClientState
  #isAnswered = false

  constructor(parts: ClientParts) {
    this.request = parts.request
    this.flow = parts.flow
    this.branch = parts.branch
    this.key = clientKey(parts.branch, parts.request.method)
    this.#parts = parts
    this.#machine = parts.request.method === 'INVITE' ? inviteClient : otherClient
    this.#state = { is: 'terminated' }
  }

  get deadline(): number {
    return clientDeadline(this.#state)
  }

  /** Whether any response has come. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  begin(): void {
    const { state, effects } = this.#machine.begin(this.#at())
    this.#enter(state, effects, {})
  }

  receive(response: Response): void {
    this.#isAnswered = true
    this.#step(eventOf(response), { response })
  }

  /** A CANCEL was sent. */
  cancelled(): void {
    this.#step('cancelled', {})
  }

  /** Says nothing more to a server that is silent, and hears what it may say yet. */
  abandoned(): void {
    this.#step('abandoned', {})
  }

  transportFailed(cause: unknown): void {
    this.#step('transportFailed', { cause })
  }

  fellDue(): void {
    this.#step('due', {})
  }

  /** Ends without a word. */
  drop(): void {
    this.#enter({ is: 'terminated' }, [], {})
  }

  #step(event: ClientEvent, about: About): void {
    if (this.#state.is === 'terminated') return
    const { state, effects } = this.#machine.step(this.#state, event, this.#at())
    this.#enter(state, effects, about)
  }

  #enter(state: ClientState, effects: readonly ClientEffect[], about: About): void {
    const isNew = state !== this.#state
    this.#state = state
    if (isNew) this.#parts.deadlines.watch(this)
    if (state.is === 'terminated') this.#parts.ended(this)
    for (const effect of effects) this.#carryOut(effect, about)
  }

  #carryOut(effect: ClientEffect, { response, cause }: About): void {
    const { tell } = this.#parts
    switch (effect) {
      case 'send':
        return this.#send(this.#parts.bytes)
      case 'acknowledge':
        return response === undefined ? undefined : this.#send(writeMessage(ackOf(this.request, response)))
      case 'provisional':
      case 'final':
      case 'further':
        return response === undefined ? undefined : tell({ is: effect, response })
      case 'timeout':
        return tell({ is: 'timeout' })
      case 'broken':
        return tell({ is: 'broken', cause })
    }
  }

  #send(bytes: Uint8Array): void {
    this.flow.send(bytes).catch((error: unknown) => this.transportFailed(error))
  }

  #at(): At {
    return { now: this.#parts.now(), times: this.#parts.times, isReliable: this.flow.transport !== 'udp' }
  }
}

/** What an event is about. */
type About = { response?: Response; cause?: unknown }

function eventOf({ status }: Response): ClientEvent {
  if (status < 200) return 'provisional'
  return status < 300 ? 'success' : 'failure'
}
