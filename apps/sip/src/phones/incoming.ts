/** A phone calls: api says who gets the call, and how that call looks decides what the phone is answered. */
import { Refused, type CallId, type CallView, type PhoneAskBody, type PhoneAskResult } from '@parley/protocol'
import {
  GrammarError,
  PAssertedIdentity,
  Privacy,
  SdpError,
  type Headers,
  type IncomingInvite,
  type ListKind,
  type NameAddr,
} from '@parley/sip'
import { insist } from './asking.ts'
import { reasonOfWithdrawal } from './ends.ts'
import { PhoneSdp, type AgreedSound, type SoundTerms } from './phone-sdp.ts'
import type { Phone } from './phone.ts'
import type { Line } from './way.ts'
import { numberIn, writtenIn } from './written-numbers.ts'

/** Over which way a call has come in, as far as it matters here. */
export type CameBy = Line & {
  isTrusted: boolean
  terms: SoundTerms
  /** Whether an address is of those who call: the phone's sound may be sent there before any has come. */
  isTheirs(address: string): boolean
}

export type IncomingPlan = {
  phone: Phone
  invite: IncomingInvite
  by: CameBy
  /** Proposed for the call that this one opens. */
  callId: CallId
  address: string
  silenceLimitMs: number
  offerRefused: (invite: IncomingInvite, why: string) => void
}

export async function takeIn(plan: IncomingPlan): Promise<void> {
  const { phone, invite, by, callId } = plan
  phone.isReachedBy(invite)
  const media = useMedia(plan)
  const to = calledIn(plan)
  const offered = offeredBy(media, invite)
  if (to === undefined || 'status' in offered) {
    if ('status' in offered) plan.offerRefused(invite, offered.why)
    invite.reject('status' in offered ? offered.status : 404)
    phone.hangUp('hungUp')
    return
  }
  const { codec } = offered
  const trunk = by.trunk === undefined ? {} : { trunk: by.trunk }
  const body = { callId, to, from: callerIn(plan), ...trunk, ...(codec === undefined ? {} : { codec }) }
  const answer = await asked(phone, body)
  if ('refused' in answer) {
    phone.hangUp(answer.refused)
    return
  }
  // It was lost while api thought.
  if (phone.isOver) await leave(phone, { callId: answer.call.callId, reason: 'phoneLost' })
  else sit(plan, answer.call)
}

/** What is not answered may have been carried out all the same: nobody is to ring for a phone that is sent away. */
async function asked(phone: Phone, body: PhoneAskBody<'phone.incoming'>): Promise<PhoneAskResult<'phone.incoming'>> {
  try {
    return await phone.ask('phone.incoming', body)
  } catch (error) {
    if (error instanceof Refused && error.failure !== 'internal') throw error
    phone.hangUp('unavailable')
    await leave(phone, { reason: 'unavailable' })
    throw error
  }
}

async function leave(phone: Phone, body: PhoneAskBody<'phone.ended'>): Promise<void> {
  await insist(
    () => phone.ask('phone.ended', body),
    () => true,
  )
}

function useMedia({ phone, invite, by, address, silenceLimitMs }: IncomingPlan): PhoneSdp {
  const agreed = (sound: AgreedSound): void => phone.agrees(sound)
  const isTheirs = (one: string): boolean => by.isTheirs(one)
  const media = new PhoneSdp({ sound: phone.sound, terms: by.terms, address, isTheirs, silenceLimitMs, agreed })
  invite.useMedia(media)
  return media
}

/** It has a place in a call from now on; what becomes of that is seen there. */
function sit({ phone, invite }: IncomingPlan, view: CallView): void {
  const seat = phone.takesSeat(view.callId, view.legId)
  if (invite.end !== undefined) {
    phone.ends(reasonOfWithdrawal(invite.end))
    return
  }
  invite.on('ended', (end) => phone.isUp || phone.ends(reasonOfWithdrawal(end)))
  let isAnswered = false
  phone.whileItRings = (now) => {
    if (now.state === 'Ringing') invite.ring()
    if (!isAnswered && isAnswerable(now)) {
      isAnswered = true
      accept(phone, invite)
    }
  }
  seat.join()
  phone.seen(view)
}

/** In a direct call somebody has to take it first; where people meet one comes in, be it into the lobby. */
function isAnswerable({ state, kind }: CallView): boolean {
  if (kind !== 'direct' && state === 'Connecting') return true
  return state === 'Connected' || state === 'InLobby' || state === 'LocalHold' || state === 'RemoteHold'
}

function accept(phone: Phone, invite: IncomingInvite): void {
  invite.accept().then(
    () => phone.isConnected(invite),
    // Who has gone has said so by the end of his session.
    (error: unknown) => phone.log.info({ session: phone.session, error: String(error) }, 'phone.not_answered'),
  )
}

/** The number that was called, or the user of the address where it is none. */
function calledIn({ invite, by }: IncomingPlan): string | undefined {
  const { uri } = invite.invite
  return numberIn(uri, by.writing) ?? told(writtenIn(uri))
}

type Caller = PhoneAskBody<'phone.incoming'>['from']

/** RFC 3325: who is trusted says who calls; RFC 3323: what is to be kept from the called one is. */
function callerIn({ invite, by }: IncomingPlan): Caller {
  const { headers } = invite.invite
  // What cannot be read of what is to be hidden hides all of it.
  const said = readable(headers, Privacy)?.flat() ?? ['id']
  const hides = said.some((wish) => ['id', 'user', 'header'].includes(wish)) && !said.includes('none')
  const asserted = by.isTrusted ? (readable(headers, PAssertedIdentity) ?? []) : []
  const shown = asserted.length > 0 ? asserted : [invite.remote]
  const isAnonymous = writtenIn(invite.remote.uri)?.toLowerCase() === 'anonymous'
  if (hides || isAnonymous) return {}
  const number = shown.map(({ uri }) => numberIn(uri, by.writing)).find((one) => one !== undefined)
  const name = [...shown, invite.remote].map(nameIn).find((one) => one !== undefined)
  return { ...(number === undefined ? {} : { number }), ...(name === undefined ? {} : { name }) }
}

/** Undefined for a header that does not fit its grammar. */
function readable<T>(headers: Headers, kind: ListKind<T>): readonly T[] | undefined {
  try {
    return headers.all(kind)
  } catch (error) {
    if (error instanceof GrammarError) return undefined
    throw error
  }
}

function nameIn({ displayName }: NameAddr): string | undefined {
  return told(displayName)
}

/** Control characters and halves of characters are nobody's name, and the database would refuse them. */
function told(text = ''): string | undefined {
  // Last, because a cut may go through a character.
  const readable = text
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim()
    .slice(0, 128)
    .toWellFormed()
  return readable === '' ? undefined : readable
}

/** What a call will be spoken in, as far as it is told; or with what its offer is refused. */
type Offered = { codec?: 'PCMU' | 'PCMA' } | { status: 400 | 488; why: string }

function offeredBy(media: PhoneSdp, { offer }: IncomingInvite): Offered {
  if (offer === undefined) return {}
  try {
    const codec = media.codecFor(offer)
    if (codec === undefined) return { status: 488, why: 'an offer of nothing that is spoken here' }
    return codec === 'PCMU' || codec === 'PCMA' ? { codec } : {}
  } catch (error) {
    if (error instanceof SdpError) return { status: 400, why: error.what }
    throw error
  }
}
