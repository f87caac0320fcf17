/** What the echo bot says: prompts of its own, made by tools/prompts, and what it has recorded. */
import { readFile } from 'node:fs/promises'
import type { types } from 'mediasoup'

/** A piece of sound: when it is due, counted from the first one, in milliseconds and in the codec's clock. */
export type Frame = { atMs: number; timestamp: number; marker: boolean; payload: Buffer; dbov?: number }
export type Words = { codec: types.RtpCodecParameters; frames: Frame[] }
export type Prompts = { greeting: Words; tone: Words }

/** Payload type 0 and 8 kHz, by RFC 3551. */
const pcmu: types.RtpCodecParameters = { mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8_000, rtcpFeedback: [] }
const frameMs = 20
const frameBytes = 160

let prompts: Promise<Prompts> | undefined

/** The prompts, read once. */
export function readPrompts(): Promise<Prompts> {
  prompts ??= Promise.all([readPrompt('greeting'), readPrompt('tone')]).then(([greeting, tone]) => ({ greeting, tone }))
  return prompts
}

async function readPrompt(name: string): Promise<Words> {
  const sound = await readFile(new URL(`../prompts/${name}.ulaw`, import.meta.url))
  const frames = Array.from({ length: Math.floor(sound.length / frameBytes) }, (_, index) => {
    const payload = sound.subarray(index * frameBytes, (index + 1) * frameBytes)
    const due = { atMs: index * frameMs, timestamp: index * frameBytes }
    return { ...due, marker: index === 0, payload, dbov: levelOf(payload) }
  })
  return { codec: pcmu, frames }
}

/** How loud a frame of µ-law is, in dBov. */
function levelOf(payload: Buffer): number {
  const power = payload.reduce((sum, byte) => sum + linear(byte) ** 2, 0) / payload.length
  return power === 0 ? -127 : Math.max(-127, Math.round(10 * Math.log10(power / 32_768 ** 2)))
}

/** ITU-T G.711 table 2a: sign, exponent and mantissa, all of them inverted on the wire. */
function linear(byte: number): number {
  const bits = ~byte & 0xff
  const magnitude = (((bits & 0x0f) << 3) + 0x84) << ((bits & 0x70) >> 4)
  return (bits & 0x80) === 0 ? magnitude - 0x84 : 0x84 - magnitude
}
