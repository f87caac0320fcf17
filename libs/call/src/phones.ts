/**
 * Phones: a leg whose session is held by a sip node. It is dialled where a device of a person is rung, its network says
 * how far it has got, and may send sound before the answer. In all else it is a leg like others.
 */
import type { FailureName, PhoneCodec, PhoneProgress, SessionId } from '@parley/protocol'
import type { Call, Leg, LegIn } from './call.ts'
import type { Effect } from './effects.ts'
import { isInCall, isLive, type InCallLeg } from './leg.ts'
import { asker } from './rights.ts'

export type Progressed = { progress?: PhoneProgress | undefined; codec?: PhoneCodec | undefined }

/** A dialled phone has got further. Who sends sound already goes on to do so when its network says again that it rings. */
export function progresses(leg: LegIn<'Ringing'>, what: Progressed): Leg {
  const progress = leg.progress === 'early' ? leg.progress : what.progress
  return takesCodec(progress === undefined ? leg : { ...leg, progress }, what)
}

export function takesCodec(leg: Leg, { codec }: Progressed): Leg {
  return codec === undefined ? leg : { ...leg, codec }
}

/**
 * Whether this leg sends, or hears, before the answer what the network of a phone has to say: in a direct call, where
 * it is for one caller alone.
 */
export function hasEarlyMedia(call: Call, leg: Leg): boolean {
  if (call.kind !== 'direct') return false
  if (leg.state === 'Calling') return call.legs.some(isEarly)
  return isEarly(leg)
}

function isEarly(leg: Leg): boolean {
  return leg.state === 'Ringing' && leg.progress === 'early'
}

/** What the phone at the other end of a direct call speaks. */
export function soundCodecFor(call: Call, own: Leg): PhoneCodec | undefined {
  if (call.kind !== 'direct') return undefined
  return call.legs.find((leg) => leg.id !== own.id && isLive(leg) && leg.codec !== undefined)?.codec
}

/** How a leg that rings shows: a phone that is dialled rings when its network says so. */
export function ringsAs(leg: LegIn<'Ringing'>): 'Connecting' | 'Ringing' | 'EarlyMedia' {
  if (leg.dial === undefined || leg.progress === 'alerting') return 'Ringing'
  return leg.progress === 'early' ? 'EarlyMedia' : 'Connecting'
}

/** What has a phone rung. The order expires with the ringing: nobody is dialled late, or twice. */
export function dials(leg: Leg): Effect[] {
  if (leg.state !== 'Ringing' || leg.dial === undefined) return []
  return [{ do: 'dial', legId: leg.id, dial: leg.dial, expiresAt: leg.ringsUntil }]
}

/** What is remembered of a phone's call: that it was answered, and how it ended. */
export function records(leg: Leg, was: Leg | undefined): Effect[] {
  if (leg.phone === undefined || leg.state === was?.state) return []
  if (leg.state === 'Disconnected') return [{ do: 'record', legId: leg.id, end: leg.reason }]
  return isInCall(leg) && (was === undefined || !isInCall(was)) ? [{ do: 'record', legId: leg.id }] : []
}

/** The phones that hear keys pressed by this session, or why there are none. */
export function phonesHearing(call: Call, session: SessionId): InCallLeg[] | FailureName {
  const by = asker(call, session, 'speak')
  if (typeof by === 'string') return by
  const phones = call.legs.filter(isInCall).filter((leg) => leg.phone !== undefined && leg.id !== by.id)
  return phones.length === 0 ? 'notInThisCall' : phones
}
