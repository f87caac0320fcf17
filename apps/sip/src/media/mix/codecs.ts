/** What turns payloads into samples and samples into payloads. Only what is mixed has such a thing; relays have none. */
import { Decoder as OpusDecoder, Encoder as OpusEncoder } from '@evan/opus'
import { decodeG711, encodeG711, G722Decoder, G722Encoder, type G711Law } from '@parley/rtp'
import type { PhoneCodec } from '../agreed.ts'
import { Doubling, Halving } from './resampling.ts'

/** How many samples a second are mixed: 16,000 as soon as somebody can hear them. */
export type MixRate = 8_000 | 16_000

export type Decoder = {
  /** @throws for a payload that is none */
  decode(payload: Uint8Array): Int16Array
}
export type Encoder = {
  /** Takes 20 ms. */
  encode(samples: Int16Array): Uint8Array
}

/** For voices on phones: half of what Opus can do at best costs a third of the time. */
const opusSettings = { bitrate: 24_000, complexity: 5, signal: 'voice', inband_fec: true, packet_loss: 10 } as const

let made = 0
/** How many codecs this thread has made since it began. */
export const codecsMade = (): number => made

export function newDecoder(codec: PhoneCodec, rate: MixRate): Decoder {
  made += 1
  if (codec === 'opus') return opusDecoder(rate)
  return codec === 'G722' ? g722Decoder(rate) : g711Decoder(codec, rate)
}

export function newEncoder(codec: PhoneCodec, rate: MixRate): Encoder {
  made += 1
  if (codec === 'opus') return opusEncoder(rate)
  return codec === 'G722' ? g722Encoder(rate) : g711Encoder(codec, rate)
}

function g711Decoder(law: G711Law, rate: MixRate): Decoder {
  if (rate === 8_000) return { decode: (payload) => decodeG711(law, payload) }
  const doubling = new Doubling()
  return { decode: (payload) => doubling.of(decodeG711(law, payload)) }
}

function g711Encoder(law: G711Law, rate: MixRate): Encoder {
  if (rate === 8_000) return { encode: (samples) => encodeG711(law, samples) }
  const halving = new Halving()
  return { encode: (samples) => encodeG711(law, halving.of(samples)) }
}

function g722Decoder(rate: MixRate): Decoder {
  const decoder = new G722Decoder()
  if (rate === 16_000) return decoder
  const halving = new Halving()
  return { decode: (payload) => halving.of(decoder.decode(payload)) }
}

function g722Encoder(rate: MixRate): Encoder {
  const encoder = new G722Encoder()
  if (rate === 16_000) return encoder
  const doubling = new Doubling()
  return { encode: (samples) => encoder.encode(doubling.of(samples)) }
}

function opusDecoder(rate: MixRate): Decoder {
  const decoder = new OpusDecoder({ channels: 1, sample_rate: rate })
  return {
    decode: (payload) => {
      if (payload.length === 0) throw new Error('Opus has no empty packets.')
      const bytes = decoder.decode(payload)
      // The library's own memory need not lie where 16-bit samples may.
      return new Int16Array(bytes.slice().buffer)
    },
  }
}

function opusEncoder(rate: MixRate): Encoder {
  const encoder = new OpusEncoder({ channels: 1, sample_rate: rate, application: 'voip' })
  Object.assign(encoder, opusSettings)
  return { encode: (samples) => encoder.encode(samples).slice() }
}
