/** One audio medium as its writer tells it: where, with which codecs, keys and directions. */
import { attributeOf, hasAttribute, type MediaDescription, type SessionDescription } from './description.ts'
import { codecsOf, type Codec } from './codecs.ts'
import { cryptoLinesOf, type CryptoLine } from './crypto.ts'
import { directionOf, type Direction } from './direction.ts'

export type RtpProfile = 'RTP/AVP' | 'RTP/SAVP'

/** What the writer receives, where, and what he wants to do. */
export type AudioDescription = {
  profile: RtpProfile
  address: string
  port: number
  /** RFC 3605; the next port when nothing else is said. Counts where `hasRtcpMux` (RFC 5761) is not what both want. */
  rtcpAddress: string
  rtcpPort: number
  hasRtcpMux: boolean
  direction: Direction
  codecs: Codec[]
  /** Milliseconds of sound in a packet that the writer likes to receive. */
  ptimeMs?: number
  crypto: CryptoLine[]
}

/** RTP/AVPF and its like say that feedback may come early, which changes nothing for us (RFC 4585 section 9 aside). */
const profiles: Record<string, RtpProfile> = {
  'RTP/AVP': 'RTP/AVP',
  'RTP/AVPF': 'RTP/AVP',
  'RTP/SAVP': 'RTP/SAVP',
  'RTP/SAVPF': 'RTP/SAVP',
}

/** Undefined for what is refused, is no audio over RTP, or says no address. */
export function audioOf(session: SessionDescription, medium: MediaDescription): AudioDescription | undefined {
  const profile = profiles[medium.protocol.toUpperCase()]
  const address = (medium.connection ?? session.connection)?.address
  if (medium.type !== 'audio' || medium.port === 0 || profile === undefined || address === undefined) return undefined
  const ptimeMs = Number(attributeOf(medium, 'ptime'))
  return {
    profile,
    address,
    port: medium.port,
    ...rtcpOf(medium, address),
    hasRtcpMux: hasAttribute(medium, 'rtcp-mux'),
    direction: directionOf(session, medium),
    codecs: codecsOf(medium),
    ...(Number.isInteger(ptimeMs) && ptimeMs >= 10 && ptimeMs <= 200 ? { ptimeMs } : {}),
    crypto: cryptoLinesOf(medium),
  }
}

/** RFC 3605 section 2.1: `a=rtcp:53020 IN IP4 126.16.64.4`, the address only where it is another one. */
function rtcpOf(medium: MediaDescription, address: string): { rtcpAddress: string; rtcpPort: number } {
  const [port = '', , , other] = attributeOf(medium, 'rtcp')?.split(/ +/, 4) ?? []
  const stated = /^[0-9]{1,5}$/.test(port) && Number(port) > 0 && Number(port) <= 65_535 ? Number(port) : undefined
  return { rtcpAddress: other ?? address, rtcpPort: stated ?? Math.min(medium.port + 1, 65_535) }
}
