/** What two ends of a phone leg have agreed on in SDP, as far as sound needs it. Whoever speaks SIP fills it in. */
import type { SrtpSuite } from '@parley/rtp'

/** Codecs that phones may speak, by their names in SDP. Their clock is 8,000, Opus's is 48,000. */
export type PhoneCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus'

/**
 * Which way sound goes, seen from us: what our answer says, or the mirror of what theirs says. `recvonly` and `inactive`
 * send the phone nothing but RTCP. Only in `sendrecv` its silence is counted: who holds us (`recvonly`) may play music,
 * or send nothing.
 */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

/** Keys of one media line in SDP's words (RFC 4568): master key and salt, base64, as they follow `inline:`. */
export type SdesKeys = { suite: Exclude<SrtpSuite, 'AEAD_AES_128_GCM'>; oursBase64: string; theirsBase64: string }

/** What each SDP calls the same thing: theirs is what we send, ours is what comes (RFC 3264 section 5.1). */
export type PayloadTypes = { sendAs: number; receiveAs: number }

export type Agreed = {
  /** Where their SDP says that they hear us. */
  ip: string
  port: number
  /** Absent: the port above. The same as `port` where both sides have said a=rtcp-mux. */
  rtcpPort?: number
  /** The first of the codecs in common. */
  codec: { name: PhoneCodec } & PayloadTypes
  /** telephone-event at 8,000; absent when they have none, and then digits cannot be sent. */
  events?: PayloadTypes
  direction: Direction
  /** Absent: RTP in the clear. Other keys than before begin with new counters. */
  srtp?: SdesKeys
  /**
   * False: only `ip` is listened to. True: the first address that keeps sending valid packets is listened to and
   * answered, because the phone is behind a NAT and its SDP does not know where it is seen.
   */
  isSymmetric: boolean
  /**
   * Whether `ip` is of those with whom we signal: it is sent sound at once. Any other address is sent nothing, sound or
   * reports, before something has come from it.
   */
  isVouchedFor: boolean
  /** After so long without a valid packet the leg is told of as *silent*. Absent: never. */
  silenceLimitMs?: number
}
