/** Music on hold: a few chords, made out of sines when they are first needed, so that no file and no licence is. */
import { encodeG711, g711Rate } from '@parley/rtp'

/** Four chords, note by note, in Hz; the loop ends where it began. */
const chords = [
  [261.63, 329.63, 392.0, 523.25],
  [220.0, 261.63, 329.63, 440.0],
  [174.61, 220.0, 261.63, 349.23],
  [196.0, 246.94, 293.66, 392.0],
]
const noteMs = 500
/** A note sounds on under the next ones. */
const decayMs = 700
/** About -20 dBFS when several sound at once. */
const amplitude = 3_000

let loop: Buffer | undefined

/** The loop, in µ-law; whole frames of 20 ms. */
export function music(): Buffer {
  loop ??= encodeG711('PCMU', samplesOf(chords.flat()))
  return loop
}

function samplesOf(notes: readonly number[]): Int16Array {
  const noteLength = (noteMs * g711Rate) / 1000
  const sum = new Float64Array(notes.length * noteLength)
  for (const [place, hz] of notes.entries()) {
    for (let n = 0; n < 4 * noteLength; n += 1) {
      const at = (place * noteLength + n) % sum.length
      sum[at] =
        (sum[at] ?? 0) + amplitude * envelopeOf((n * 1000) / g711Rate) * Math.sin((2 * Math.PI * hz * n) / g711Rate)
    }
  }
  return Int16Array.from(sum, Math.round)
}

/** Struck softly, and fading. */
function envelopeOf(ms: number): number {
  return Math.min(1, ms / 30) * Math.exp(-ms / decayMs)
}
