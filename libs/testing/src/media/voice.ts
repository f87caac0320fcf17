/** Sound as it goes over the wire: encoded once, before anybody speaks, and played in a loop. */
import { Application, createEncoder } from 'libopus-wasm'
import { readSound, sine, type Rate, type Samples, type Sound } from './sounds.ts'
import { levelOf } from './spectrum.ts'

/** Packets of 20 ms. */
export type Voice = {
  payloads: readonly Uint8Array[]
  /** How loud each packet is, in dB below overload, as RFC 6464 counts: 127 is silence. */
  levels: readonly number[]
}

/** RFC 7587 section 4.1: whatever is in it, Opus counts 48,000 samples a second. */
const opusClockRate = 48_000
export const opusTicks = opusClockRate / 50

/** Enough for speech and tones in all their frequencies. */
const bitrate = 32_000
/** RFC 6716 section 3.1: a frame of CELT without any bytes, which decodes to silence. */
export const silence: Voice = { payloads: [Uint8Array.of(0xf8, 0xff, 0xfe)], levels: [127] }

const tones = new Map<string, Promise<Voice>>()

/** Makes sound ready. A tone that somebody has already is shared. */
export async function voiceOf(sound: Sound): Promise<Voice> {
  if (typeof sound === 'object' && 'file' in sound) return encode(await readSound(sound))
  const { hz, dBFS } = typeof sound === 'number' ? { hz: sound } : sound
  const name = `${hz} ${dBFS ?? ''}`
  const known = tones.get(name) ?? encode(sine(hz, dBFS))
  tones.set(name, known)
  return known
}

async function encode({ rate, samples }: Samples): Promise<Voice> {
  const encoder = await createEncoder({
    channels: 1,
    sampleRate: rate,
    application: Application.Audio,
    frameSize: rate / 50,
    bitrate,
    complexity: 5,
  })
  try {
    const frames = framesOf(samples, rate)
    // Once for the encoder alone: where the loop closes, it is to be as warm as everywhere else.
    encoder.encodeFloatFrames(frames)
    return { payloads: encoder.encodeFloatFrames(frames), levels: frames.map(belowOverload) }
  } finally {
    encoder.free()
  }
}

/** Pieces of 20 ms, the last one filled with silence. */
function framesOf(samples: Float32Array, rate: Rate): Float32Array[] {
  const size = rate / 50
  return Array.from({ length: Math.max(1, Math.ceil(samples.length / size)) }, (_, n) => {
    const frame = new Float32Array(size)
    frame.set(samples.subarray(n * size, (n + 1) * size))
    return frame
  })
}

/** A sine of full scale is 3 dB below overload, which is a square wave of full scale. */
function belowOverload(frame: Float32Array): number {
  return Math.min(127, Math.max(0, Math.round(3 - levelOf(frame))))
}
