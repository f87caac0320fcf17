/**
 * The socket door: takes new sockets, lets nobody in without a *hello* or a *resume*, and hands requests on. One reply
 * to every frame is kept by AgentSocket; here it is decided who may ask at all.
 */
import type { IncomingMessage } from 'node:http'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import {
  Bye,
  closeCodes,
  failures,
  Refused,
  type EpochMs,
  type Limits,
  type RequestResult,
  type Verb,
} from '@parley/protocol'
import type { Asker } from '../agents/asker.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { AgentSession } from './agent-session.ts'
import { AgentSocket } from './agent-socket.ts'
import { asVerb, readBody, type Request } from './frames.ts'
import type { Requests } from './requests.ts'
import { SendingTurns } from './sending-turns.ts'
import type { SessionHub } from './session-hub.ts'

/** Sockets of one address that may wait for their first message at the same time. */
const maxStrangersPerAddress = 20

export type DoorParts = {
  hub: SessionHub
  requests: Requests
  nodes: Nodes
  now: () => EpochMs
  limits: Limits
  messagesPerS: number
  log: Logger
}

export class AgentDoor {
  readonly #sessions = new WeakMap<AgentSocket, AgentSession>()
  readonly #strangers = new Map<string, number>()
  readonly #turns = new SendingTurns()

  constructor(private readonly parts: DoorParts) {}

  /** Takes a socket whose handshake is done. */
  welcome(ws: WebSocket, request: IncomingMessage): void {
    const address = request.socket.remoteAddress ?? ''
    const waiting = this.#strangers.get(address) ?? 0
    if (waiting >= maxStrangersPerAddress) return ws.close(closeCodes.tooMany, 'Too many sockets without a login.')
    this.#strangers.set(address, waiting + 1)
    let isStranger = true
    const known = (): void => {
      if (isStranger) this.#strangers.set(address, (this.#strangers.get(address) ?? 1) - 1)
      if (this.#strangers.get(address) === 0) this.#strangers.delete(address)
      isStranger = false
    }
    const limits = { messagesPerS: this.parts.messagesPerS, helloMs: this.parts.limits.helloMs }
    const answer = (from: AgentSocket, asked: Request): unknown => this.#answer(from, asked)
    const socket = new AgentSocket(ws, request.socket, { limits, answer, turns: this.#turns })
    socket.onWelcome(known)
    socket.onClosed(known)
  }

  /** A page that is closed says so. Anything malformed says nothing. */
  async bye(body: unknown): Promise<void> {
    const read = Bye.safeParse(body)
    if (read.success) await this.parts.hub.leave(read.data.session, read.data.key)
  }

  #answer(socket: AgentSocket, request: Request): unknown {
    const verb = asVerb(request.verb)
    const session = this.#sessions.get(socket)
    if (session === undefined) return this.#admit(socket, verb, request.body)
    if (verb === 'hello' || verb === 'resume') throw new Refused('badRequest', { detail: 'This socket has a session.' })
    socket.allowSilence(this.#silenceMs(session))
    // There are more heartbeats than of all else together: nothing is awaited or kept for them.
    if (verb === 'ping') return this.parts.requests.ping(session, readBody(verb, request.body))
    const body = readBody(verb, request.body)
    return session.once(request.id, () => this.#carryOut(session, verb, body))
  }

  async #carryOut(...request: Parameters<Requests['carryOut']>): Promise<unknown> {
    try {
      return await this.parts.requests.carryOut(...request)
    } catch (error) {
      const [session, verb] = request
      // Callers' mistakes are told to them; what is ours is logged with its cause and told without.
      if (error instanceof Refused) this.#noteRefusal(session, verb, error)
      else this.parts.log.error({ session: session.row.id, verb, error }, 'request.failed')
      throw error
    }
  }

  /** Who tries what he may not do is worth a line: mistakes of form are not. */
  #noteRefusal(session: Asker, verb: Verb, { failure, path }: Refused): void {
    const level = failures[failure].http === 403 ? 'warn' : 'debug'
    const { id, user } = session.row
    this.parts.log[level]({ session: id, user, verb, failure, ...(path ? { path } : {}) }, 'request.refused')
  }

  async #admit(socket: AgentSocket, verb: Verb, body: unknown): Promise<unknown> {
    try {
      if (verb === 'hello') return await this.#hello(socket, body)
      if (verb === 'resume') return await this.#resume(socket, body)
      throw new Refused('unauthenticated', { detail: 'The first message is hello or resume.' })
    } catch (error) {
      if (!(error instanceof Refused)) this.parts.log.error({ verb, error }, 'welcome.failed')
      const code = verb === 'resume' ? closeCodes.sessionGone : closeCodes.unauthenticated
      const mayRetry = !(error instanceof Refused) || error.failure === 'unavailable'
      // After the refusal itself, which says why.
      setImmediate(() => void socket.close(mayRetry ? closeCodes.goingAway : code, 'See the refusal.'))
      throw error
    }
  }

  async #hello(socket: AgentSocket, body: unknown): Promise<RequestResult<'hello'>> {
    const hello = readBody('hello', body)
    const rtpCapabilities = this.parts.nodes.rtpCapabilities()
    const { session, key } = await this.parts.hub.open(hello)
    this.#let(socket, session)
    setImmediate(() => this.parts.hub.ringAlso(session)) // after the reply, which the client waits for first
    const { idlePingMs, callPingMs } = this.parts.limits
    const { id, user } = session.row
    return { session: id, key, user, serverTime: this.parts.now(), rtpCapabilities, idlePingMs, callPingMs }
  }

  async #resume(socket: AgentSocket, body: unknown): Promise<RequestResult<'resume'>> {
    const { session, seq, calls } = await this.parts.hub.resume(readBody('resume', body))
    // Linked after the reply has gone out, in one turn with the events that it does not contain.
    setImmediate(() => {
      for (const frame of session.missedSince(seq) ?? []) socket.send(frame)
      this.#let(socket, session)
    })
    return { serverTime: this.parts.now(), ...(calls === undefined ? {} : { snapshot: { seq, calls } }) }
  }

  #let(socket: AgentSocket, session: AgentSession): void {
    if (!this.parts.hub.link(session, socket))
      return void socket.close(closeCodes.sessionGone, 'This session has ended.')
    this.#sessions.set(socket, session)
    socket.allowSilence(this.#silenceMs(session))
  }

  #silenceMs(session: AgentSession): number {
    return session.liveCalls.size > 0 ? this.parts.limits.callDeadMs : this.parts.limits.idleDeadMs
  }
}
