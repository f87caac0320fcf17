/**
 * Last one out. A direct call needs a caller and a callee: when one side is gone, those who stay are told why. In a
 * group people stay alone as long as they like, but nobody is rung, or calls, for a call without anyone in it, and no
 * bot stays there.
 */
import { reasons, type ReasonName } from '@parley/protocol'
import type { Call, Leg, LegIn } from './call.ts'
import { isInCall, isLive, isPersonInCall, withLegs, type LiveLeg } from './leg.ts'
import { toLegs } from './moderation.ts'
import type { Moment } from './moment.ts'
import { looksAtSuccess } from './transfer.ts'
import { hear } from './transitions.ts'

/** Ends those who stay behind the legs that ended in this step. */
export function lastOneOut(before: Call, call: Call, at: Moment): Call {
  if (before.legs === call.legs) return call
  if (call.kind !== 'direct') return emptyGroup(call, at)
  const changed = call.legs.filter((leg, n) => before.legs[n] !== leg)
  return changed.reduce((left, leg) => leave(left, leg, at), call)
}

function leave(call: Call, gone: Leg, at: Moment): Call {
  const { legs } = call
  const hasSuccessor = legs.some((leg) => leg.side === gone.side && isLive(leg))
  if (gone.state !== 'Disconnected' || hasSuccessor) return call
  return withLegs(
    call,
    legs.map((leg) =>
      isLive(leg) && !looksAtSuccess(call, leg)
        ? hear(leg, { type: 'dismissed', reason: whyLeft(leg, gone, legs) }, at)
        : leg,
    ),
  )
}

function whyLeft(stayed: LiveLeg, gone: LegIn<'Disconnected'>, legs: readonly Leg[]): ReasonName {
  if (stayed.state === 'Calling') return whyUnanswered(legs)
  // However the caller left, for who still rings the call was cancelled, unless time was over.
  if (stayed.state === 'Ringing') return gone.reason === 'noAnswer' ? 'noAnswer' : 'cancelled'
  return reasons[gone.reason].others
}

function emptyGroup(call: Call, at: Moment): Call {
  const isRung = call.legs.some((leg) => leg.side === 'callee' && isLive(leg))
  const callers = call.legs.filter((leg) => leg.state === 'Calling')
  if (callers.length > 0 && !isRung) {
    return toLegs(call, callers, { type: 'dismissed', reason: whyUnanswered(call.legs) }, at)
  }
  if (callers.length > 0 || call.legs.some(isPersonInCall)) return call
  const rings = call.legs.filter((leg) => leg.state === 'Ringing')
  const uncalled = toLegs(call, rings, { type: 'dismissed', reason: 'cancelled' }, at)
  return toLegs(uncalled, call.legs.filter(isInCall), { type: 'dismissed', reason: 'hungUp' }, at)
}

/** Ends the call of someone whose callee has no device to ring. */
export function giveUp(legs: Leg[], at: Moment): Leg[] {
  return legs.map((leg) => hear(leg, { type: 'dismissed', reason: whyUnanswered(legs) }, at))
}

/**
 * Why the caller of an unanswered call has nobody left to wait for: the strongest of what the callees' devices said. A
 * device that just went away said nothing.
 */
function whyUnanswered(legs: readonly Leg[]): ReasonName {
  const said = legs.map((leg) => leg.side === 'callee' && leg.state === 'Disconnected' && leg.reason)
  return strength.find((reason) => said.includes(reason)) ?? 'noEndpoint'
}

const strength = [
  'declined',
  'phoneDeclined',
  'phoneBusy',
  'noAnswer',
  'phoneNoAnswer',
  'phoneAway',
  'phoneUnknown',
  'phoneGone',
  'phoneIncomplete',
  'phoneMoved',
  'phoneForbidden',
  'phoneNoCodec',
  'phoneUnproven',
  'phoneMalformed',
  'phoneStopped',
  'phoneFault',
  'phoneLost',
  'trunkAway',
  'callerIdRefused',
  'emergencyNumber',
  'numberForbidden',
  'tooManyPhoneCalls',
  'noRoute',
  'noTrunk',
  'unavailable',
] as const
