/** Questions about legs that several rules ask, and how a new one is made. */
import type { EpochMs, RawId, ReasonName, SessionId } from '@parley/protocol'
import type { Call, Endpoint, Leg, LegIn } from './call.ts'
import type { Coming, Device } from './events.ts'

export type LiveLeg = Exclude<Leg, { state: 'Disconnected' }>
export type InCallLeg = LegIn<'Connecting' | 'Connected' | 'Reconnecting'>

export function isLive(leg: Leg): leg is LiveLeg {
  return leg.state !== 'Disconnected'
}

/** Past calling, ringing and waiting: the leg has been answered, has answered or was let in, and has not ended. */
export function isInCall(leg: Leg): leg is InCallLeg {
  return leg.state === 'Connecting' || leg.state === 'Connected' || leg.state === 'Reconnecting'
}

/** In the call, and no bot. */
export function isPersonInCall(leg: Leg): leg is InCallLeg {
  return isInCall(leg) && leg.bot === undefined
}

/** Whose call it is to everybody in it: who placed it, or came first. */
export function whoBegan(legs: readonly Leg[]): Leg | undefined {
  return legs.find((leg) => leg.side === 'caller') ?? legs[0]
}

/** Who calls, for one of those in the call: whoever asked him in, or whose call it is. */
export function callerOf(legs: readonly Leg[], { addedBy }: Leg): Leg | undefined {
  return legs.find((leg) => leg.id === addedBy) ?? whoBegan(legs)
}

/** The caller's leg while nobody has answered. */
export function whoCalls(legs: readonly Leg[]): LegIn<'Calling'> | undefined {
  return legs.find((leg) => leg.state === 'Calling')
}

/** Who is called. A call that nobody could be rung for has no callee. */
export function calleeOf(legs: readonly Leg[]): RawId | undefined {
  return legs.find((leg) => leg.side === 'callee')?.user
}

/** The live leg of a session, or the last one that it had: a device that declined may have called back since. */
export function ofSession(legs: readonly Leg[], session: SessionId): Leg | undefined {
  const own = legs.filter((leg) => leg.session === session)
  return own.find(isLive) ?? own.at(-1)
}

/** A device that starts to ring. */
export function ringingLeg(device: Device, ringsUntil: EpochMs): LegIn<'Ringing'> {
  const { dial } = device
  return {
    ...begin(device, 'callee', false),
    state: 'Ringing',
    ringsUntil,
    hasMedia: false,
    ...(dial === undefined ? {} : { dial }),
  }
}

/** A phone that is not dialled. */
export function refusedLeg(device: Device, reason: ReasonName, now: EpochMs): LegIn<'Disconnected'> {
  return { ...begin(device, 'callee', false), state: 'Disconnected', reason, endedAt: now }
}

/** A device that starts to call. */
export function callingLeg(device: Coming, callsUntil: EpochMs): LegIn<'Calling'> {
  return { ...begin(device, 'caller', device.isMuted), state: 'Calling', callsUntil, hasMedia: false }
}

/** Someone who is on his way in: a bot that was called, or who comes by himself. */
export function comingLeg(device: Coming, side: Endpoint['side'], connectsUntil: EpochMs): LegIn<'Connecting'> {
  return { ...begin(device, side, device.isMuted), state: 'Connecting', connectsUntil }
}

export function waitingLeg(device: Coming, waitsUntil: EpochMs): LegIn<'InLobby'> {
  return { ...begin(device, 'joiner', device.isMuted), state: 'InLobby', waitsUntil, hasMedia: false }
}

function begin({ legId: id, ...device }: Device, side: Endpoint['side'], isMuted: boolean): Endpoint {
  return endpointOf({ ...device, id, side, isMuted, mutedByOthers: 0, isHeld: false, generation: 0 })
}

/** What stays of a leg when its state changes. */
export function endpointOf(leg: Endpoint): Endpoint {
  const { id, user, displayName, session, bot, phone, codec, side, addedBy, role } = leg
  const { isMuted, mutedByOthers, isHeld, transferOf, generation } = leg
  return {
    id,
    user,
    ...(displayName === undefined ? {} : { displayName }),
    ...(session === undefined ? {} : { session }),
    ...(bot === undefined ? {} : { bot }),
    ...(phone === undefined ? {} : { phone }),
    ...(codec === undefined ? {} : { codec }),
    side,
    ...(addedBy === undefined ? {} : { addedBy }),
    ...(role === undefined ? {} : { role }),
    isMuted,
    mutedByOthers,
    isHeld,
    ...(transferOf === undefined ? {} : { transferOf }),
    generation,
  }
}

/** The call with these legs; the same object when they are the same ones. */
export function withLegs(call: Call, legs: Leg[]): Call {
  const isSame = legs.length === call.legs.length && legs.every((leg, n) => leg === call.legs[n])
  return isSame ? call : { ...call, legs }
}
