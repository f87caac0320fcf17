/**
 * Offer and answer (RFC 3264) for one audio stream, as functions that remember nothing: who calls them keeps our last
 * description and gives it as `previous`, so that media keep their places and the version grows when it has to.
 */
import { audioOf, type AudioDescription } from './audio.ts'
import { isSameCodec, isTelephoneEvent, isVoice, type Codec } from './codecs.ts'
import type { CryptoLine } from './crypto.ts'
import type { MediaDescription, SessionDescription } from './description.ts'
import { commonDirection, mirrored, type Direction } from './direction.ts'
import { answeredMedium, offeredMedium, refusedMedium, succeeding, type LocalAudio } from './local-audio.ts'

/** A codec under the number that the other side expects, and the one under which it will come. */
export type AgreedCodec = { codec: Codec; sendAs: number; receiveAs: number }

export type AgreedAudio = {
  /** Where to send. */
  remote: { address: string; port: number; rtcpAddress: string; rtcpPort: number }
  hasRtcpMux: boolean
  /** What we do. */
  direction: Direction
  /** Voice only; the first one is to be sent, all may come. Never empty. */
  codecs: readonly AgreedCodec[]
  /** RFC 4733, at the clock of the first codec where there is a choice. */
  telephoneEvent: AgreedCodec | undefined
  comfortNoise: AgreedCodec | undefined
  /** Milliseconds of sound that a packet of ours should hold. */
  ptimeMs: number
  /** SRTP with these keys: ours for what we send, theirs for what comes. */
  keys: { ours: CryptoLine; theirs: CryptoLine } | undefined
}

const usualPtimeMs = 20

/** An offer of ours. In one that follows another the media keep their places, and those that are not ours stay refused. */
export function offerAudio(local: LocalAudio, previous?: SessionDescription): SessionDescription {
  const ours = offeredMedium(local)
  if (previous === undefined) return succeeding(undefined, local.address, [ours])
  const place = ourPlace(previous.media)
  const media = previous.media.map((medium, at) => (at === place ? ours : refusedMedium(medium)))
  return succeeding(previous, local.address, place === -1 ? [...media, ours] : media)
}

function ourPlace(media: readonly MediaDescription[]): number {
  const open = media.findIndex(({ type, port }) => type === 'audio' && port !== 0)
  return open === -1 ? media.findIndex(({ type }) => type === 'audio') : open
}

export type Answered = { description: SessionDescription; agreed: AgreedAudio }

/** Our answer: to the first audio that fits, everything else is refused. Undefined when nothing fits, which means 488. */
export function answerAudio(
  offer: SessionDescription,
  local: LocalAudio,
  previous?: SessionDescription,
): Answered | undefined {
  for (const [place, medium] of offer.media.entries()) {
    const answered = answerMedium(offer, medium, local)
    if (answered === undefined) continue
    const media = offer.media.map((other, at) => (at === place ? answered.medium : refusedMedium(other)))
    return { description: succeeding(previous, local.address, media), agreed: answered.agreed }
  }
  return undefined
}

function answerMedium(offer: SessionDescription, medium: MediaDescription, local: LocalAudio) {
  const theirs = audioOf(offer, medium)
  if (theirs === undefined) return undefined
  const keys = keysForAnswer(theirs, local)
  const common = commonCodecs(theirs.codecs, local.codecs)
  const [voice] = common.voice
  if (keys === 'none' || voice === undefined) return undefined
  // One codec: who answers with more has to expect each of them at any time (RFC 3264 section 6.1).
  const { telephoneEvent, comfortNoise } = alongside(common, voice)
  const chosen = {
    voice: [asAnswered(voice)],
    telephoneEvent: telephoneEvent && asAnswered(telephoneEvent),
    comfortNoise: comfortNoise && asAnswered(comfortNoise),
  }
  const direction = commonDirection(local.direction, mirrored(theirs.direction))
  const hasMux = theirs.hasRtcpMux && (local.canMuxRtcp ?? true)
  const agreed = agreedWith(theirs, chosen, { direction, hasMux, keys })
  const codecs = [voice, chosen.telephoneEvent, chosen.comfortNoise].flatMap((one) =>
    one === undefined ? [] : one.codec,
  )
  const facts = { codecs, direction, protocol: medium.protocol, hasMux, key: keys?.ours }
  return { medium: answeredMedium(local, facts), agreed }
}

/** An answer keeps the numbers of the offer (RFC 3264 section 6.1): they are those of both sides then. */
function asAnswered({ codec, sendAs }: AgreedCodec): AgreedCodec {
  return { codec, sendAs, receiveAs: sendAs }
}

/** What follows from the answer to our offer. Undefined when it refuses the audio, or takes what was not offered. */
export function agreeOnAnswer(
  offer: SessionDescription,
  answer: SessionDescription,
  local: LocalAudio,
): AgreedAudio | undefined {
  const place = ourPlace(offer.media)
  const [ours, medium] = [offer.media[place], answer.media[place]]
  const offered = ours === undefined ? undefined : audioOf(offer, ours)
  const theirs = medium === undefined ? undefined : audioOf(answer, medium)
  if (offered === undefined || theirs === undefined) return undefined
  const keys = keysFromAnswer(theirs, offered, local)
  const common = commonCodecs(theirs.codecs, offered.codecs)
  const [first] = common.voice
  if (keys === 'none' || first === undefined) return undefined
  const direction = commonDirection(offered.direction, mirrored(theirs.direction))
  const hasMux = offered.hasRtcpMux && theirs.hasRtcpMux
  return agreedWith(theirs, { voice: common.voice, ...alongside(common, first) }, { direction, hasMux, keys })
}

type Common = { voice: AgreedCodec[]; events: AgreedCodec[]; noises: AgreedCodec[] }

/** In their order of preference. */
function commonCodecs(theirs: readonly Codec[], ours: readonly Codec[]): Common {
  const common = theirs.flatMap((codec): AgreedCodec[] => {
    const own = ours.find((one) => isSameCodec(one, codec))
    // Numbers may differ: each side sends with those of the other one (RFC 3264 section 5.1).
    return own === undefined ? [] : [{ codec, sendAs: codec.payloadType, receiveAs: own.payloadType }]
  })
  return {
    voice: common.filter(({ codec }) => isVoice(codec)),
    events: common.filter(({ codec }) => isTelephoneEvent(codec)),
    noises: common.filter(({ codec }) => codec.name.toLowerCase() === 'cn'),
  }
}

/** RFC 4733 section 2.1: events run on the clock of the voice beside them, if there is one such. */
function alongside({ events, noises }: Common, { codec }: AgreedCodec) {
  const hasSameClock = (one: AgreedCodec): boolean => one.codec.clockRate === codec.clockRate
  return { telephoneEvent: events.find(hasSameClock) ?? events[0], comfortNoise: noises.find(hasSameClock) }
}

type Chosen = Pick<AgreedAudio, 'telephoneEvent' | 'comfortNoise'> & { voice: readonly AgreedCodec[] }
type Terms = { direction: Direction; hasMux: boolean; keys: AgreedAudio['keys'] }

function agreedWith(theirs: AudioDescription, chosen: Chosen, { direction, hasMux, keys }: Terms): AgreedAudio {
  const { address, port, rtcpAddress, rtcpPort } = theirs
  return {
    remote: { address, port, ...(hasMux ? { rtcpAddress: address, rtcpPort: port } : { rtcpAddress, rtcpPort }) },
    hasRtcpMux: hasMux,
    direction,
    codecs: chosen.voice,
    telephoneEvent: chosen.telephoneEvent,
    comfortNoise: chosen.comfortNoise,
    ptimeMs: theirs.ptimeMs ?? usualPtimeMs,
    keys,
  }
}

/** RFC 4568 section 5.1.2: the first offered suite that we know, with its tag. 'none': what is wanted cannot be had. */
function keysForAnswer(theirs: AudioDescription, local: LocalAudio): AgreedAudio['keys'] | 'none' {
  const isWanted = theirs.profile === 'RTP/SAVP' || local.srtp === 'required'
  for (const line of local.srtp === undefined || local.srtp === 'off' ? [] : theirs.crypto) {
    const own = local.keys?.find(({ suite }) => suite === line.suite)
    if (own !== undefined) return { ours: { ...own, tag: line.tag }, theirs: line }
  }
  return isWanted ? 'none' : undefined
}

function keysFromAnswer(
  theirs: AudioDescription,
  offered: AudioDescription,
  local: LocalAudio,
): AgreedAudio['keys'] | 'none' {
  const [line] = theirs.crypto
  const ours = offered.crypto.find(({ tag, suite }) => tag === line?.tag && suite === line.suite)
  if (line !== undefined && ours !== undefined) return { ours, theirs: line }
  return local.srtp === 'required' || offered.profile === 'RTP/SAVP' || line !== undefined ? 'none' : undefined
}
