/**
 * What each verb of the socket does: one line a verb. Requests of one session about one call are carried out in the
 * order in which they came, so that a client may send *accept* and its microphone without waiting in between.
 */
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { viewOf, type Call, type CallEvent, type Device } from '@parley/call'
import {
  asUserId,
  Refused,
  type CallId,
  type CallView,
  type RequestBody,
  type RequestResult,
  type ResourceId,
  type Verb,
} from '@parley/protocol'
import { Queues } from '../calls/call-queue.ts'
import type { Calls } from '../calls/calls.ts'
import type { DatabaseClock } from '../calls/clock.ts'
import type { CallMedia } from '../calls/media.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { AgentSession } from './agent-session.ts'
import { deviceOf } from './device.ts'
import type { SessionHub } from './session-hub.ts'
import type { SessionStore } from './session-store.ts'
import type { TokenCheck } from './token-check.ts'

/** Verbs of a session that are carried out; *hello* and *resume* make one and stand in agent-door.ts. */
type SessionVerb = Exclude<Verb, 'hello' | 'resume' | 'ping'>
type Carriers = { [V in SessionVerb]: (session: AgentSession, body: RequestBody<V>) => Promise<RequestResult<V>> }

export type RequestParts = {
  calls: Calls
  media: CallMedia
  nodes: Nodes
  hub: SessionHub
  sessions: SessionStore
  tokens: TokenCheck
  clock: DatabaseClock
}

/** How often a start is tried while calls between the same two users come and go. */
const startAttempts = 3

export class Requests {
  readonly #queues = new Queues<string>()

  constructor(private readonly parts: RequestParts) {}

  /** Carries out a checked request of a session. */
  carryOut<V extends SessionVerb>(session: AgentSession, verb: V, body: RequestBody<V>): Promise<RequestResult<V>> {
    const carrier: Carriers[V] = this.#carriers[verb]
    if (!('callId' in body)) return carrier(session, body)
    return this.#queues.run(`${session.row.id} ${body.callId}`, () => carrier(session, body))
  }

  /** Answers a heartbeat. */
  ping(session: AgentSession, { seenSeq }: RequestBody<'ping'>): RequestResult<'ping'> {
    session.forget(seenSeq)
    return { serverTime: this.parts.clock.now() }
  }

  // prettier-ignore
  readonly #carriers: Carriers = {
    token:           (session, { token }) => this.#renew(session, token),
    bye:             (session) => this.parts.hub.end(session.row.id, 'hungUp').then(nothing),

    'call.start':    (session, body) => this.#start(session, body),
    'call.accept':   (session, { callId, isMuted }) => this.#accept(session, callId, isMuted),
    'call.reject':   (session, { callId }) => this.#step(session, callId, { type: 'rejected', session: session.row.id }),
    'call.hangUp':   (session, { callId }) => this.#step(session, callId, { type: 'hungUp', session: session.row.id }),
    'call.mute':     (session, { callId, isMuted }) => this.#step(session, callId, { type: 'muted', session: session.row.id, isMuted }),

    'media.join':    async (session, { callId, join }) => ({ media: await this.parts.media.join(callId, session.row.id, join) }),
    'media.send':    (session, body) => this.parts.media.order('send', session.row.id, body),
    'media.receive': (session, body) => this.parts.media.order('receive', session.row.id, body),
    'media.unsend':  (session, body) => this.parts.media.order('unsend', session.row.id, body),
    'media.watch':   (session, body) => this.parts.media.order('watch', session.row.id, body),
    'media.size':    (session, body) => this.parts.media.order('size', session.row.id, body),
    'media.unwatch': (session, body) => this.parts.media.order('unwatch', session.row.id, body),
  }

  async #renew(session: AgentSession, token: string): Promise<RequestResult<'token'>> {
    const holder = await this.parts.tokens.check(token)
    if (holder.user !== session.row.user) throw new Refused('unauthenticated', { detail: 'It is of another user.' })
    session.tokenExpiresAt = holder.expiresAt
    return {}
  }

  async #start(session: AgentSession, body: RequestBody<'call.start'>): Promise<RequestResult<'call.start'>> {
    if (session.tokenExpiresAt !== undefined && session.tokenExpiresAt <= this.parts.clock.now()) {
      throw new Refused('unauthenticated', { detail: 'It has expired.' })
    }
    const call = await this.#place(session, body)
    const view = viewFor(call, session)
    if (view.state === 'Disconnected') return { call: view }
    session.liveCalls.add(call.id)
    // What tells the callee leaves at the end of this turn: it does not wait for work on the caller's media.
    await endOfTurn()
    return { call: view, media: await this.parts.media.join(call.id, session.row.id, body.join) }
  }

  /** Opens the call, or answers the one that the callee is placing to us at this moment. */
  async #place(session: AgentSession, { callId, to, isMuted }: RequestBody<'call.start'>): Promise<Call> {
    const caller = { ...deviceOf(session.row), isMuted }
    for (let attempt = 0; attempt < startAttempts; attempt++) {
      const devices = await this.#devicesOf(session.row.resourceId, to[0])
      const placed = {
        id: callId,
        resourceId: session.row.resourceId,
        mediaNode: this.parts.nodes.place(),
        caller,
        devices,
      }
      const opened = await this.parts.calls.open(placed)
      if ('call' in opened) return opened.call
      if (opened.taken === 'id') return this.#alreadyPlaced(session, callId)
      const answered = await this.#callBack(opened.callId, caller)
      if (answered !== undefined) return answered
    }
    throw new Refused('callExists')
  }

  /** The same start again, after its reply was lost; anyone else's call by this id is told as a taken id. */
  async #alreadyPlaced(session: AgentSession, callId: CallId): Promise<Call> {
    const call = await this.parts.calls.find(callId)
    if (call?.legs.some((leg) => leg.session === session.row.id && leg.side === 'caller')) return call
    throw new Refused('callExists')
  }

  /** Undefined when the other call stopped ringing meanwhile. */
  async #callBack(callId: CallId, device: Device & { isMuted: boolean }): Promise<Call | undefined> {
    try {
      return await this.parts.calls.step(callId, { type: 'calledBack', device })
    } catch (error) {
      if (error instanceof Refused && error.failure === 'callExists') return undefined
      throw error
    }
  }

  /** The devices to ring. Unknown users, other resources' users and users who are away all have none. */
  async #devicesOf(resourceId: ResourceId, callee: string | undefined): Promise<Device[]> {
    const user = callee === undefined ? undefined : asUserId(callee)
    if (user === undefined && callee?.startsWith('8:acs:')) throw new Refused('malformedId', { path: 'to.0' })
    if (user === undefined) return []
    const sessions = await this.parts.sessions.liveSessionsOf(user)
    return sessions.filter((row) => row.resourceId === resourceId).map(deviceOf)
  }

  async #accept(session: AgentSession, callId: CallId, isMuted: boolean): Promise<RequestResult<'call.accept'>> {
    const call = await this.parts.calls.step(callId, { type: 'accepted', session: session.row.id, isMuted })
    return { call: viewFor(call, session) }
  }

  async #step(session: AgentSession, callId: CallId, event: CallEvent): Promise<Record<string, never>> {
    const call = await this.parts.calls.find(callId)
    if (!call?.legs.some((leg) => leg.session === session.row.id)) throw new Refused('unknownCall')
    await this.parts.calls.step(callId, event)
    return {}
  }
}

/** The call as this session sees it; of several legs (a leg that ended, a new one) the last. */
function viewFor(call: Call, session: AgentSession): CallView {
  const leg = call.legs.findLast((one) => one.session === session.row.id)
  if (leg === undefined) throw new Refused('unknownCall')
  return viewOf(call, leg.id)
}

function nothing(): Record<string, never> {
  return {}
}
