/**
 * One connected SDK agent. It outlives its sockets: events are numbered and kept until the client has them, and the
 * first reply to each request is kept, so that a request that is sent again is carried out once.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { maxKeptEvents, type AgentEvent, type CallId, type EpochMs } from '@parley/protocol'
import type { SessionRow } from '../agents/session-store.ts'
import type { AgentSocket } from './agent-socket.ts'
import { eventFrame } from './frames.ts'

/** How many replies are kept for requests that may come again. */
const maxKeptReplies = 128

type Kept = { seq: number; frame: string }

export class AgentSession {
  /** Calls that the agent was told of and that have not ended: a session in a call has the quicker heartbeat. */
  readonly liveCalls = new Set<CallId>()
  /** When the token that was handed in last runs out; a call that runs may outlive it. */
  tokenExpiresAt: EpochMs | undefined
  #socket: AgentSocket | undefined
  #seq: number
  #events: Kept[] = []
  readonly #replies = new Map<string, Promise<unknown>>()

  constructor(
    readonly row: SessionRow,
    seq: number,
  ) {
    this.#seq = seq
  }

  get seq(): number {
    return this.#seq
  }

  get isLinked(): boolean {
    return this.#socket !== undefined
  }

  get socket(): AgentSocket | undefined {
    return this.#socket
  }

  isKey(key: string): boolean {
    return timingSafeEqual(Buffer.from(hashOfKey(key)), Buffer.from(this.row.keyHash))
  }

  /** Takes a socket; gives back the one it had. */
  link(socket: AgentSocket): AgentSocket | undefined {
    const before = this.#socket
    this.#socket = socket
    return before
  }

  /** Lets a socket go; false when another one has taken its place already. */
  unlink(socket: AgentSocket): boolean {
    if (this.#socket !== socket) return false
    this.#socket = undefined
    return true
  }

  /** Numbers an event, keeps it and sends it. */
  tell(message: AgentEvent): void {
    const frame = eventFrame(++this.#seq, message)
    this.#events.push({ seq: this.#seq, frame })
    if (this.#events.length > maxKeptEvents) this.#events.shift()
    this.#follow(message)
    // What is news of others goes to all who are in the call, and each of them can wait for it for a moment.
    if (message.event === 'call.people') this.#socket?.sendInTurn(frame)
    else this.#socket?.send(frame)
  }

  /** The client has everything up to here. */
  forget(seenSeq: number): void {
    const [oldest] = this.#events
    if (oldest === undefined || oldest.seq > seenSeq) return
    this.#events = this.#events.filter((event) => event.seq > seenSeq)
  }

  /** The events after `seenSeq`, or undefined when some of them are not there any more. */
  missedSince(seenSeq: number): string[] | undefined {
    const missed = this.#events.filter((event) => event.seq > seenSeq)
    return seenSeq <= this.#seq && missed.length === this.#seq - seenSeq
      ? missed.map((event) => event.frame)
      : undefined
  }

  /** Carries a request out once: the same id again gives the first outcome. */
  once(id: string, carryOut: () => Promise<unknown>): Promise<unknown> {
    const known = this.#replies.get(id)
    if (known !== undefined) return known
    const outcome = carryOut()
    outcome.catch(() => {}) // whoever waits for the reply gets the error
    this.#replies.set(id, outcome)
    if (this.#replies.size > maxKeptReplies) {
      const [oldest] = this.#replies.keys()
      if (oldest !== undefined) this.#replies.delete(oldest)
    }
    return outcome
  }

  #follow(message: AgentEvent): void {
    if (message.event === 'call.ended') this.liveCalls.delete(message.body.call.callId)
    else if (message.event === 'call.incoming' || message.event === 'call.changed') {
      this.liveCalls.add(message.body.call.callId)
    }
  }
}

/** What is kept of a resume key. */
export function hashOfKey(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}
