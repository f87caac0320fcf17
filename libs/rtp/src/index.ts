/**
 * RTP, RTCP and SRTP, packet by packet, and the sound in them. Knows nothing of calls, of sockets and of Parley: bytes
 * go in and bytes come out, and where time matters the caller says what time it is.
 */
export { Concealment } from './concealment.ts'
export { decodeG711, encodeG711, g711Level, g711Rate, g711Silence, levelOf, pcmaOf, type G711Law } from './g711.ts'
export { G722Decoder, G722Encoder, g722Rate } from './g722.ts'
export { JitterBuffer, type BufferedPacket, type Taken } from './jitter-buffer.ts'
export {
  hasMarker,
  headerLengthOf,
  isRtcp,
  isRtp,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
  withoutPadding,
  writeHeader,
  writeLevel,
  writeMoment,
  type RtpHeader,
} from './packet.ts'
export { Reception } from './reception.ts'
export { ReplayWindow, RolloverCounter } from './rollover.ts'
export {
  asksForPicture,
  ntpMiddleOf,
  readRtcp,
  writeBye,
  writePictureLoss,
  writeReport,
  type ReceptionReport,
  type RtcpSaid,
  type SenderInfo,
} from './rtcp.ts'
export { srtpReceiver, srtpSender, srtpSuites, type SrtpKeys, type SrtpSuite } from './srtp-suites.ts'
export type { SrtpReceiver, SrtpSender } from './srtp.ts'
export { DigitReader, eventPackets, isDigit, type Digit, type EventPacket } from './telephone-event.ts'
