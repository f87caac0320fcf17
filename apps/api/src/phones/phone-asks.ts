/**
 * What sip nodes ask in the name of the phones that they hold. A phone is an agent as a browser is: most of what it asks
 * are the verbs of the socket, carried out for the session of its leg.
 */
import type { Logger } from 'pino'
import { servePhoneAsks, type Bus, type PhoneAsked, type PhoneAsker } from '@parley/bus'
import { viewOf, type Call, type Leg } from '@parley/call'
import {
  anonymousPhone,
  phoneAskLimitMs,
  Refused,
  rawIdOfNumber,
  type CallId,
  type FailureName,
  type PhoneAskBody,
  type PhoneAskResult,
  type PhoneCodec,
  type RawId,
  type ReasonName,
  type ResourceId,
} from '@parley/protocol'
import type { Caller } from '../agents/asker.ts'
import { newLegId } from '../agents/device.ts'
import type { Calls } from '../calls/calls.ts'
import type { Placing } from '../placing/placing.ts'
import type { Requests } from '../socket/requests.ts'
import type { Phones } from './phones.ts'
import type { Destination, Reception } from './reception.ts'

type Incoming = PhoneAskBody<'phone.incoming'>
type Verb = Exclude<PhoneAsked, { ask: `phone.${string}` }>

/** So long what is under way at the end may take; then nobody waits for server apps any more. */
const goodbyeMs = 2000

/** Why a call that leads somewhere is refused there. Other failures are the platform's own. */
const refusals: Partial<Record<FailureName, ReasonName>> = {
  roomUnknown: 'noRoute',
  roomNotValid: 'phoneForbidden',
  callFull: 'phoneForbidden',
}

export class PhoneAsks {
  readonly #stop: () => void
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(
    private readonly parts: {
      resourceId: ResourceId
      bus: Bus
      calls: Pick<Calls, 'find' | 'step' | 'stepAllOf'>
      placing: Pick<Placing, 'start' | 'join'>
      requests: Pick<Requests, 'carryOut'>
      phones: Pick<Phones, 'changed' | 'forget' | 'refuse'>
      reception: Pick<Reception, 'receive' | 'close'>
      log: Logger
    },
  ) {
    this.#stop = servePhoneAsks(parts.bus, (by, asked) => this.#run(this.#answer(by, asked)))
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    this.#stop()
    const late = setTimeout(() => this.parts.reception.close(), goodbyeMs)
    await Promise.allSettled(this.#underWay)
    clearTimeout(late)
    this.parts.reception.close()
  }

  #run<T>(answering: Promise<T>): Promise<T> {
    const running = answering.finally(() => this.#underWay.delete(running))
    this.#underWay.add(running)
    return running
  }

  async #answer(by: PhoneAsker, asked: PhoneAsked): Promise<unknown> {
    try {
      // prettier-ignore
      switch (asked.ask) {
        case 'phone.incoming': return await this.#incoming(by, asked.body)
        case 'phone.progress': return await this.#progress(by, asked.body)
        case 'phone.ended':    return await this.#ended(by, asked.body)
        default:               return await this.#carryOut(by, asked)
      }
    } catch (error) {
      if (!(error instanceof Refused)) this.parts.log.error({ ...by, ask: asked.ask, error }, 'phone.failed')
      throw error
    }
  }

  /** Somebody calls from outside: he is the caller of a call, or comes to where people meet. */
  async #incoming(by: PhoneAsker, incoming: Incoming): Promise<PhoneAskResult<'phone.incoming'>> {
    const askedAtMs = performance.now()
    const { callId, to, from, trunk, codec } = incoming
    const legId = newLegId()
    const received = await this.parts.reception.receive({ callId, legId, to, from: from.number, trunk })
    if ('refused' in received) return received
    const user = from.number === undefined ? anonymousPhone : rawIdOfNumber(from.number)
    const caller = callerOf(this.parts.resourceId, by, { user, displayName: from.name, codec })
    let call: Call | undefined
    try {
      call = await this.#lead({ ...caller, legId }, callId, received.destination)
    } catch (error) {
      const reason = error instanceof Refused ? refusals[error.failure] : undefined
      if (reason === undefined) throw error
      return await this.parts.phones.refuse({ callId, legId }, reason)
    } finally {
      // The call refuses the phone, or has it already: it has asked before, and the answer was lost.
      if (call?.legs.some((leg) => leg.id === legId) !== true) await this.parts.phones.forget(legId)
    }
    // The phone was sent away meanwhile, and nobody is to be rung for it.
    if (performance.now() - askedAtMs > phoneAskLimitMs) {
      await this.#leave(by, 'unavailable')
      throw new Refused('unavailable')
    }
    return { call: viewOf(call, ownLegIn(call, by).id) }
  }

  /** The phone is out of whatever call it has come into. */
  async #leave({ session }: PhoneAsker, reason: ReasonName): Promise<void> {
    await this.parts.calls.stepAllOf(session, { type: 'sessionEnded', session, reason })
  }

  #lead(caller: Caller, callId: CallId, destination: Destination): Promise<Call> {
    const { placing } = this.parts
    const isMuted = false
    return 'to' in destination
      ? placing.start(caller, { callId, to: [destination.to], isMuted })
      : placing.join(caller, { callId, place: destination, isMuted })
  }

  async #progress(by: PhoneAsker, body: PhoneAskBody<'phone.progress'>): Promise<Record<string, never>> {
    const { callId, progress, codec, trunk } = body
    const { call, leg } = await this.#legOf(by, callId)
    if (trunk !== undefined) await this.parts.phones.changed(leg.id, { trunk })
    await this.parts.calls.step(call.id, { type: 'progressed', session: by.session, progress, codec })
    return {}
  }

  async #ended(by: PhoneAsker, body: PhoneAskBody<'phone.ended'>): Promise<Record<string, never>> {
    const { callId, reason, sipStatus } = body
    if (callId === undefined) {
      await this.#leave(by, reason)
      return {}
    }
    const { call, leg } = await this.#legOf(by, callId)
    // Before the step, whose own note of the end knows no status.
    if (leg.state !== 'Disconnected') await this.parts.phones.changed(leg.id, { end: { reason, sipStatus } })
    await this.parts.calls.step(call.id, { type: 'sessionEnded', session: by.session, reason })
    return {}
  }

  async #carryOut(by: PhoneAsker, { ask, body }: Verb): Promise<unknown> {
    // The phone's own call is named, or the one that it comes from.
    const named = ask === 'call.start' ? body.transfer?.callId : body.callId
    if (named === undefined) throw new Refused('forbidden')
    const { call, leg } = await this.#legOf(by, named)
    const row = callerOf(call.resourceId, by, leg)
    return this.parts.requests.carryOut({ row, liveCalls: new Set(), tokenExpiresAt: undefined }, ask, body)
  }

  /** @throws Refused 'unknownCall' */
  async #legOf(by: PhoneAsker, callId: CallId): Promise<{ call: Call; leg: Leg }> {
    const call = await this.parts.calls.find(callId)
    if (call === undefined) throw new Refused('unknownCall')
    return { call, leg: ownLegIn(call, by) }
  }
}

/** @throws Refused 'unknownCall': somebody else's phone looks like none */
function ownLegIn(call: Call, { node, session }: PhoneAsker): Leg {
  const leg = call.legs.findLast((one) => one.session === session && one.phone === node)
  if (leg === undefined) throw new Refused('unknownCall')
  return leg
}

/** The phone as one who asks. Whether it may be heard was decided when its call came in, or when it was dialled. */
function callerOf(
  resourceId: ResourceId,
  { node, session }: PhoneAsker,
  { user, displayName, codec }: { user: RawId; displayName?: string | undefined; codec?: PhoneCodec | undefined },
): Caller {
  return {
    id: session,
    resourceId,
    user,
    ...(displayName === undefined ? {} : { displayName }),
    mayStart: true,
    mayUsePlainMedia: true,
    phone: node,
    ...(codec === undefined ? {} : { codec }),
  }
}
