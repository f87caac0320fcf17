/**
 * What each verb of the socket does: one line a verb. Requests of one session about one call are carried out in the
 * order in which they came, so that a client may send *accept* and its microphone without waiting in between.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate as endOfTurn } from 'node:timers/promises'
import { publishToSessions, type Bus } from '@parley/bus'
import { hearersOf, viewOf, type Asked, type Call, type CallEvent, type Leg } from '@parley/call'
import {
  asUserId,
  endOf,
  Refused,
  type CallId,
  type CallView,
  type ParticipantView,
  type RequestBody,
  type RequestResult,
  type SessionId,
  type Verb,
} from '@parley/protocol'
import type { Asker } from '../agents/asker.ts'
import { newLegId } from '../agents/device.ts'
import type { TokenCheck } from '../agents/token-check.ts'
import { Queues } from '../calls/call-queue.ts'
import type { Calls } from '../calls/calls.ts'
import type { DatabaseClock } from '../calls/clock.ts'
import type { CallMedia } from '../calls/media.ts'
import type { PhoneOrders } from '../phones/phone-orders.ts'
import type { Placing } from '../placing/placing.ts'
import { checkUser, type Unreachable } from '../placing/reachable.ts'
import type { SurveyStore } from '../rest/surveys/survey-store.ts'
import type { AgentSession } from './agent-session.ts'
import type { SessionHub } from './session-hub.ts'

/** Verbs of a session that are carried out; *hello* and *resume* make one and stand in agent-door.ts. */
type SessionVerb = Exclude<Verb, 'hello' | 'resume' | 'ping'>
type Carriers = { [V in SessionVerb]: (session: Asker, body: RequestBody<V>) => Promise<RequestResult<V>> }

export type RequestParts = {
  calls: Calls
  media: CallMedia
  placing: Placing
  phones: Pick<PhoneOrders, 'press'>
  hub: SessionHub
  surveys: Pick<SurveyStore, 'keep'>
  tokens: TokenCheck
  bus: Bus
  clock: DatabaseClock
}

/** What someone asks of a call, before it is said who asks. */
type Ask = Asked extends infer A ? (A extends { session: unknown } ? Omit<A, 'session'> : never) : never

export class Requests {
  readonly #queues = new Queues<string>()

  constructor(private readonly parts: RequestParts) {}

  /** Carries out a checked request of a session. */
  carryOut<V extends SessionVerb>(session: Asker, verb: V, body: RequestBody<V>): Promise<RequestResult<V>> {
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
    token:             (session, { token }) => this.#renew(session, token),
    bye:               (session) => this.parts.hub.end(session.row.id, 'hungUp').then(nothing),

    'call.start':      (session, body) => this.#start(session, body),
    'call.join':       (session, body) => this.#join(session, body),
    'call.accept':     (session, { callId, isMuted }) => this.#accept(session, callId, isMuted),
    'call.reject':     (session, { callId }) => this.#ask(session, callId, { type: 'rejected' }),
    'call.hangUp':     (session, { callId }) => this.#ask(session, callId, { type: 'hungUp' }),
    'call.endForAll':  (session, { callId }) => this.#ask(session, callId, { type: 'endedForAll' }),
    'call.mute':       (session, { callId, isMuted }) => this.#ask(session, callId, { type: 'muted', isMuted }),
    'call.hold':       (session, { callId }) => this.#ask(session, callId, { type: 'held' }),
    'call.resume':     (session, { callId }) => this.#ask(session, callId, { type: 'resumed' }),
    'call.add':        (session, body) => this.#add(session, body),
    'call.remove':     (session, { callId, who }) => this.#ask(session, callId, { type: 'removed', who }),
    'call.muteOthers': (session, { callId, ...what }) => this.#ask(session, callId, { type: 'mutedOthers', ...what }),
    'call.permit':     (session, { callId, ...what }) => this.#ask(session, callId, { type: 'permitted', ...what }),
    'call.admit':      (session, { callId, ...what }) => this.#ask(session, callId, { type: 'admitted', ...what }),
    'call.deny':       (session, { callId, ...what }) => this.#ask(session, callId, { type: 'denied', ...what }),
    'call.share':      (session, { callId, isOn }) => this.#ask(session, callId, { type: 'shared', isOn }),
    'call.raiseHand':  (session, { callId, isUp }) => this.#ask(session, callId, { type: 'handRaised', isUp }),
    'call.lowerHands': (session, { callId, ...what }) => this.#ask(session, callId, { type: 'handsLowered', ...what }),
    'call.spotlight':  (session, { callId, ...what }) => this.#ask(session, callId, { type: 'spotlit', ...what }),
    'call.transfer':   (session, body) => this.#transfer(session, body),
    'call.press':      (session, body) => this.#press(session, body),
    'call.say':        (session, body) => this.#say(session, body),
    'call.survey':     (session, body) => this.#survey(session, body),

    'media.join':      async (session, { callId, join }) => ({ media: await this.parts.media.join(callId, session.row.id, join) }),
    'media.joinPlain': (session, body) => this.#joinPlain(session, body),
    'media.send':      (session, body) => this.parts.media.order('send', session.row.id, body),
    'media.receive':   (session, body) => this.parts.media.order('receive', session.row.id, body),
    'media.unsend':    (session, body) => this.parts.media.order('unsend', session.row.id, body),
    'media.watch':     (session, body) => this.parts.media.order('watch', session.row.id, body),
    'media.size':      (session, body) => this.parts.media.order('size', session.row.id, body),
    'media.unwatch':   (session, body) => this.parts.media.order('unwatch', session.row.id, body),
  }

  async #renew(session: Asker, token: string): Promise<RequestResult<'token'>> {
    const holder = await this.parts.tokens.check(token)
    if (holder.user !== session.row.user) throw new Refused('unauthenticated', { detail: 'It is of another user.' })
    session.tokenExpiresAt = holder.expiresAt
    return {}
  }

  async #start(session: Asker, body: RequestBody<'call.start'>): Promise<RequestResult<'call.start'>> {
    this.#mustBeValid(session)
    const call = await this.parts.placing.start(session.row, body)
    return this.#entered(session, call, body.join)
  }

  async #join(session: Asker, body: RequestBody<'call.join'>): Promise<RequestResult<'call.join'>> {
    this.#mustBeValid(session)
    const call = await this.parts.placing.join(session.row, body)
    return this.#entered(session, call, body.join)
  }

  /** A call that runs may outlive its token; a new one takes one that is valid. */
  #mustBeValid({ tokenExpiresAt }: Asker): void {
    if (tokenExpiresAt === undefined || tokenExpiresAt > this.parts.clock.now()) return
    throw new Refused('unauthenticated', { detail: 'It has expired.' })
  }

  /** What someone gets who has come into a call: how it looks, and transports where he asked for them. */
  async #entered(
    session: Asker,
    call: Call,
    join: RequestBody<'call.start'>['join'],
  ): Promise<RequestResult<'call.start'>> {
    const view = viewFor(call, session)
    if (view.state === 'Disconnected') return { call: view }
    session.liveCalls.add(call.id)
    if (join === undefined) return { call: view }
    // What tells the others leaves at the end of this turn: it does not wait for work on the newcomer's media.
    await endOfTurn()
    const media = await this.parts.media.join(call.id, session.row.id, join).catch(unlessWarm)
    return { call: view, ...(media === undefined ? {} : { media }) }
  }

  async #accept(session: Asker, callId: CallId, isMuted: boolean): Promise<RequestResult<'call.accept'>> {
    const call = await this.parts.calls.step(callId, { type: 'accepted', session: session.row.id, isMuted })
    return { call: viewFor(call, session) }
  }

  async #add(session: Asker, body: RequestBody<'call.add'>): Promise<RequestResult<'call.add'>> {
    const { call, unreachable } = await this.parts.placing.add(session.row, body)
    const view = viewFor(call, session)
    return { call: { ...view, participants: [...view.participants, ...unreachable.map(unreachableView)] } }
  }

  async #transfer(
    session: Asker,
    { callId, to }: RequestBody<'call.transfer'>,
  ): Promise<RequestResult<'call.transfer'>> {
    if ('user' in to) checkUser(to.user, 'to.user')
    const there = 'callId' in to ? await this.#sameOneIn(to.callId, session) : {}
    const asked = { type: 'transferAsked', session: session.row.id, id: randomUUID(), to, legId: newLegId() } as const
    await this.#step(session, callId, { ...asked, ...there })
    return { call: viewFor(await this.#callOf(session, callId), session) }
  }

  /** A phone has a session for each of its calls: the one that it has in another call of its own. */
  async #sameOneIn(callId: CallId, { row }: Asker): Promise<{ there?: SessionId }> {
    if (row.phone === undefined) return {}
    const call = await this.parts.calls.find(callId)
    const isSame = (leg: Leg): boolean =>
      leg.phone === row.phone && leg.user === row.user && leg.state !== 'Disconnected'
    const there = call?.legs.find(isSame)?.session
    return there === undefined ? {} : { there }
  }

  async #say(session: Asker, { callId, saying, to }: RequestBody<'call.say'>): Promise<Record<string, never>> {
    const call = await this.#callOf(session, callId)
    const heard = hearersOf(call, session.row.id, saying, to)
    if (typeof heard === 'string') throw new Refused(heard)
    const { from, legId, sessions } = heard
    const message = { event: 'call.said' as const, body: { callId, from, legId, saying } }
    publishToSessions(this.parts.bus, sessions, message)
    return {}
  }

  async #press(session: Asker, { callId, tones }: RequestBody<'call.press'>): Promise<Record<string, never>> {
    const call = await this.#callOf(session, callId)
    await this.parts.phones.press(call, session.row.id, tones)
    return {}
  }

  async #survey(session: Asker, { callId, survey }: RequestBody<'call.survey'>): Promise<RequestResult<'call.survey'>> {
    const call = await this.#callOf(session, callId)
    const { legId } = viewFor(call, session)
    const { resourceId } = session.row
    const user = asUserId(session.row.user)
    if (user === undefined) throw new Refused('forbidden')
    return { id: await this.parts.surveys.keep({ resourceId, callId, user, legId, survey }) }
  }

  async #joinPlain(session: Asker, body: RequestBody<'media.joinPlain'>): Promise<RequestResult<'media.joinPlain'>> {
    if (!session.row.mayUsePlainMedia) {
      throw new Refused('forbidden', { detail: 'It was not issued for media without a browser.' })
    }
    return { media: await this.parts.media.joinPlain(body, session.row.id) }
  }

  /** A call that this session is in, or was. @throws Refused 'unknownCall': someone else's call looks like none */
  async #callOf(session: Asker, callId: CallId): Promise<Call> {
    const call = await this.parts.calls.find(callId)
    if (!call?.legs.some((leg) => leg.session === session.row.id)) throw new Refused('unknownCall')
    return call
  }

  #ask(session: Asker, callId: CallId, asked: Ask): Promise<Record<string, never>> {
    return this.#step(session, callId, { ...asked, session: session.row.id })
  }

  async #step(session: Asker, callId: CallId, event: CallEvent): Promise<Record<string, never>> {
    await this.#callOf(session, callId)
    await this.parts.calls.step(callId, event)
    return {}
  }
}

/** The call as this session sees it; of several legs (a leg that ended, a new one) the last. */
function viewFor(call: Call, session: Asker): CallView {
  const leg = call.legs.findLast((one) => one.session === session.row.id)
  if (leg === undefined) throw new Refused('unknownCall')
  return viewOf(call, leg.id)
}

/** Who calls back is on a device that rang, and may be warm with newer media than it asks for: it keeps that. */
function unlessWarm(error: unknown): undefined {
  if (!(error instanceof Refused && error.failure === 'staleMedia')) throw error
}

/** Someone who was asked to come and could not be rung. */
function unreachableView({ id, reason }: Unreachable): ParticipantView {
  const end = endOf(reason)
  return { id, state: 'Disconnected', isMuted: false, legIds: [], isSharing: false, forbidden: [], end }
}

function nothing(): Record<string, never> {
  return {}
}
