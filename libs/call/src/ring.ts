/** Who rings: every connected device of the callee, each once. */
import type { EpochMs } from '@parley/protocol'
import type { Leg } from './call.ts'
import type { Device } from './events.ts'
import { calleeOf, ringingLeg, whoCalls } from './leg.ts'
import type { Moment } from './moment.ts'

/** Rings a device, unless its session has a leg: the caller's own, when people call themselves, or one that declined. */
export function ring(legs: Leg[], device: Device, ringsUntil: EpochMs): Leg[] {
  if (legs.some((leg) => leg.session === device.session)) return legs
  return [...legs, ringingLeg(device, ringsUntil)]
}

/** A device that connects while its user is being rung rings as long as the others do. */
export function ringAlso(legs: Leg[], device: Device, at: Moment): Leg[] {
  const caller = whoCalls(legs)
  if (caller === undefined || caller.callsUntil <= at.now || device.user !== calleeOf(legs)) return legs
  return ring(legs, device, caller.callsUntil)
}
