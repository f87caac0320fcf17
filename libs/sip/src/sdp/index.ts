/** Descriptions of sessions (RFC 8866) and how two sides agree (RFC 3264). Knows nothing of SIP. */
export { audioOf, type AudioDescription, type RtpProfile } from './audio.ts'
export type { Codec } from './codecs.ts'
export type { CryptoLine } from './crypto.ts'
export {
  attributeOf,
  attributesOf,
  hasAttribute,
  type Attribute,
  type Connection,
  type MediaDescription,
  type Origin,
  type SessionDescription,
} from './description.ts'
export { audioDirectionOf, canReceive, canSend, mirrored, type Direction } from './direction.ts'
export type { LocalAudio } from './local-audio.ts'
export {
  agreeOnAnswer,
  answerAudio,
  offerAudio,
  type AgreedAudio,
  type AgreedCodec,
  type Answered,
} from './offer-answer.ts'
export { parseSdp, SdpError, type SdpLimits } from './parse.ts'
export { writeSdp } from './write.ts'
