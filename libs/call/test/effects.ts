/** What the effects of a step promise: each leg gets what is due to it, whole, once, and nothing else happens. */
import { isDeepStrictEqual } from 'node:util'
import { CallView, events, type AgentEvent } from '@parley/protocol'
import { grantOf, type Call, type CallEvent, type Effect, type Leg } from '../src/index.ts'
import { isInCall, isLive, promise } from './promise.ts'
import { viewFor } from './views.ts'

const order = ['grant', 'tell', 'openBot', 'dial', 'record', 'closeMedia', 'forward']

/** The view that an effect carries to a leg, if it is one that shows the whole call. */
export function viewIn(effect: Effect): CallView | undefined {
  return effect.do === 'tell' && 'call' in effect.message.body ? effect.message.body.call : undefined
}

/** Whether an effect concerns a leg of a call. */
export function isFor(leg: Leg, effect: Effect): boolean {
  switch (effect.do) {
    case 'tell':
      if (viewIn(effect) !== undefined) return viewIn(effect)?.legId === leg.id
      return isLive(leg) && leg.session !== undefined && effect.sessions.includes(leg.session)
    case 'grant':
    case 'openBot':
    case 'dial':
    case 'record':
    case 'closeMedia':
      return effect.legId === leg.id
    case 'forward':
      return false
  }
}

export function checkEffects(
  before: Call | undefined,
  call: Call,
  effects: Effect[],
  event: CallEvent | undefined,
): void {
  const orders = effects.map((effect) => order.indexOf(effect.do))
  promise(isDeepStrictEqual(orders, orders.toSorted(byNumber)), `effects come as ${order.join(', ')}`)
  for (const effect of effects) if (effect.do === 'tell') checkWire(effect.message)
  for (const leg of call.legs) {
    const found = effects.filter((effect) => isFor(leg, effect))
    const was = before?.legs.find((one) => one.id === leg.id)
    const due = dueTo(leg, was, before, call)
    if (was === undefined) promise(CallView.safeParse(viewFor(call, leg)).success, 'a reply has a view as on the wire')
    promise(isDeepStrictEqual(found.map(nameOf), due), `${leg.id} gets ${due.join(', ') || 'nothing'}`)
    for (const effect of found) checkEffect(effect, leg, call)
  }
  const known = [...call.legs, ...(before?.legs ?? [])]
  promise(
    effects.every((effect) => effect.do === 'forward' || known.some((leg) => isFor(leg, effect))),
    'effects concern a leg',
  )
  const people = effects.filter((effect) => nameOf(effect) === 'call.people')
  promise(people.length <= 1, 'what changed about the others is written once')
  checkForwards(before, call, effects, event)
}

function checkWire({ event, body }: AgentEvent): void {
  promise(events[event].safeParse(body).success, `what is told has the shape that the wire asks for: ${event}`)
}

/** The effects that a change has for a leg: none after its end, and its end once. */
function dueTo(leg: Leg, was: Leg | undefined, before: Call | undefined, call: Call): string[] {
  const isPerson = leg.session !== undefined
  const record = isRecorded(leg, was) ? ['record'] : []
  if (!isLive(leg)) {
    return was === undefined || isLive(was) ? [...(isPerson ? ['call.ended'] : []), ...record, 'closeMedia'] : []
  }
  if (before === undefined || was === undefined) {
    const rings = leg.state !== 'Ringing' ? [] : leg.dial === undefined ? ['call.incoming'] : ['dial']
    return [...rings, ...(leg.bot === undefined ? [] : ['openBot']), ...record]
  }
  const isGranted = !isDeepStrictEqual(grantOf(before, was), grantOf(call, leg))
  return [...(isGranted ? ['grant'] : []), ...(isPerson ? newsFor(leg, before, call) : []), ...record]
}

/** A phone's call is noted when it is answered and when it is over. */
function isRecorded(leg: Leg, was: Leg | undefined): boolean {
  if (leg.phone === undefined) return false
  return isLive(leg) ? isInCall(leg) && (was === undefined || !isInCall(was)) : was === undefined || isLive(was)
}

/** All of the call for those for whom it changed itself; what changed about the others for everybody else. */
function newsFor(leg: Leg, before: Call, call: Call): string[] {
  const [was, is] = [viewFor(before, leg), viewFor(call, leg)]
  if (!isDeepStrictEqual(ownPart(was), ownPart(is))) return ['call.changed']
  return isDeepStrictEqual(was.participants, is.participants) ? [] : ['call.people']
}

function ownPart(view: CallView): unknown {
  return { ...view, version: 0, participants: [] }
}

function checkEffect(effect: Effect, leg: Leg, call: Call): void {
  if (effect.do === 'grant') promise(isDeepStrictEqual(effect.grant, grantOf(call, leg)), 'a grant is what the leg may')
  if (effect.do === 'openBot') promise(effect.bot === leg.bot, 'a bot is what it was called as')
  if (effect.do === 'dial') {
    const isDue = leg.state === 'Ringing' && effect.expiresAt === leg.ringsUntil
    promise(isDue && effect.dial === leg.dial, 'a phone is dialled as was said, and not after its ringing')
  }
  if (effect.do !== 'tell') return
  const { event, body } = effect.message
  const expiresAt = event === 'call.incoming' && leg.state === 'Ringing' ? leg.ringsUntil : undefined
  promise(effect.expiresAt === expiresAt, 'a ring expires with its ringing, and nothing else does')
  if (event === 'call.people') return promise(body.version === call.version, 'news has the version of the call')
  promise(isDeepStrictEqual(effect.sessions, [leg.session]), 'a leg is told by its own session')
  promise(isDeepStrictEqual(viewIn(effect), viewFor(call, leg)), 'a leg is told the call as it is')
}

/** A leg that a transfer waits for reports how it went: when it connects or comes to wait, or when it ends without. */
function checkForwards(before: Call | undefined, call: Call, effects: Effect[], event: CallEvent | undefined): void {
  const there: readonly Leg['state'][] = ['InLobby', 'Connected', 'Reconnecting']
  const isThere = (leg: Leg): boolean => there.includes(leg.state)
  const due = call.legs.flatMap((leg) => {
    const was = before?.legs.find((one) => one.id === leg.id)
    const isOver = was !== undefined && (isThere(was) || !isLive(was))
    if (leg.transferOf === undefined || isOver) return []
    if (isThere(leg)) return ['transferDone']
    return isLive(leg) ? [] : ['transferFailed']
  })
  const asked = event?.type === 'transferAsked' && 'callId' in event.to ? ['added'] : []
  const found = effects.flatMap((effect) => (effect.do === 'forward' ? [effect.event.type] : []))
  promise(isDeepStrictEqual(found, [...asked, ...due]), `other calls hear: ${due.join(', ') || 'nothing'}`)
}

function nameOf(effect: Effect): string {
  return effect.do === 'tell' ? effect.message.event : effect.do
}

function byNumber(one: number, other: number): number {
  return one - other
}
