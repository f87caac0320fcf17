/** What can be shown: VP8 out of a file, or frames that are there to be counted. */
import { readFile } from 'node:fs/promises'

/**
 * A file is an IVF with VP8, which begins with a whole picture and is shown in a loop. Without one, frames are made that
 * have all the headers of VP8 and no picture behind them: enough for whoever counts them, nothing for eyes.
 */
export type Picture = { file: string } | { framesPerS?: number }

/** A moving picture, cut into the payloads of packets. */
export type Film = { framesPerS: number; frames: readonly (readonly Uint8Array[])[] }

/** With headers and a tag it stays below what the internet carries in one piece. */
const chunkBytes = 1_100
const usualFramesPerS = 15
const [width, height] = [320, 180]

/** Makes a picture ready. @throws when its file is none that is understood, with what is wrong */
export async function filmOf(picture: Picture): Promise<Film> {
  if (!('file' in picture)) {
    return { framesPerS: picture.framesPerS ?? usualFramesPerS, frames: [cut(emptyFrame(width, height))] }
  }
  try {
    return readIvf(await readFile(picture.file))
  } catch (cause) {
    throw new Error(`${picture.file} cannot be shown: ${(cause as Error).message}`, { cause }) // readIvf throws nothing else
  }
}

/** Reads an IVF file: a header of 32 bytes, and frames with 12 bytes before each. */
export function readIvf(bytes: Buffer): Film {
  if (bytes.length < 32 || bytes.toString('latin1', 0, 4) !== 'DKIF') throw new Error('it is no IVF file.')
  const codec = bytes.toString('latin1', 8, 12)
  if (codec !== 'VP80') throw new Error(`it is ${codec}, and only VP8 is sent.`)
  const framesPerS = bytes.readUInt32LE(16) / Math.max(1, bytes.readUInt32LE(20))
  const frames: Uint8Array[][] = []
  for (let at = bytes.readUInt16LE(6); at + 12 <= bytes.length;) {
    const length = bytes.readUInt32LE(at)
    frames.push(cut(bytes.subarray(at + 12, at + 12 + length)))
    at += 12 + length
  }
  const isWhole = frames[0]?.[0] !== undefined && ((frames[0][0][1] ?? 1) & 1) === 0
  if (!isWhole || framesPerS === 0) throw new Error('it does not begin with a whole picture.')
  return { framesPerS, frames }
}

/** RFC 7741 section 4.2: before each piece of a frame stands a byte, in which the first one is marked. */
function cut(frame: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.max(1, Math.ceil(frame.length / chunkBytes)) }, (_, n) => {
    const piece = frame.subarray(n * chunkBytes, (n + 1) * chunkBytes)
    const payload = new Uint8Array(1 + piece.length)
    payload[0] = n === 0 ? 0x10 : 0
    payload.set(piece, 1)
    return payload
  })
}

/** RFC 6386 section 9.1: the tag of a key frame that is to be shown, the start code, and the size. */
function emptyFrame(width: number, height: number): Buffer {
  const frame = Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0])
  frame.writeUInt16LE(width, 6)
  frame.writeUInt16LE(height, 8)
  return frame
}
