/** What a telephone has heard, as baresip records it: a WAV that grows while sound comes. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shareOf, tonesHz } from './tones.ts'

/** What is heard in a stretch: whether there is sound, and the tones of people in it. */
type Heard = { isLoud: boolean; tones: number[] }

/** Longer than it takes to record anything on a busy machine. */
const deafAfterMs = 500
/** The stretch in which tones are looked for. */
const stretchS = 0.5
const headerBytes = 44

export class Recording {
  readonly #folder: string
  /** How much it was when that last became more. */
  #grown = { bytes: 0, atMs: 0 }

  /** The newest recording in baresip's folder. */
  constructor(folder: string) {
    this.#folder = folder
  }

  get lengthS(): number {
    const wav = this.#read()
    return wav === undefined ? 0 : secondsOf(wav)
  }

  /** The last half second that was recorded; undefined as long as there is none. */
  now(): Heard | undefined {
    const wav = this.#read()
    if (wav === undefined) return undefined
    if (wav.length !== this.#grown.bytes) this.#grown = { bytes: wav.length, atMs: performance.now() }
    // What it does not decode any more it does not record, either: baresip is deaf while it is held.
    if (performance.now() - this.#grown.atMs > deafAfterMs) return { isLoud: false, tones: [] }
    return heardIn(wav, secondsOf(wav) - stretchS)
  }

  /** The tones of each half second that was recorded from a second on. */
  tonesSince(second: number): number[][] {
    const wav = this.#read()
    if (wav === undefined) return []
    const count = Math.floor((secondsOf(wav) - second) / stretchS)
    return Array.from({ length: count }, (_, n) => heardIn(wav, second + n * stretchS)?.tones ?? [])
  }

  #read(): Buffer | undefined {
    const newest = readdirSync(this.#folder)
      .filter((name) => name.endsWith('-dec.wav'))
      .toSorted()
      .at(-1)
    const wav = newest === undefined ? undefined : readFileSync(join(this.#folder, newest))
    return wav === undefined || wav.length < headerBytes ? undefined : wav
  }
}

function formOf(wav: Buffer): { channels: number; sampleRate: number } {
  return { channels: wav.readUInt16LE(22), sampleRate: wav.readUInt32LE(24) }
}

function secondsOf(wav: Buffer): number {
  const { channels, sampleRate } = formOf(wav)
  return (wav.length - headerBytes) / 2 / channels / sampleRate
}

/** Half a second of a recording; undefined where it is not that long. */
function heardIn(wav: Buffer, second: number): Heard | undefined {
  const { channels, sampleRate } = formOf(wav)
  const [from, wanted] = [Math.floor(second * sampleRate), Math.floor(sampleRate * stretchS)]
  const at = (sample: number): number => headerBytes + 2 * channels * sample
  if (from < 0 || at(from + wanted) > wav.length) return undefined
  const samples = Float64Array.from({ length: wanted }, (_, n) => wav.readInt16LE(at(from + n)))
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / wanted
  const isLoud = power >= 50
  return { isLoud, tones: isLoud ? tonesHz.filter((hz) => shareOf(samples, hz, sampleRate) > 0.05 * power) : [] }
}
