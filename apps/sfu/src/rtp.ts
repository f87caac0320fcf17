/** RTP packets as a bot hears and speaks them (RFC 3550 section 5.1), with the sound level of RFC 6464. */

/** The header extension that says how loud a packet is. */
export const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'

export type RtpPacket = {
  payloadType: number
  marker: boolean
  sequenceNumber: number
  timestamp: number
  ssrc: number
  payload: Buffer
  /** How loud it is, where it says so: 0 is the loudest, -127 silence. */
  dbov?: number
}

const headerBytes = 12
/** RFC 8285 section 4.2: the profile of header extensions whose id and length share one byte. */
const oneByteProfile = 0xbede

/** Reads a packet whose sound level has this extension id; undefined for what is no RTP. */
export function readRtp(packet: Buffer, levelId: number | undefined): RtpPacket | undefined {
  if (packet.length < headerBytes || packet.readUInt8(0) >> 6 !== 2) return undefined
  const [first, second] = [packet.readUInt8(0), packet.readUInt8(1)]
  const extensionAt = headerBytes + 4 * (first & 0x0f)
  const hasExtension = (first & 0x10) !== 0
  if (hasExtension && packet.length < extensionAt + 4) return undefined
  const payloadAt = hasExtension ? extensionAt + 4 + 4 * packet.readUInt16BE(extensionAt + 2) : extensionAt
  const padding = (first & 0x20) === 0 ? 0 : packet.readUInt8(packet.length - 1)
  if (payloadAt + padding > packet.length) return undefined
  const dbov =
    hasExtension && levelId !== undefined ? levelIn(packet.subarray(extensionAt, payloadAt), levelId) : undefined
  return {
    payloadType: second & 0x7f,
    marker: (second & 0x80) !== 0,
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(payloadAt, packet.length - padding),
    ...(dbov === undefined ? {} : { dbov }),
  }
}

/** Makes a packet whose sound level has this extension id. Numbers that have grown too large begin again at 0. */
export function writeRtp(packet: RtpPacket, levelId: number): Buffer {
  const { dbov, payload } = packet
  const header = Buffer.alloc(headerBytes + (dbov === undefined ? 0 : 8))
  header.writeUInt8(dbov === undefined ? 0x80 : 0x90, 0)
  header.writeUInt8((packet.marker ? 0x80 : 0) | packet.payloadType, 1)
  header.writeUInt16BE(packet.sequenceNumber & 0xffff, 2)
  header.writeUInt32BE(packet.timestamp >>> 0, 4)
  header.writeUInt32BE(packet.ssrc, 8)
  if (dbov !== undefined) {
    header.writeUInt16BE(oneByteProfile, headerBytes)
    header.writeUInt16BE(1, headerBytes + 2)
    header.writeUInt8(levelId << 4, headerBytes + 4)
    header.writeUInt8(-dbov & 0x7f, headerBytes + 5)
  }
  return Buffer.concat([header, payload])
}

function levelIn(extension: Buffer, levelId: number): number | undefined {
  if (extension.readUInt16BE(0) !== oneByteProfile) return undefined
  for (let at = 4; at < extension.length - 1;) {
    const [id, bytes] = [extension.readUInt8(at) >> 4, (extension.readUInt8(at) & 0x0f) + 1]
    if (id === levelId) return -(extension.readUInt8(at + 1) & 0x7f)
    // An id of 0 is one byte of padding.
    at += id === 0 ? 1 : 1 + bytes
  }
  return undefined
}
