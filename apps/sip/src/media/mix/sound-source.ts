/** One sound that is mixed: its packets, evened out, decoded, made up for where they are lost, 20 ms at a time. */
import { Concealment, JitterBuffer, levelOf } from '@parley/rtp'
import type { PhoneCodec } from '../agreed.ts'
import type { HeardPacket } from '../incoming.ts'
import { ticksPerMsOf } from '../phone-line.ts'
import { tickMs } from '../ticker.ts'
import { newDecoder, type Decoder, type MixRate } from './codecs.ts'

/** In dB below overload: nobody misses 20 ms of what is quieter. */
const quietLevel = 53
/** In quiet moments so much is put right, and not more often than this; without any, from so much on at once. */
const correction = { fromMs: 20, everyMs: 2_000, atOnceFromMs: 60 }
const blendMs = 5

export class SoundSource {
  readonly codec: PhoneCodec
  readonly rate: MixRate
  readonly #frame: number
  readonly #buffer: JitterBuffer
  readonly #decoder: Decoder
  readonly #concealment: Concealment
  /** What was decoded and not yet played. */
  #samples = new Int16Array()
  #correctedAtMs = -Infinity
  #stream: number | undefined

  constructor(codec: PhoneCodec, rate: MixRate) {
    this.codec = codec
    this.rate = rate
    this.#frame = (rate / 1000) * tickMs
    this.#buffer = new JitterBuffer(ticksPerMsOf(codec))
    this.#decoder = newDecoder(codec, rate)
    this.#concealment = new Concealment(rate)
  }

  put({ stream, sequence, timestamp, payload }: HeardPacket, nowMs: number): void {
    if (stream !== this.#stream) this.#buffer.reset()
    this.#stream = stream
    this.#buffer.put({ sequence, timestamp, payload }, nowMs)
  }

  /** The next 20 ms. */
  take(nowMs: number): Int16Array {
    const frame = this.#next(nowMs)
    const excessMs = this.#buffer.excessMs(nowMs)
    const mayCorrect = nowMs - this.#correctedAtMs >= correction.everyMs && levelOf(frame) >= quietLevel
    if (mayCorrect && Math.abs(excessMs) >= correction.fromMs) {
      this.#correctedAtMs = nowMs
      if (excessMs > 0) this.#buffer.advance(tickMs)
      else this.#samples = joined(new Int16Array(this.#frame), this.#samples)
      return frame
    }
    return excessMs >= correction.atOnceFromMs ? blended(frame, this.#next(nowMs), this.rate) : frame
  }

  close(): void {
    this.#decoder.close?.()
  }

  #next(nowMs: number): Int16Array {
    if (this.#samples.length === 0) {
      const whole = this.#more(nowMs)
      if (whole.length === this.#frame) return whole
      this.#samples = joined(whole, this.#samples)
    }
    while (this.#samples.length < this.#frame) this.#samples = joined(this.#samples, this.#more(nowMs))
    const frame = this.#samples.slice(0, this.#frame)
    this.#samples = this.#samples.slice(this.#frame)
    return frame
  }

  #more(nowMs: number): Int16Array {
    const taken = this.#buffer.take(nowMs)
    if (taken.kind === 'packet') {
      const samples = this.#decoded(taken.payload)
      if (samples === undefined) this.#buffer.advance(tickMs)
      else {
        this.#buffer.advance((samples.length * 1000) / this.rate)
        return this.#concealment.heard(samples)
      }
    }
    return taken.kind === 'silent' ? this.#concealment.silent(this.#frame) : this.#concealment.madeUp(this.#frame)
  }

  /** Undefined for what somebody sends as this codec and is not. */
  #decoded(payload: Buffer): Int16Array | undefined {
    try {
      const samples = this.#decoder.decode(payload)
      return samples.length === 0 ? undefined : samples
    } catch {
      return undefined
    }
  }
}

function joined(one: Int16Array, other: Int16Array): Int16Array<ArrayBuffer> {
  const all = new Int16Array(one.length + other.length)
  all.set(one)
  all.set(other, one.length)
  return all
}

/** Two frames in the time of one: the second, into which the first one fades. */
function blended(first: Int16Array, second: Int16Array, rate: MixRate): Int16Array {
  const length = (rate / 1000) * blendMs
  return second.map((sample, n) =>
    n < length ? Math.round((sample * n + (first[n] ?? 0) * (length - n)) / length) : sample,
  )
}
