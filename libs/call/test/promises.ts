/**
 * What every step promises, whatever the call and whatever happened: checked after each step of every story and of
 * every generated sequence. A broken promise is thrown as a sentence.
 */
import { isDeepStrictEqual } from 'node:util'
import { CallView } from '@parley/protocol'
import { deadline, grantOf, indexOf, viewOf, type Call, type Effect, type Leg, type Step } from '../src/index.ts'

export function checkPromises(before: Call | undefined, after: Step): void {
  const { call, effects } = after
  if (call === before) return promise(effects.length === 0, 'a step without a change has no effects')
  promise(after.refused === undefined, 'a refused step changes nothing')
  promise(call.version === (before?.version ?? 0) + 1, 'the version grows by one with each change')
  checkShape(call)
  checkIndex(call)
  checkOutcome(before, call)
  checkEffects(before, call, effects)
  promise(isDeepStrictEqual(JSON.parse(JSON.stringify(after)), after), 'a step survives JSON')
}

/** The view that an effect carries to a leg, if it is one that tells. */
export function viewIn(effect: Effect): CallView | undefined {
  return effect.do === 'tell' && 'call' in effect.message.body ? effect.message.body.call : undefined
}

/** Freezes a value and all that it holds, so that whoever writes to it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

export function isLive(leg: Leg | undefined): boolean {
  return leg !== undefined && leg.state !== 'Disconnected'
}

function isInCall(leg: Leg): boolean {
  return isLive(leg) && leg.state !== 'Calling' && leg.state !== 'Ringing'
}

function checkShape(call: Call): void {
  const live = call.legs.filter(isLive)
  const callers = live.filter((leg) => leg.side === 'caller')
  const callees = live.filter((leg) => leg.side === 'callee')
  promise((call.endedAt !== undefined) === (live.length === 0), 'a call is over if and only if all its legs are')
  promise(live.length === 0 || (callers.length === 1 && callees.length > 0), 'a live call has two sides')
  promise(callees.filter(isInCall).length <= 1, 'one device answers')
  promise(!callees.some(isInCall) || callees.length === 1, 'nothing rings on after the answer')
  promise(callees.some(isInCall) === callers.some(isInCall), 'both sides come into the call together')
  promise(new Set(live.map((leg) => leg.session)).size === live.length, 'a session has one live leg')
  for (const leg of call.legs) {
    const { state } = leg
    const isLost = state !== 'Reconnecting' || leg.linkUntil !== undefined || leg.mediaUntil !== undefined
    promise(isLost, 'who reconnects has lost something')
    promise(CallView.safeParse(viewOf(call, leg.id)).success, 'a view has the shape that the wire asks for')
    promise((viewOf(call, leg.id).end !== undefined) === (state === 'Disconnected'), 'an end shows in the last view')
    const { send, paused, receive } = grantOf(leg)
    const mayFlow = receive || send.some((source) => !paused.includes(source))
    promise(isInCall(leg) || !mayFlow, 'nothing flows before the answer')
    promise(
      leg.side === 'caller' || isInCall(leg) || send.length === 0,
      'a callee opens no microphone before the answer',
    )
    promise(!isInCall(leg) || paused.includes('microphone') === leg.isMuted, 'who is muted is muted at the sfu')
  }
}

function checkIndex(call: Call): void {
  const index = indexOf(call)
  const live = call.legs.filter(isLive)
  const isUnanswered = live.some((leg) => leg.state === 'Calling')
  promise(index.isLive === live.length > 0, 'the index knows whether the call is over')
  promise((index.pair !== undefined) === isUnanswered, 'an unanswered call has its pair, and no other call has')
  promise(index.ringing.length > 0 === isUnanswered, 'somebody rings while the call is unanswered')
  promise(isDeepStrictEqual(new Set(index.sessions), new Set(live.map((leg) => leg.session))), 'sessions of live legs')
  promise(index.nextDeadline === deadline(call), 'the index has the deadline')
  const waits = live.some((leg) => leg.state !== 'Connected')
  promise((index.nextDeadline !== undefined) === waits, 'whoever waits has a deadline, and nobody else has')
}

function checkOutcome(before: Call | undefined, call: Call): void {
  for (const [n, was] of (before?.legs ?? []).entries()) {
    const leg = call.legs[n]
    promise(leg?.id === was.id && leg.session === was.session && leg.side === was.side, 'a leg stays whose it is')
    promise(isLive(was) || leg === was, 'Disconnected is final')
  }
}

function checkEffects(before: Call | undefined, call: Call, effects: Effect[]): void {
  const orders = effects.map((effect) => ['grant', 'tell', 'closeMedia'].indexOf(effect.do))
  promise(isDeepStrictEqual(orders, orders.toSorted(byNumber)), 'effects come as grants, tells, closes')
  for (const leg of call.legs) {
    const found = effects.filter((effect) => legIdOf(effect) === leg.id)
    const was = before?.legs.find((one) => one.id === leg.id)
    const due = dueTo(leg, was, before, call)
    promise(isDeepStrictEqual(found.map(nameOf), due), `${leg.id} gets ${due.join(', ') || 'nothing'}`)
    for (const effect of found) checkEffect(effect, leg, call)
  }
  promise(
    effects.every((effect) => call.legs.some((leg) => leg.id === legIdOf(effect))),
    'effects concern a leg',
  )
}

/** The effects that a change has for a leg: none after its end, and its end once. */
function dueTo(leg: Leg, was: Leg | undefined, before: Call | undefined, call: Call): string[] {
  if (!isLive(leg)) return was === undefined || isLive(was) ? ['call.ended', 'closeMedia'] : []
  if (before === undefined || was === undefined) return leg.state === 'Ringing' ? ['call.incoming'] : []
  const isGranted = !isDeepStrictEqual(grantOf(was), grantOf(leg))
  const isNews = !isDeepStrictEqual(seenBy(leg, before), seenBy(leg, call))
  return [...(isGranted ? ['grant'] : []), ...(isNews ? ['call.changed'] : [])]
}

function checkEffect(effect: Effect, leg: Leg, call: Call): void {
  if (effect.do === 'grant') promise(isDeepStrictEqual(effect.grant, grantOf(leg)), 'a grant is what the leg may do')
  if (effect.do !== 'tell') return
  const expiresAt = effect.message.event === 'call.incoming' && leg.state === 'Ringing' ? leg.ringsUntil : undefined
  promise(effect.session === leg.session, 'a leg is told by its own session')
  promise(effect.expiresAt === expiresAt, 'a ring expires with its ringing, and nothing else does')
  promise(isDeepStrictEqual(viewIn(effect), viewOf(call, leg.id)), 'a leg is told the call as it is')
}

function seenBy(leg: Leg, call: Call): unknown {
  return { ...viewOf(call, leg.id), version: 0 }
}

function legIdOf(effect: Effect): string | undefined {
  return effect.do === 'tell' ? viewIn(effect)?.legId : effect.legId
}

function nameOf(effect: Effect): string {
  return effect.do === 'tell' ? effect.message.event : effect.do
}

function byNumber(one: number, other: number): number {
  return one - other
}

function promise(isKept: boolean, sentence: string): void {
  if (!isKept) throw new Error(`Broken promise: ${sentence}.`)
}
