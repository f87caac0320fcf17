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

export function isInCall(leg: Leg): boolean {
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
    const { send, receive } = grantOf(leg)
    promise(isInCall(leg) || (send.length === 0 && !receive), 'nothing is sent or heard before the answer')
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
  const order = { grant: 0, tell: 1, closeMedia: 2 }
  const places = effects.map((effect) => order[effect.do])
  promise(
    isDeepStrictEqual(
      places,
      places.toSorted((one, other) => one - other),
    ),
    'effects come as grants, tells, closes',
  )
  for (const leg of call.legs) {
    const was = before?.legs.find((one) => one.id === leg.id)
    const tells = effects.filter((effect) => viewIn(effect)?.legId === leg.id)
    const closes = effects.filter((effect) => effect.do === 'closeMedia' && effect.legId === leg.id)
    const grants = effects.filter((effect) => effect.do === 'grant' && effect.legId === leg.id)
    const hasEnded = !isLive(leg) && (was === undefined || isLive(was))
    promise(tells.length === tellsDue(before, call, leg).length, `${leg.id} is told what changed, once`)
    promise(
      tells.every((effect) => isRight(effect, leg, tellsDue(before, call, leg))),
      `${leg.id} is told the truth`,
    )
    promise(closes.length === (hasEnded ? 1 : 0), 'media closes once, at the end of its leg')
    const isGranted = was !== undefined && isLive(leg) && !isDeepStrictEqual(grantOf(was), grantOf(leg))
    promise(grants.length === (isGranted ? 1 : 0), 'what a leg may do is said when it changes')
    promise(
      grants.every((effect) => isDeepStrictEqual(effect, { do: 'grant', legId: leg.id, grant: grantOf(leg) })),
      'grants are those of grantOf',
    )
  }
}

/** The event that a leg has to be told of this change, if any. */
function tellsDue(before: Call | undefined, call: Call, leg: Leg): string[] {
  const was = before?.legs.find((one) => one.id === leg.id)
  if (before === undefined || was === undefined) {
    if (!isLive(leg)) return ['call.ended']
    return leg.state === 'Ringing' ? ['call.incoming'] : []
  }
  if (!isLive(was)) return []
  if (!isLive(leg)) return ['call.ended']
  const seen = { ...viewOf(call, leg.id), version: 0 }
  return isDeepStrictEqual(seen, { ...viewOf(before, leg.id), version: 0 }) ? [] : ['call.changed']
}

function isRight(effect: Effect, leg: Leg, due: string[]): boolean {
  if (effect.do !== 'tell' || effect.session !== leg.session) return false
  const expiresAt = leg.state === 'Ringing' && effect.message.event === 'call.incoming' ? leg.ringsUntil : undefined
  return effect.message.event === due[0] && effect.expiresAt === expiresAt
}

function promise(isKept: boolean, sentence: string): void {
  if (!isKept) throw new Error(`Broken promise: ${sentence}.`)
}
