/** What turns payloads into samples and samples into payloads. Only what is mixed has such a thing; relays have none. */
import {
  Application,
  createDecoder,
  createEncoder,
  Signal,
  type OpusDecoderHandle,
  type OpusEncoderHandle,
} from 'libopus-wasm'
import { decodeG711, encodeG711, G722Decoder, G722Encoder, type G711Law } from '@parley/rtp'
import type { PhoneCodec } from '../agreed.ts'
import { Doubling, Halving } from './resampling.ts'

/** How many samples a second are mixed: 16,000 as soon as somebody can hear them. */
export type MixRate = 8_000 | 16_000

export type Decoder = {
  /** @throws for a payload that is none */
  decode(payload: Uint8Array): Int16Array
  /** Opus has memory of its own, which nobody collects. */
  close?(): void
}
export type Encoder = {
  /** Takes 20 ms. */
  encode(samples: Int16Array): Uint8Array
  close?(): void
}

/** For voices on phones: half of what Opus can do at best costs a third of the time. */
// prettier-ignore
const opusSettings = {
  application: Application.Voip, signal: Signal.Voice, bitrate: 24_000, complexity: 5, fec: true, packetLossPercent: 10,
}
/** RFC 6716 section 3.1: a frame of CELT without any bytes, which decodes to silence. */
export const opusSilence = Buffer.of(0xf8, 0xff, 0xfe)

let made = 0
/** How many codecs this thread has made since it began. */
export const codecsMade = (): number => made

export function newDecoder(codec: PhoneCodec, rate: MixRate): Decoder {
  made += 1
  if (codec === 'opus') return new OpusDecoder(rate)
  return codec === 'G722' ? g722Decoder(rate) : g711Decoder(codec, rate)
}

export function newEncoder(codec: PhoneCodec, rate: MixRate): Encoder {
  made += 1
  if (codec === 'opus') return new OpusEncoder(rate)
  return codec === 'G722' ? g722Encoder(rate) : g711Encoder(codec, rate)
}

function g711Decoder(law: G711Law, rate: MixRate): Decoder {
  if (rate === 8_000) return { decode: (payload) => decodeG711(law, payload) }
  const doubling = new Doubling()
  return { decode: (payload) => doubling.of(decodeG711(law, payload)) }
}

function g711Encoder(law: G711Law, rate: MixRate): Encoder {
  if (rate === 8_000) return { encode: (samples) => encodedOnce(law, samples) }
  const halving = new Halving()
  return { encode: (samples) => encodeG711(law, halving.of(samples)) }
}

const lastEncoded: Partial<Record<G711Law, { samples: Int16Array; payload: Uint8Array }>> = {}

/** Those who say nothing hear one frame, and G.711 remembers nothing: so one of them has it encoded for all. */
function encodedOnce(law: G711Law, samples: Int16Array): Uint8Array {
  const last = lastEncoded[law]
  if (last?.samples === samples) return last.payload
  const payload = encodeG711(law, samples)
  lastEncoded[law] = { samples, payload }
  return payload
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

/** The library opens a codec a moment later; until then there is silence. One that cannot be opened ends the thread. */
class OpusDecoder implements Decoder {
  readonly #silence: Int16Array
  #opened: OpusDecoderHandle | undefined
  #isClosed = false

  constructor(rate: MixRate) {
    this.#silence = new Int16Array(rate / 50)
    void this.#open(rate)
  }

  decode(payload: Uint8Array): Int16Array {
    if (payload.length === 0) throw new Error('Opus has no empty packets.')
    return this.#opened?.decode(payload) ?? this.#silence
  }

  close(): void {
    this.#isClosed = true
    this.#opened?.free()
    this.#opened = undefined
  }

  async #open(rate: MixRate): Promise<void> {
    const opened = await createDecoder({ channels: 1, sampleRate: rate })
    if (this.#isClosed) opened.free()
    else this.#opened = opened
  }
}

/** The same the other way round. */
class OpusEncoder implements Encoder {
  #opened: OpusEncoderHandle | undefined
  #isClosed = false

  constructor(rate: MixRate) {
    void this.#open(rate)
  }

  encode(samples: Int16Array): Uint8Array {
    return this.#opened?.encode(samples) ?? opusSilence
  }

  close(): void {
    this.#isClosed = true
    this.#opened?.free()
    this.#opened = undefined
  }

  async #open(rate: MixRate): Promise<void> {
    const opened = await createEncoder({ channels: 1, sampleRate: rate, frameSize: rate / 50, ...opusSettings })
    if (this.#isClosed) opened.free()
    else this.#opened = opened
  }
}
