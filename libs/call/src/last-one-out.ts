/** Last one out: a call needs a caller and a callee. When one side is gone, those who stay are told why. */
import { reasons, type ReasonName } from '@parley/protocol'
import type { Leg, LegIn } from './call.ts'
import { isLive, type LiveLeg } from './leg.ts'
import type { Moment } from './moment.ts'
import { hear } from './transitions.ts'

/** Ends those who stay behind the legs that ended in this step. */
export function lastOneOut(before: readonly Leg[], legs: Leg[], at: Moment): Leg[] {
  return legs.filter((leg, n) => before[n] !== leg).reduce((left, leg) => leave(left, leg, at), legs)
}

function leave(legs: Leg[], gone: Leg, at: Moment): Leg[] {
  const hasSuccessor = legs.some((leg) => leg.side === gone.side && isLive(leg))
  if (gone.state !== 'Disconnected' || hasSuccessor) return legs
  return legs.map((leg) => (isLive(leg) ? hear(leg, { type: 'leftAlone', reason: whyLeft(leg, gone, legs) }, at) : leg))
}

function whyLeft(stayed: LiveLeg, gone: LegIn<'Disconnected'>, legs: readonly Leg[]): ReasonName {
  if (stayed.state === 'Calling') return whyUnanswered(legs)
  // However the caller left, for who still rings the call was cancelled, unless time was over.
  if (stayed.state === 'Ringing') return gone.reason === 'noAnswer' ? 'noAnswer' : 'cancelled'
  return reasons[gone.reason].others
}

/** Ends the call of someone whose callee has no device to ring. */
export function giveUp(legs: Leg[], at: Moment): Leg[] {
  return legs.map((leg) => hear(leg, { type: 'leftAlone', reason: whyUnanswered(legs) }, at))
}

/**
 * Why the caller of an unanswered call has nobody left to wait for: the strongest of what the callee's devices said. A
 * device that just went away said nothing.
 */
function whyUnanswered(legs: readonly Leg[]): ReasonName {
  const said = legs.map((leg) => leg.side === 'callee' && leg.state === 'Disconnected' && leg.reason)
  return strength.find((reason) => said.includes(reason)) ?? 'noEndpoint'
}

const strength = ['declined', 'noAnswer'] as const
