/**
 * Glare: two people call each other at once. The call that the server saw first stays; the second one answers it, on
 * the device that placed it. In whichever order the server saw them, both are in one call.
 */
import type { FailureName } from '@parley/protocol'
import type { Call } from './call.ts'
import type { Coming } from './events.ts'
import { calleeOf, ringingLeg, whoCalls, withLegs } from './leg.ts'
import type { Moment } from './moment.ts'
import { hear } from './transitions.ts'

/** Refused when the call does not ring any more, or when it is the caller who calls once more. */
export function callBack(call: Call, device: Coming, at: Moment): Call | FailureName {
  const { legs } = call
  const caller = whoCalls(legs)
  if (caller === undefined || device.session === undefined || caller.session === device.session) return 'callExists'
  if (call.kind !== 'direct' || device.user !== calleeOf(legs)) return 'callExists'
  const { session, isMuted, transferOf } = device
  // A device that declined and then calls comes in with a new leg: the old one has had its end.
  const rings = legs.find((leg) => leg.session === session && leg.state === 'Ringing')
  const led = transferOf === undefined ? {} : { transferOf }
  const answering = rings ? { ...rings, ...led } : ringingLeg(device, caller.callsUntil)
  const all = rings ? legs.map((leg) => (leg === rings ? answering : leg)) : [...legs, answering]
  const accepted = { type: 'accepted', session, isMuted } as const
  return withLegs(
    call,
    all.map((leg) => (leg === answering ? hear(leg, accepted, at) : leg)),
  )
}
