/** Questions about legs that several rules ask, and how a new one is made. */
import type { EpochMs, UserId } from '@parley/protocol'
import type { Endpoint, Leg, LegIn } from './call.ts'
import type { Device } from './events.ts'

export type LiveLeg = Exclude<Leg, { state: 'Disconnected' }>
export type InCallLeg = LegIn<'Connecting' | 'Connected' | 'Reconnecting'>

export function isLive(leg: Leg): leg is LiveLeg {
  return leg.state !== 'Disconnected'
}

/** Past calling and ringing: the leg has been answered, or has answered, and has not ended. */
export function isInCall(leg: Leg): leg is InCallLeg {
  return leg.state === 'Connecting' || leg.state === 'Connected' || leg.state === 'Reconnecting'
}

/** The caller's leg while nobody has answered; a call without one rings no one. */
export function whoCalls(legs: readonly Leg[]): LegIn<'Calling'> | undefined {
  return legs.find((leg) => leg.state === 'Calling')
}

/** Who is called. A call that nobody could be rung for has no callee. */
export function calleeOf(legs: readonly Leg[]): UserId | undefined {
  return legs.find((leg) => leg.side === 'callee')?.user
}

/** A device that starts to ring. */
export function ringingLeg(device: Device, ringsUntil: EpochMs): LegIn<'Ringing'> {
  return { ...begin(device, 'callee', false), state: 'Ringing', ringsUntil, hasMedia: false }
}

/** A device that starts to call. */
export function callingLeg(device: Device & { isMuted: boolean }, callsUntil: EpochMs): LegIn<'Calling'> {
  return { ...begin(device, 'caller', device.isMuted), state: 'Calling', callsUntil, hasMedia: false }
}

function begin(device: Device, side: Endpoint['side'], isMuted: boolean): Endpoint {
  return endpointOf({ ...device, id: device.legId, side, isMuted, generation: 0 })
}

/** What stays of a leg when its state changes. */
export function endpointOf({ id, user, displayName, session, side, isMuted, generation }: Endpoint): Endpoint {
  const named = displayName === undefined ? {} : { displayName }
  return { id, user, ...named, session, side, isMuted, generation }
}
