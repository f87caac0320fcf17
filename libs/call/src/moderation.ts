/** What one participant does to others: mutes them, forbids them to send, removes them, ends the call for all. */
import type { FailureName, RawId } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import type { Asked } from './events.ts'
import type { Happening } from './happening.ts'
import { isInCall, isLive, withLegs } from './leg.ts'
import type { Moment } from './moment.ts'
import { asker, may } from './rights.ts'
import { hear } from './transitions.ts'

type AskedFor<T extends Asked['type']> = Extract<Asked, { type: T }>

const muted: Happening = { type: 'mutedByOther' }

export function muteOthers(call: Call, { session, who }: AskedFor<'mutedOthers'>, at: Moment): Call | FailureName {
  const by = asker(call, session, 'muteOthers')
  if (typeof by === 'string') return by
  const others = othersOf(call, by, who)
  if (others.length === 0 && who !== undefined) return 'nobodyThere'
  return toLegs(call, others, muted, at)
}

/** Without names it is for everybody who could not do the same. Who may not speak is muted. */
export function permit(call: Call, asked: AskedFor<'permitted'>, at: Moment): Call | FailureName {
  const { session, source, who, isPermitted } = asked
  const by = asker(call, session, 'forbidMedia')
  if (typeof by === 'string') return by
  const others = othersOf(call, by, who).filter((leg) => who !== undefined || !may(call, leg, 'forbidMedia'))
  if (others.length === 0 && who !== undefined) return 'nobodyThere'
  const users = new Set(others.map((leg) => leg.user))
  const isMeant = (one: { user: RawId; source: string }): boolean => one.source === source && users.has(one.user)
  if (isPermitted) {
    return call.forbidden.some(isMeant) ? { ...call, forbidden: call.forbidden.filter((one) => !isMeant(one)) } : call
  }
  const fresh = [...users].filter((user) => !call.forbidden.some((one) => isMeant(one) && one.user === user))
  const forbidden = [...call.forbidden, ...fresh.map((user) => ({ user, source }))]
  const next = fresh.length === 0 ? call : { ...call, forbidden }
  return source === 'microphone' ? toLegs(next, others, muted, at) : next
}

/** Who rings, or waits, may be removed as well: the invitation is taken back. */
export function remove(call: Call, { session, who }: AskedFor<'removed'>, at: Moment): Call | FailureName {
  const by = asker(call, session, 'remove')
  if (typeof by === 'string') return by
  const legs = call.legs.filter((leg) => isLive(leg) && leg.user === who && leg.id !== by.id)
  if (legs.length === 0) return 'nobodyThere'
  const gone = legs.map((leg) => [leg, reasonFor(leg)] as const)
  return gone.reduce((left, [leg, reason]) => toLegs(left, [leg], { type: 'dismissed', reason }, at), call)
}

function reasonFor(leg: Leg): 'removed' | 'cancelled' {
  return leg.state === 'Ringing' ? 'cancelled' : 'removed'
}

export function endForAll(call: Call, { session }: AskedFor<'endedForAll'>, at: Moment): Call | FailureName {
  const by = asker(call, session, 'endForAll')
  if (typeof by === 'string') return by
  return dismissAll(call, 'endedForAll', at)
}

/** Ends a call for everybody in it, and for everybody who rings or waits. */
export function dismissAll(call: Call, reason: 'endedForAll' | 'roomClosed', at: Moment): Call {
  return toLegs(call, call.legs.filter(isLive), { type: 'dismissed', reason }, at)
}

function othersOf(call: Call, by: Leg, who: RawId[] | undefined): Leg[] {
  return call.legs.filter(
    (leg) => isInCall(leg) && leg.user !== by.user && (who === undefined || who.includes(leg.user)),
  )
}

/** Each of these legs hears it; refusals are of no interest. */
export function toLegs(call: Call, legs: readonly Leg[], what: Happening, at: Moment): Call {
  return withLegs(
    call,
    call.legs.map((leg) => (legs.includes(leg) ? hear(leg, what, at) : leg)),
  )
}
