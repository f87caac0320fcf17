/**
 * What follows from a change, found by comparing the call before and after: every leg whose view changed is told, and
 * what it may do is set before it hears of it. A leg ends once, so it is told its end once.
 */
import type { CallView } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import type { Effect } from './effects.ts'
import { grantOf } from './grant.ts'
import { isLive } from './leg.ts'
import { viewOf } from './view.ts'

/** The effects of a change, in order: grants, tells, closes. `before` is absent for a call that was just opened. */
export function effectsOf(before: Call | undefined, call: Call): Effect[] {
  const changes = call.legs
    .map((leg) => ({ leg, was: before?.legs.find((one) => one.id === leg.id) }))
    .filter(({ was }) => was === undefined || isLive(was))
  return [
    ...changes.flatMap(({ leg, was }) => grants(leg, was)),
    ...changes.flatMap(({ leg, was }) => tells(call, leg, before, was)),
    ...changes.flatMap(({ leg }) => closes(leg)),
  ]
}

/** A new leg has no media yet; what opens it brings its grant along. */
function grants(leg: Leg, was: Leg | undefined): Effect[] {
  if (was === undefined || !isLive(leg)) return []
  const grant = grantOf(leg)
  return isEqual(grant, grantOf(was)) ? [] : [{ do: 'grant', legId: leg.id, grant }]
}

function tells(call: Call, leg: Leg, before: Call | undefined, was: Leg | undefined): Effect[] {
  const { id, session } = leg
  const body = { call: viewOf(call, id) }
  if (!isLive(leg)) return [{ do: 'tell', session, message: { event: 'call.ended', body } }]
  if (before === undefined || was === undefined) {
    // Who placed the call, or called back, reads the view in the reply to that request.
    if (leg.state !== 'Ringing') return []
    return [{ do: 'tell', session, message: { event: 'call.incoming', body }, expiresAt: leg.ringsUntil }]
  }
  if (isEqual(seen(body.call), seen(viewOf(before, id)))) return []
  return [{ do: 'tell', session, message: { event: 'call.changed', body } }]
}

function closes(leg: Leg): Effect[] {
  return isLive(leg) ? [] : [{ do: 'closeMedia', legId: leg.id }]
}

/** A version that grows is no news of its own. */
function seen({ version: _, ...rest }: CallView): Omit<CallView, 'version'> {
  return rest
}

/** For two values of one maker: the same fields in the same order. */
function isEqual<T>(one: T, other: T): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
