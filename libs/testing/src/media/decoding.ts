/** Sound out of the payloads of packets: Opus by a library, G.711 by its table. */
import { decodeG711, g711Rate } from '@parley/rtp'
import { createDecoder } from 'libopus-wasm'
import { toneOf, type Tone } from './spectrum.ts'

/** Codecs that are understood, by their name in SDP, in lower case. */
export type Codec = 'opus' | 'pcmu' | 'pcma'

/** Enough for every tone up to 8 kHz, at a third of the work. */
const opusRate = 16_000
/** Until then a decoder that came into the middle of a stream still finds its way. */
const settlingPackets = 2

/** The tone of some packets in a row. A payload that cannot be decoded is passed over. */
export async function toneOfPackets(codec: Codec, payloads: readonly Uint8Array[]): Promise<Tone> {
  if (codec === 'opus') return toneOf(joined(await decodeOpus(payloads)), opusRate)
  const law = codec === 'pcmu' ? 'PCMU' : 'PCMA'
  const decoded = payloads.map((payload) => Float32Array.from(decodeG711(law, payload), (sample) => sample / 32_768))
  return toneOf(joined(decoded), g711Rate)
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
