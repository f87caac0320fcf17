/** The sounds of the phone as numbers: computed, so that no recording has to be carried along. */
import type { Sound } from './status.ts'

type Note = { atS: number; lengthS: number; hz: readonly number[]; level: number }
type Pattern = { cycleS: number; notes: readonly Note[] }

// prettier-ignore
export const patterns: Readonly<Record<Exclude<Sound, 'silence'>, Pattern>> = {
  // What a caller in most of Europe hears: 425 Hz, one second in five (ITU-T E.180 supplement 2).
  ringback: { cycleS: 5, notes: [{ atS: 0, lengthS: 1, hz: [425], level: 0.1 }] },
  // A call of two chimes: friendly, and easily told from the ringback.
  ringing:  { cycleS: 3, notes: [
    { atS: 0,    lengthS: 0.5, hz: [659.3, 1318.5], level: 0.16 },
    { atS: 0.22, lengthS: 0.5, hz: [830.6, 1661.2], level: 0.16 },
    { atS: 0.44, lengthS: 0.9, hz: [987.8, 1975.5], level: 0.16 },
  ] },
  // In the ear of somebody who talks: short, low in level, seldom.
  knocking: { cycleS: 4, notes: [
    { atS: 0,    lengthS: 0.18, hz: [440], level: 0.06 },
    { atS: 0.28, lengthS: 0.18, hz: [440], level: 0.06 },
  ] },
}

const attackS = 0.012

/** One cycle of a pattern, to be played in a loop. Values lie within -1 and 1. */
export function samplesOf(pattern: Pattern, sampleRateHz: number): Float32Array<ArrayBuffer> {
  const samples = new Float32Array(Math.round(pattern.cycleS * sampleRateHz))
  for (const note of pattern.notes) add(note, samples, sampleRateHz)
  return samples
}

function add(note: Note, samples: Float32Array, sampleRateHz: number): void {
  const first = Math.round(note.atS * sampleRateHz)
  const count = Math.min(Math.round(note.lengthS * sampleRateHz), samples.length - first)
  for (let n = 0; n < count; n++) {
    const atS = n / sampleRateHz
    const wave = note.hz.reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * atS), 0) / note.hz.length
    samples[first + n] = (samples[first + n] ?? 0) + wave * note.level * envelope(atS, note)
  }
}

/** Rises within `attackS` and is back at zero at the end of the note: a step in the wave would be heard as a click. */
function envelope(atS: number, note: Note): number {
  const rise = Math.min(1, atS / attackS)
  const left = Math.max(0, 1 - atS / note.lengthS)
  return rise * (note.hz.length > 1 ? left * left : Math.min(1, (left * note.lengthS) / attackS))
}
