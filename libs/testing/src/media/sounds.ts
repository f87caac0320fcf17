/** What can be said: a tone, or a file. Becomes samples between -1 and 1. */
import { readFile } from 'node:fs/promises'

/** Sampling rates that Opus takes. */
const rates = [8_000, 12_000, 16_000, 24_000, 48_000] as const
export type Rate = (typeof rates)[number]

/** A file is a WAV of 16-bit samples, or, with `rate`, bare ones (little-endian, mono). It is played in a loop. */
export type Sound = number | { hz: number; dBFS?: number } | { file: string; rate?: Rate }

export type Samples = { rate: Rate; samples: Float32Array }

/** About as loud as a person who speaks into a headset. */
const voiceDBFS = -20

/** A second of a sine, which may be played in a loop: `hz` is taken to the next whole number. */
export function sine(hz: number, dBFS = voiceDBFS): Samples {
  const [rate, amplitude] = [48_000, 10 ** (dBFS / 20)] as const
  const turn = (2 * Math.PI * Math.round(hz)) / rate
  return { rate, samples: Float32Array.from({ length: rate }, (_, n) => amplitude * Math.sin(turn * n)) }
}

/** Reads a file of sound. @throws when it is none that is understood, with what is wrong */
export async function readSound({ file, rate }: { file: string; rate?: Rate }): Promise<Samples> {
  const bytes = await readFile(file)
  if (rate !== undefined) return { rate, samples: mono(bytes, 1) }
  try {
    return readWav(bytes)
  } catch (cause) {
    throw new Error(`${file} cannot be played: ${(cause as Error).message}`, { cause }) // readWav throws nothing else
  }
}

/** Reads a WAV file: RIFF with 16-bit PCM, one channel or more, which are mixed into one. */
export function readWav(bytes: Buffer): Samples {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    throw new Error('it is no WAV file; bare samples need their rate.')
  }
  const format = chunkOf(bytes, 'fmt ')
  if (format.length < 16) throw new Error('it has no part "fmt " that can be read.')
  const [encoding, channels, rate, bits] = [
    format.readUInt16LE(0),
    format.readUInt16LE(2),
    format.readUInt32LE(4),
    format.readUInt16LE(14),
  ]
  if (encoding !== 1 || bits !== 16) throw new Error('its samples are not PCM of 16 bits.')
  const known = rates.find((one) => one === rate)
  if (known === undefined) throw new Error(`it has ${rate} samples a second, and Opus takes ${rates.join(', ')}.`)
  return { rate: known, samples: mono(chunkOf(bytes, 'data'), channels) }
}

function chunkOf(bytes: Buffer, name: string): Buffer {
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4)
    if (bytes.toString('latin1', at, at + 4) === name) return bytes.subarray(at + 8, at + 8 + length)
    at += 8 + length + (length % 2) // chunks begin at even places
  }
  throw new Error(`it has no part "${name}".`)
}

function mono(bytes: Buffer, channels: number): Float32Array {
  const length = Math.floor(bytes.length / (2 * channels))
  return Float32Array.from({ length }, (_, n) => {
    let sum = 0
    for (let channel = 0; channel < channels; channel += 1) sum += bytes.readInt16LE(2 * (n * channels + channel))
    return sum / channels / 32_768
  })
}
