/**
 * G.722 at 64 kbit/s (ITU-T G.722): 16,000 samples a second in a byte for two of them. A filter splits the sound into
 * two bands, and in each the difference to a prediction is sent: six bits for the lower band, two for the higher. Names
 * of tables and blocks are the recommendation's, section 6.
 */

/** RFC 3551 section 4.5.2: its clock in SDP and RTP is 8,000, though it has twice as many samples. */
export const g722Rate = 16_000

// prettier-ignore
const tables = {
  /** Half of the quadrature mirror filter, which is symmetrical. */
  qmf: Int16Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11),
  q6: Int16Array.of(0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023,
    1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919),
  iln: Uint8Array.of(0, 63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10,
    9, 8, 7, 6, 5, 4),
  ilp: Uint8Array.of(0, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38,
    37, 36, 35, 34, 33, 32),
  wl: Int16Array.of(-60, -30, 58, 172, 334, 538, 1198, 3042),
  rl42: Uint8Array.of(0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0),
  ilb: Int16Array.of(2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008),
  qm2: Int16Array.of(-7408, -1616, 7408, 1616),
  qm4: Int16Array.of(0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200,
    0),
  qm6: Int16Array.of(-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
    -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576,
    6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136),
  wh: Int16Array.of(0, -214, 798),
  rh2: Uint8Array.of(2, 1, 2, 1),
}

/** How the step size of a band follows its codes: SCALEL, SCALEH. */
type Scaling = { firstStep: number; highest: number; shift: number }
const lower: Scaling = { firstStep: 32, highest: 18_432, shift: 8 }
const higher: Scaling = { firstStep: 8, highest: 22_528, shift: 10 }

/** The predictor of one band, which encoder and decoder keep in step. */
class Band {
  /** What the next sample is expected to be. */
  predicted = 0
  /** The size of a step. */
  step: number
  readonly #scaling: Scaling
  #logStep = 0
  /** By the zeros: the last six differences and their weights. */
  #sz = 0
  readonly #differences = new Int32Array(7)
  readonly #zeros = new Int32Array(7)
  /** By the poles: what was made of the last two samples, and its weights. */
  #r1 = 0
  #r2 = 0
  #p1 = 0
  #p2 = 0
  #a1 = 0
  #a2 = 0

  constructor(scaling: Scaling) {
    this.#scaling = scaling
    this.step = scaling.firstStep
  }

  /** Takes the difference that was sent, and how it changes the step. */
  follow(difference: number, logChange: number): void {
    this.#adaptStep(logChange)
    const made = saturated(this.predicted + difference)
    const partial = saturated(this.#sz + difference)
    this.#adaptPoles(partial)
    this.#adaptZeros(difference)
    this.#r2 = this.#r1
    this.#r1 = made
    this.#p2 = this.#p1
    this.#p1 = partial
    this.#predict()
  }

  /** LOGSCL and SCALEL, or LOGSCH and SCALEH. */
  #adaptStep(change: number): void {
    const { highest, shift } = this.#scaling
    this.#logStep = Math.min(highest, Math.max(0, ((this.#logStep * 127) >> 7) + change))
    const [mantissa, right] = [tables.ilb[(this.#logStep >> 6) & 31] ?? 0, shift - (this.#logStep >> 11)]
    this.step = (right < 0 ? mantissa << -right : mantissa >> right) << 2
  }

  /** UPPOL2 and UPPOL1. */
  #adaptPoles(partial: number): void {
    const isLikeFirst = partial < 0 === this.#p1 < 0
    const isLikeSecond = partial < 0 === this.#p2 < 0
    const quadruple = saturated(this.#a1 << 2)
    const turned = Math.min(32_767, isLikeFirst ? -quadruple : quadruple)
    const second = (turned >> 7) + (isLikeSecond ? 128 : -128) + ((this.#a2 * 32_512) >> 15)
    this.#a2 = Math.min(12_288, Math.max(-12_288, second))
    const most = saturated(15_360 - this.#a2)
    const first = saturated((isLikeFirst ? 192 : -192) + ((this.#a1 * 32_640) >> 15))
    this.#a1 = Math.min(most, Math.max(-most, first))
  }

  /** UPZERO, and the differences move on. */
  #adaptZeros(difference: number): void {
    const [differences, zeros] = [this.#differences, this.#zeros]
    const change = difference === 0 ? 0 : 128
    for (let n = 6; n > 0; n -= 1) {
      const isAlike = (differences[n - 1] ?? 0) < 0 === difference < 0
      zeros[n] = saturated((isAlike ? change : -change) + (((zeros[n] ?? 0) * 32_640) >> 15))
    }
    for (let n = 6; n > 1; n -= 1) differences[n - 1] = differences[n - 2] ?? 0
    differences[0] = difference
  }

  /** FILTEP, FILTEZ and PREDIC. */
  #predict(): void {
    const byPoles = saturated(
      ((this.#a1 * saturated(2 * this.#r1)) >> 15) + ((this.#a2 * saturated(2 * this.#r2)) >> 15),
    )
    let byZeros = 0
    for (let n = 6; n > 0; n -= 1) {
      byZeros += ((this.#zeros[n] ?? 0) * saturated(2 * (this.#differences[n - 1] ?? 0))) >> 15
    }
    this.#sz = saturated(byZeros)
    this.predicted = saturated(byPoles + this.#sz)
  }
}

/** The last 24 samples of a filter that takes and gives two at a time. */
class Filter {
  readonly #line = new Int32Array(24)

  /** Both halves of the filter, as they are when these two samples have come. */
  take(first: number, second: number): [odd: number, even: number] {
    const line = this.#line
    line.copyWithin(0, 2)
    line[22] = first
    line[23] = second
    let [odd, even] = [0, 0]
    for (let n = 0; n < 12; n += 1) {
      odd += (line[2 * n] ?? 0) * (tables.qmf[n] ?? 0)
      even += (line[2 * n + 1] ?? 0) * (tables.qmf[11 - n] ?? 0)
    }
    return [odd, even]
  }
}

export class G722Encoder {
  readonly #low = new Band(lower)
  readonly #high = new Band(higher)
  readonly #filter = new Filter()

  /** An even count of samples at 16 kHz, as half as many bytes. */
  encode(samples: Int16Array): Buffer {
    const payload = Buffer.allocUnsafe(samples.length >> 1)
    for (let n = 0; n < payload.length; n += 1) {
      const [odd, even] = this.#filter.take(samples[2 * n] ?? 0, samples[2 * n + 1] ?? 0)
      const code = (this.#encodeHigh((even - odd) >> 14) << 6) | this.#encodeLow((even + odd) >> 14)
      payload[n] = code
    }
    return payload
  }

  /** SUBTRA, QUANTL and the feedback. */
  #encodeLow(sample: number): number {
    const band = this.#low
    const error = saturated(sample - band.predicted)
    const magnitude = error < 0 ? ~error : error
    let level = 1
    while (level < 30 && magnitude >= ((tables.q6[level] ?? 0) * band.step) >> 12) level += 1
    const code = (error < 0 ? tables.iln : tables.ilp)[level] ?? 0
    followLow(band, code)
    return code
  }

  /** SUBTRA, QUANTH and the feedback. */
  #encodeHigh(sample: number): number {
    const band = this.#high
    const error = saturated(sample - band.predicted)
    const magnitude = error < 0 ? ~error : error
    const isLarge = magnitude >= (564 * band.step) >> 12
    const code = error < 0 ? (isLarge ? 0 : 1) : isLarge ? 2 : 3
    followHigh(band, code)
    return code
  }
}

export class G722Decoder {
  readonly #low = new Band(lower)
  readonly #high = new Band(higher)
  readonly #filter = new Filter()

  /** Two samples at 16 kHz out of each byte. */
  decode(payload: Uint8Array): Int16Array {
    const samples = new Int16Array(2 * payload.length)
    for (const [n, byte] of payload.entries()) {
      const [low, high] = [this.#decodeLow(byte & 0x3f), this.#decodeHigh(byte >> 6)]
      const [odd, even] = this.#filter.take(low + high, low - high)
      samples[2 * n] = saturated(even >> 11)
      samples[2 * n + 1] = saturated(odd >> 11)
    }
    return samples
  }

  #decodeLow(code: number): number {
    const band = this.#low
    const made = limited(band.predicted + ((band.step * (tables.qm6[code] ?? 0)) >> 15))
    followLow(band, code)
    return made
  }

  #decodeHigh(code: number): number {
    const band = this.#high
    const made = limited(band.predicted + ((band.step * (tables.qm2[code] ?? 0)) >> 15))
    followHigh(band, code)
    return made
  }
}

/** The feedback of the lower band sees only the upper four bits of its code, so that two may be stolen on the way. */
function followLow(band: Band, code: number): void {
  const four = code >> 2
  band.follow((band.step * (tables.qm4[four] ?? 0)) >> 15, tables.wl[tables.rl42[four] ?? 0] ?? 0)
}

function followHigh(band: Band, code: number): void {
  band.follow((band.step * (tables.qm2[code] ?? 0)) >> 15, tables.wh[tables.rh2[code] ?? 0] ?? 0)
}

function saturated(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value
}

/** LIMIT: what is put together has 15 bits. */
function limited(value: number): number {
  return value > 16_383 ? 16_383 : value < -16_384 ? -16_384 : value
}
