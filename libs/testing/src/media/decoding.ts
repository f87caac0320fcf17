/** Sound out of the payloads of packets: Opus by a library, G.711 by its table (ITU-T G.711). */
import { createDecoder } from 'libopus-wasm'
import { toneOf, type Tone } from './spectrum.ts'

/** Codecs that are understood, by their name in SDP, in lower case. */
export type Codec = 'opus' | 'pcmu' | 'pcma'

/** Enough for every tone up to 8 kHz, at a third of the work. */
const opusRate = 16_000
const g711Rate = 8_000
/** Until then a decoder that came into the middle of a stream still finds its way. */
const settlingPackets = 2

/** The tone of some packets in a row. A payload that cannot be decoded is passed over. */
export async function toneOfPackets(codec: Codec, payloads: readonly Uint8Array[]): Promise<Tone> {
  if (codec === 'opus') return toneOf(joined(await decodeOpus(payloads)), opusRate)
  const law = codec === 'pcmu' ? mu : a
  return toneOf(joined(payloads.map((payload) => Float32Array.from(payload, (byte) => law[byte] ?? 0))), g711Rate)
}

async function decodeOpus(payloads: readonly Uint8Array[]): Promise<Float32Array[]> {
  const decoder = await createDecoder({ channels: 1, sampleRate: opusRate })
  const decode = (payload: Uint8Array): Float32Array => {
    try {
      return decoder.decodeFloat(payload)
    } catch {
      // What somebody sends as Opus need not be Opus; it is no sound then.
      return new Float32Array()
    }
  }
  try {
    return payloads.map(decode).slice(settlingPackets)
  } finally {
    decoder.free()
  }
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

/** Sign, exponent of three bits, mantissa of four; all bits are sent inverted. */
const mu = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = ~byte & 0xff
  const magnitude = ((((bits & 0x0f) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
  return ((bits & 0x80) === 0 ? magnitude : -magnitude) / 32_768
})

/** The same, but every other bit is inverted, and the lowest exponent is linear. */
const a = Float32Array.from({ length: 256 }, (_, byte) => {
  const bits = byte ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 0x0f) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return ((bits & 0x80) === 0 ? -magnitude : magnitude) / 32_768
})
