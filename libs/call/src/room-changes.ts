/** What the server app changes about a room takes effect on its call at once. */
import type { EpochMs, RawId, Role } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import { isLive, withLegs } from './leg.ts'
import { dismissAll, toLegs } from './moderation.ts'
import type { Moment } from './moment.ts'
import { hear } from './transitions.ts'

/** A Presenter does not wait. */
export function changeRole(call: Call, user: RawId, role: Role, at: Moment): Call {
  return withLegs(
    call,
    call.legs.map((leg) => {
      if (leg.user !== user || !isLive(leg) || leg.role === role) return leg
      const next: Leg = { ...leg, role }
      return role === 'Presenter' ? hear(next, { type: 'letIn' }, at) : next
    }),
  )
}

export function uninvite(call: Call, user: RawId, at: Moment): Call {
  const theirs = call.legs.filter((leg) => isLive(leg) && leg.user === user)
  return toLegs(call, theirs, { type: 'dismissed', reason: 'uninvited' }, at)
}

export function changeHours(call: Call, closesAt: EpochMs): Call {
  return call.endedAt !== undefined || call.closesAt === closesAt ? call : { ...call, closesAt }
}

/** Closes the room when its time is over. */
export function closeInTime(call: Call, at: Moment): Call {
  return call.closesAt !== undefined && call.closesAt <= at.now ? dismissAll(call, 'roomClosed', at) : call
}
