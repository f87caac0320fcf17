/** What tone some samples have: the peak of their spectrum. */

export type Tone = {
  /** The dominating frequency; undefined for silence. */
  hz: number | undefined
  /** Level of the whole, in dB below a sine of full scale (AES17): -Infinity for digital silence. */
  dBFS: number
}

/** Below this nothing is a tone: it is what coding makes out of silence. */
const silentDBFS = -70

/** Finds the dominating frequency; the longest power of two of the samples, the latest ones, counts. */
export function toneOf(samples: Float32Array, rate: number): Tone {
  const dBFS = levelOf(samples)
  const size = 2 ** Math.floor(Math.log2(Math.max(samples.length, 1)))
  if (dBFS < silentDBFS || size < 64) return { hz: undefined, dBFS }
  const power = powerOf(samples.subarray(samples.length - size))
  let peak = 1
  for (let bin = 2; bin < power.length - 1; bin += 1) if (at(power, bin) > at(power, peak)) peak = bin
  return { hz: ((peak + offsetOf(power, peak)) * rate) / size, dBFS }
}

/** Level of samples between -1 and 1, in dB below a sine of full scale. */
export function levelOf(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return 10 * Math.log10((2 * sum) / Math.max(samples.length, 1))
}

/** Where between its neighbours a peak is, in bins: the vertex of a parabola through their levels. */
function offsetOf(power: Float64Array, peak: number): number {
  const [left, middle, right] = [peak - 1, peak, peak + 1].map((bin) => Math.log(at(power, bin) + 1e-30))
  if (left === undefined || middle === undefined || right === undefined) return 0
  const curve = left - 2 * middle + right
  return curve === 0 ? 0 : (left - right) / (2 * curve)
}

/** The power spectrum of a power of two of samples, through a Hann window. */
function powerOf(samples: Float32Array): Float64Array {
  const size = samples.length
  const [re, im] = [new Float64Array(size), new Float64Array(size)]
  const bits = Math.log2(size)
  for (let i = 0; i < size; i += 1) {
    re[reversed(i, bits)] = (samples[i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size))
  }
  transform(re, im)
  return Float64Array.from({ length: size / 2 }, (_, bin) => at(re, bin) ** 2 + at(im, bin) ** 2)
}

function reversed(index: number, bits: number): number {
  let [left, result] = [index, 0]
  for (let bit = 0; bit < bits; bit += 1) {
    result = (result << 1) | (left & 1)
    left >>= 1
  }
  return result
}

/** The fast Fourier transform of Cooley and Tukey, in place, of values in bit-reversed order. */
function transform(re: Float64Array, im: Float64Array): void {
  for (let half = 1; half < re.length; half *= 2) {
    for (let k = 0; k < half; k += 1) {
      const angle = (-Math.PI * k) / half
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      for (let a = k; a < re.length; a += 2 * half) {
        const b = a + half
        const [turnedRe, turnedIm] = [at(re, b) * cos - at(im, b) * sin, at(re, b) * sin + at(im, b) * cos]
        re[b] = at(re, a) - turnedRe
        im[b] = at(im, a) - turnedIm
        re[a] = at(re, a) + turnedRe
        im[a] = at(im, a) + turnedIm
      }
    }
  }
}

/** A value that is there: all indexes above stay inside. */
function at(values: Float64Array, index: number): number {
  return values[index] ?? 0
}
