/** The header of RTP packets (RFC 3550 section 5.1), read and written in place: it is what each packet costs. */

/** RFC 5761 section 4: where RTP and RTCP share a port, these second bytes are RTCP's packet types. */
export const isRtcp = (packet: Buffer): boolean => {
  const type = packet.length < 2 ? 0 : packet.readUInt8(1)
  return type >= 192 && type <= 223
}

/** Whether this can be an RTP packet at all: version 2, and as long as its own header says. */
export function isRtp(packet: Buffer): boolean {
  return packet.length >= 12 && packet.readUInt8(0) >> 6 === 2 && headerLengthOf(packet) <= packet.length
}

export const payloadTypeOf = (packet: Buffer): number => packet.readUInt8(1) & 0x7f
export const hasMarker = (packet: Buffer): boolean => packet.readUInt8(1) >= 0x80
export const sequenceOf = (packet: Buffer): number => packet.readUInt16BE(2)
export const timestampOf = (packet: Buffer): number => packet.readUInt32BE(4)
export const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8)

/** Fixed part, contributing sources, and the extension, when there is one. Infinity when the packet ends before it. */
export function headerLengthOf(packet: Buffer): number {
  const first = packet.readUInt8(0)
  const fixed = 12 + 4 * (first & 0x0f)
  if ((first & 0x10) === 0) return fixed
  return packet.length < fixed + 4 ? Infinity : fixed + 4 + 4 * packet.readUInt16BE(fixed + 2)
}

/**
 * What of a payload is sound: where the header says so, the last byte counts how many at the end are padding.
 * Undefined when it counts more than there are.
 */
export function withoutPadding(packet: Buffer, payload: Buffer): Buffer | undefined {
  if ((packet.readUInt8(0) & 0x20) === 0) return payload
  const padding = payload.at(-1) ?? 0
  return padding === 0 || padding > payload.length ? undefined : payload.subarray(0, payload.length - padding)
}

export type RtpHeader = {
  payloadType: number
  ssrc: number
  /** Id of the header extension that says how loud the packet is (RFC 6464); none is written without. */
  levelId?: number
}

/**
 * Writes what stays the same in a stream's packets; returns the length of their header. A level takes an extension with
 * one element of one byte (RFC 8285 section 4.2), padded to a word.
 */
export function writeHeader(packet: Buffer, { payloadType, ssrc, levelId }: RtpHeader): number {
  packet.writeUInt8(levelId === undefined ? 0x80 : 0x90, 0)
  packet.writeUInt8(payloadType, 1)
  packet.writeUInt32BE(ssrc, 8)
  if (levelId === undefined) return 12
  packet.writeUInt16BE(0xbede, 12)
  packet.writeUInt16BE(1, 14)
  packet.writeUInt32BE((levelId << 28) >>> 0, 16)
  return 20
}

/** Writes what changes from packet to packet. */
export function writeMoment(packet: Buffer, sequence: number, timestamp: number, isMarked: boolean): void {
  packet.writeUInt8(payloadTypeOf(packet) | (isMarked ? 0x80 : 0), 1)
  packet.writeUInt16BE(sequence & 0xffff, 2)
  packet.writeUInt32BE(timestamp >>> 0, 4)
}

/** Writes how loud a packet is, in dB below full scale (0 to 127), into the extension that writeHeader made. */
export function writeLevel(packet: Buffer, belowFullScale: number): void {
  const isVoice = belowFullScale < 127 ? 0x80 : 0
  packet.writeUInt8(isVoice | belowFullScale, 17)
}
