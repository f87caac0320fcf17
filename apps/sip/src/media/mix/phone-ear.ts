/** What a phone hears where it is not just handed on: the mix, what the platform says on top of it, in the phone's codec. */
import { decodeG711 } from '@parley/rtp'
import type { PhoneCodec } from '../agreed.ts'
import type { Played } from '../player.ts'
import { newEncoder, type Encoder, type MixRate } from './codecs.ts'
import { limited } from './limiter.ts'
import { Doubling } from './resampling.ts'

/** Others are 12 dB quieter while somebody is told something. */
const ducked = 10 ** (-12 / 20)

export class PhoneEar {
  readonly codec: PhoneCodec
  readonly rate: MixRate
  readonly #encoder: Encoder
  readonly #doubling = new Doubling()

  constructor(codec: PhoneCodec, rate: MixRate) {
    this.codec = codec
    this.rate = rate
    this.#encoder = newEncoder(codec, rate)
  }

  close(): void {
    this.#encoder.close?.()
  }

  /** 20 ms in the phone's codec. Music takes the place of others, a prompt is laid over them. */
  encode(others: Int16Array, played: Played | undefined): Uint8Array {
    if (played === undefined) return this.#encoder.encode(others)
    const narrow = decodeG711('PCMU', played.pcmu)
    const said = this.rate === 8_000 ? narrow : this.#doubling.of(narrow)
    if (played.kind === 'music') return this.#encoder.encode(said)
    return this.#encoder.encode(limited(Int32Array.from(said, (sample, n) => sample + ducked * (others[n] ?? 0))))
  }
}
