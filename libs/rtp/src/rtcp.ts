/** The RTCP packets that are said and understood (RFC 3550 section 6, RFC 4585 section 6.3.1). */

/** How one stream is received. */
export type ReceptionReport = {
  ssrc: number
  /** Of the packets since the last report, from 0 to 1. */
  lostShare: number
  lost: number
  /** Highest sequence number, with its rollover counter above it. */
  highest: number
  /** In ticks of the stream's clock; 0 where nobody measures it. */
  jitter?: number
  /** The middle of the NTP time of the last sender report, and how long ago it came, in units of 1/65536 s. */
  lastReport?: number
  sinceLastReport?: number
}

/** What one has sent of one's own stream so far. */
export type SenderInfo = { atMs: number; timestamp: number; packets: number; bytes: number }

/** What a compound packet says, as far as somebody listens. */
export type RtcpSaid =
  | { kind: 'report'; ssrc: number; received: ReceptionReport[]; sent?: { ntpMiddle: number } }
  | { kind: 'description'; ssrc: number; cname: string }
  | { kind: 'bye'; ssrcs: number[] }

const types = { senderReport: 200, receiverReport: 201, description: 202, bye: 203, payloadFeedback: 206 } as const
const pictureLoss = 1
/** A report has a field of five bits for how many blocks follow. */
const mostReports = 31
/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpochS = 2_208_988_800

/** A report of one's own, with the description that each compound packet has to have. */
export function writeReport(
  ssrc: number,
  cname: string,
  received: readonly ReceptionReport[],
  sent?: SenderInfo,
): Buffer {
  const blocks = received.slice(0, mostReports).map(blockOf)
  const head = [wordOf(ssrc), ...(sent === undefined ? [] : [senderInfoOf(sent)])]
  const type = sent === undefined ? types.receiverReport : types.senderReport
  return Buffer.concat([packetOf(blocks.length, type, [...head, ...blocks]), descriptionOf(ssrc, cname)])
}

/** Asks for a whole picture. */
export function writePictureLoss(ssrc: number, mediaSsrc: number): Buffer {
  return packetOf(pictureLoss, types.payloadFeedback, [wordOf(ssrc), wordOf(mediaSsrc)])
}

/** Whether a compound packet asks for a whole picture of this stream. */
export function asksForPicture(compound: Buffer, mediaSsrc: number): boolean {
  for (let at = 0; at + 4 <= compound.length; at += 4 + 4 * compound.readUInt16BE(at + 2)) {
    const isAsked =
      compound.readUInt8(at + 1) === types.payloadFeedback && (compound.readUInt8(at) & 0x1f) === pictureLoss
    if (isAsked && at + 12 <= compound.length && compound.readUInt32BE(at + 8) === mediaSsrc) return true
  }
  return false
}

/** Says that these streams are over. */
export function writeBye(ssrcs: readonly number[]): Buffer {
  return packetOf(ssrcs.length, types.bye, ssrcs.map(wordOf))
}

/** Reads a compound packet as far as it can be read: what is cut or unknown is left out. */
export function readRtcp(compound: Buffer): RtcpSaid[] {
  const said: RtcpSaid[] = []
  for (let at = 0; at + 8 <= compound.length;) {
    const end = at + 4 + 4 * compound.readUInt16BE(at + 2)
    if (compound.readUInt8(at) >> 6 !== 2 || end > compound.length) break
    const one = readOne(compound.subarray(at, end))
    if (one !== undefined) said.push(one)
    at = end
  }
  return said
}

function readOne(packet: Buffer): RtcpSaid | undefined {
  const [count, type] = [packet.readUInt8(0) & 0x1f, packet.readUInt8(1)]
  if (type === types.bye) {
    const ssrcs = Array.from({ length: Math.min(count, packet.length / 4 - 1) }, (_, n) =>
      packet.readUInt32BE(4 + 4 * n),
    )
    return { kind: 'bye', ssrcs }
  }
  if (packet.length < 8) return undefined
  const ssrc = packet.readUInt32BE(4)
  if (type === types.receiverReport) return { kind: 'report', ssrc, received: blocksIn(packet.subarray(8), count) }
  if (type === types.senderReport && packet.length >= 28) {
    const sent = { ntpMiddle: packet.readUInt32BE(10) }
    return { kind: 'report', ssrc, received: blocksIn(packet.subarray(28), count), sent }
  }
  if (type === types.description && count > 0) return descriptionIn(packet, ssrc)
  return undefined
}

function blocksIn(bytes: Buffer, count: number): ReceptionReport[] {
  return Array.from({ length: Math.min(count, Math.floor(bytes.length / 24)) }, (_, n) => {
    const at = 24 * n
    return {
      ssrc: bytes.readUInt32BE(at),
      lostShare: bytes.readUInt8(at + 4) / 256,
      lost: bytes.readIntBE(at + 5, 3),
      highest: bytes.readUInt32BE(at + 8),
      jitter: bytes.readUInt32BE(at + 12),
      lastReport: bytes.readUInt32BE(at + 16),
      sinceLastReport: bytes.readUInt32BE(at + 20),
    }
  })
}

/** The name of the first source that is described: nobody here speaks for several. */
function descriptionIn(packet: Buffer, ssrc: number): RtcpSaid | undefined {
  for (let at = 8; at + 2 <= packet.length;) {
    const [item, length] = [packet.readUInt8(at), packet.readUInt8(at + 1)]
    if (item === 0 || at + 2 + length > packet.length) return undefined
    if (item === 1) return { kind: 'description', ssrc, cname: packet.toString('utf8', at + 2, at + 2 + length) }
    at += 2 + length
  }
  return undefined
}

/** The middle 32 bits of an NTP time, by which reports name each other (RFC 3550 section 4). */
export function ntpMiddleOf(atMs: number): number {
  return Math.floor((((atMs / 1000 + ntpEpochS) % 0x1_0000) * 0x1_0000) % 2 ** 32)
}

/** `count` is what stands in the first byte beside the version. */
function packetOf(count: number, type: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.from([0x80 | count, type, 0, 0])
  head.writeUInt16BE(body.length / 4, 2)
  return Buffer.concat([head, body])
}

function wordOf(value: number): Buffer {
  const word = Buffer.alloc(4)
  word.writeUInt32BE(value >>> 0)
  return word
}

function senderInfoOf({ atMs, timestamp, packets, bytes }: SenderInfo): Buffer {
  const [seconds, rest] = [Math.floor(atMs / 1000) + ntpEpochS, (atMs % 1000) / 1000]
  return Buffer.concat([seconds, rest * 2 ** 32, timestamp, packets, bytes].map((value) => wordOf(Math.floor(value))))
}

function blockOf(report: ReceptionReport): Buffer {
  const { ssrc, lostShare, lost, highest, jitter = 0, lastReport = 0, sinceLastReport = 0 } = report
  const share = Math.min(255, Math.floor(lostShare * 256))
  const lostWord = ((share << 24) | Math.min(lost, 0x7f_ffff)) >>> 0
  return Buffer.concat([ssrc, lostWord, highest % 2 ** 32, Math.floor(jitter), lastReport, sinceLastReport].map(wordOf))
}

function descriptionOf(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname)
  const item = Buffer.concat([Buffer.from([1, name.length]), name])
  // One zero ends the items, and up to three more fill the word.
  const padded = Buffer.alloc(4 * Math.ceil((item.length + 1) / 4))
  item.copy(padded)
  return packetOf(1, types.description, [wordOf(ssrc), padded])
}
