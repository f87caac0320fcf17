/** The few RTCP packets that a participant says (RFC 3550 section 6, RFC 4585 section 6.3.1) and understands. */

/** How one stream is received. */
export type ReceptionReport = {
  ssrc: number
  /** Of the packets since the last report, from 0 to 1. */
  lostShare: number
  lost: number
  /** Highest sequence number, with its rollover counter above it. */
  highest: number
}

/** What one has sent of one's own stream so far. */
export type SenderInfo = { atMs: number; timestamp: number; packets: number; bytes: number }

const types = { senderReport: 200, receiverReport: 201, description: 202, payloadFeedback: 206 } as const
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

/** Jitter and the times of sender reports are zeros: who reports does not measure them. */
function blockOf({ ssrc, lostShare, lost, highest }: ReceptionReport): Buffer {
  const share = Math.min(255, Math.floor(lostShare * 256))
  const lostWord = ((share << 24) | Math.min(lost, 0x7f_ffff)) >>> 0
  return Buffer.concat([ssrc, lostWord, highest % 2 ** 32, 0, 0, 0].map(wordOf))
}

function descriptionOf(ssrc: number, cname: string): Buffer {
  const name = Buffer.from(cname)
  const item = Buffer.concat([Buffer.from([1, name.length]), name])
  // One zero ends the items, and up to three more fill the word.
  const padded = Buffer.alloc(4 * Math.ceil((item.length + 1) / 4))
  item.copy(padded)
  return packetOf(1, types.description, [wordOf(ssrc), padded])
}
