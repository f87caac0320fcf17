/** What we can do and want, told as an m= line. */
import {
  connectionTo,
  type Attribute,
  type MediaDescription,
  type Origin,
  type SessionDescription,
} from './description.ts'
import { codecAttributes, type Codec } from './codecs.ts'
import { cryptoAttribute, type CryptoLine } from './crypto.ts'
import type { Direction } from './direction.ts'

export type LocalAudio = {
  /** Where we receive: IPv4 or IPv6, without brackets. */
  address: string
  port: number
  /** Default: the next port. */
  rtcpPort?: number
  /** The preferred first; telephone-event and CN among them where they are spoken. */
  codecs: readonly Codec[]
  direction: Direction
  /** Milliseconds of sound in a packet that we like to receive. */
  ptimeMs?: number
  /** Default true: RTCP goes through the RTP port where the other side can do that as well. */
  canMuxRtcp?: boolean
  /**
   * `optional` offers keys under RTP/AVP, which those who do not know them pass over, and takes what it is offered;
   * `required` offers RTP/SAVP and refuses what is not encrypted. Default `off`.
   */
  srtp?: 'off' | 'optional' | 'required'
  /** Our keys, one line for each suite, the preferred first; tags are set here. */
  keys?: readonly Omit<CryptoLine, 'tag'>[]
}

export function offeredMedium(local: LocalAudio): MediaDescription {
  const keys = local.srtp === undefined || local.srtp === 'off' ? [] : (local.keys ?? [])
  const lines = keys.map((key, at) => cryptoAttribute({ ...key, tag: at + 1 }))
  return {
    ...medium(local, local.codecs, local.srtp === 'required' ? 'RTP/SAVP' : 'RTP/AVP'),
    attributes: attributes(local, local.codecs, local.direction, { hasMux: local.canMuxRtcp ?? true, keys: lines }),
  }
}

export type AnswerFacts = {
  codecs: readonly Codec[]
  direction: Direction
  protocol: string
  hasMux: boolean
  key: CryptoLine | undefined
}

export function answeredMedium(local: LocalAudio, facts: AnswerFacts): MediaDescription {
  const keys = facts.key === undefined ? [] : [cryptoAttribute(facts.key)]
  return {
    ...medium(local, facts.codecs, facts.protocol),
    attributes: attributes(local, facts.codecs, facts.direction, { hasMux: facts.hasMux, keys }),
  }
}

function medium(local: LocalAudio, codecs: readonly Codec[], protocol: string): MediaDescription {
  const formats = codecs.map(({ payloadType }) => String(payloadType))
  return { type: 'audio', port: local.port, protocol, formats, connection: connectionTo(local.address), attributes: [] }
}

function attributes(
  local: LocalAudio,
  codecs: readonly Codec[],
  direction: Direction,
  also: { hasMux: boolean; keys: readonly Attribute[] },
): Attribute[] {
  const hasOtherRtcpPort = local.rtcpPort !== undefined && local.rtcpPort !== local.port + 1
  return [
    ...codecs.flatMap(codecAttributes),
    ...(local.ptimeMs === undefined ? [] : [{ name: 'ptime', value: String(local.ptimeMs) }]),
    ...(hasOtherRtcpPort ? [{ name: 'rtcp', value: String(local.rtcpPort) }] : []),
    ...(also.hasMux ? [{ name: 'rtcp-mux' }] : []),
    ...also.keys,
    { name: direction },
  ]
}

/** RFC 3264 section 6: a refused medium keeps its place and its formats, and has port 0. */
export function refusedMedium({ type, protocol, formats }: MediaDescription): MediaDescription {
  return { type, port: 0, protocol, formats: formats.length === 0 ? ['0'] : formats, attributes: [] }
}

/**
 * RFC 3264 section 8: a session has one id for all its descriptions, and a version that grows by one with each one that
 * differs from the last.
 */
export function succeeding(
  previous: SessionDescription | undefined,
  address: string,
  media: readonly MediaDescription[],
): SessionDescription {
  const connection = connectionTo(address)
  const origin: Origin = previous?.origin ?? { username: '-', sessionId: newSessionId(), version: '1', connection }
  const next: SessionDescription = { origin, name: '-', connection, attributes: [], media }
  if (previous === undefined || JSON.stringify(previous) === JSON.stringify(next)) return next
  return { ...next, origin: { ...origin, version: String(BigInt(origin.version) + 1n) } }
}

/** Some read it as a 32-bit number. */
function newSessionId(): string {
  return String(Math.floor(Math.random() * 2_000_000_000) + 1)
}
