/** Who rings: every connected device of who is called, each once. */
import type { EpochMs, FailureName, LegId } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import type { Device } from './events.ts'
import { comingLeg, isLive, refusedLeg, ringingLeg } from './leg.ts'
import { after, type Moment } from './moment.ts'

/**
 * Rings a device, unless its session has a leg: the caller's own, when people call themselves, or one that declined. A
 * bot needs no ringing.
 */
export function ring(legs: Leg[], device: Device, ringsUntil: EpochMs, at: Moment): Leg[] {
  if (device.bot !== undefined) {
    return [...legs, comingLeg({ ...device, isMuted: false }, 'callee', after(at.now, at.limits.connectMs))]
  }
  if (device.refused !== undefined) return [...legs, refusedLeg(device, device.refused, at.now)]
  if (legs.some((leg) => leg.session === device.session)) return legs
  return [...legs, ringingLeg(device, ringsUntil)]
}

/** A device that connects while its user is being rung rings as long as the others do, unless it has declined. */
export function ringAlso(call: Call, device: Device, at: Moment): Call {
  const rings = call.legs.find((leg) => leg.state === 'Ringing' && leg.user === device.user)
  if (rings?.state !== 'Ringing' || rings.ringsUntil <= at.now) return call
  const since = rings.ringsUntil - at.limits.ringMs
  const isAsked = call.legs.some((leg) => leg.session === device.session && (isLive(leg) || leg.endedAt >= since))
  if (isAsked) return call
  return { ...call, legs: [...call.legs, added(ringingLeg(device, rings.ringsUntil), rings.addedBy)] }
}

/**
 * Rings people to join. Who is there already is not rung; who had left, or declined, is asked anew. A direct call is a
 * group from the first one on who could be rung.
 */
export function add(call: Call, by: LegId, devices: Device[], at: Moment): Call | FailureName {
  const there = new Set(call.legs.filter(isLive).map((leg) => leg.user))
  const fresh = devices.filter((device) => !there.has(device.user))
  if (fresh.length === 0) return call
  const people = new Set([...there, ...fresh.map((device) => device.user)])
  if (people.size > at.limits.participants) return 'callFull'
  const until = after(at.now, at.limits.ringMs)
  // None of these people has a live leg: whatever legs their sessions had are over.
  const rung = fresh.reduce<Leg[]>((legs, device) => ring(legs, device, until, at), [])
  const legs = [...call.legs, ...rung.map((leg) => added(leg, by))]
  return { ...call, kind: call.kind === 'direct' ? 'group' : call.kind, legs }
}

function added(leg: Leg, by: LegId | undefined): Leg {
  return by === undefined ? leg : { ...leg, addedBy: by }
}
