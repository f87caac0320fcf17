/** Hold: in a direct call it is silent for both sides, in a group for the one who holds (ACS: LocalHold, RemoteHold). */
import type { Call, Leg } from './call.ts'
import { isInCall } from './leg.ts'

/** Whether the other side of a direct call holds it. */
export function isHeldByOther(call: Call, own: Leg): boolean {
  return call.kind === 'direct' && call.legs.some((leg) => leg.id !== own.id && isInCall(leg) && leg.isHeld)
}
