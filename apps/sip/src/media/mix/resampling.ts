/** Twice as many samples, or half as many: 8 kHz and 16 kHz are the two rates at which phones are mixed. */

/** Taps on either side of the middle one; every other tap of a half-band filter is zero. */
const taps = 16

/** A sinc under a Blackman window, at the odd places around its middle. */
const halfBand = Float64Array.from({ length: taps }, (_, n) => {
  const at = 2 * n - taps + 1
  const turn = (2 * Math.PI * (at + taps)) / (2 * taps)
  const window = 0.42 - 0.5 * Math.cos(turn) + 0.08 * Math.cos(2 * turn)
  return (Math.sin((Math.PI * at) / 2) / (Math.PI * at)) * window
})
const sum = halfBand.reduce((all, tap) => all + tap, 0)
for (let n = 0; n < taps; n += 1) halfBand[n] = (halfBand[n] ?? 0) / (2 * sum)

/** The last samples before a frame, with the frame behind them. */
function joined(history: Int16Array, frame: Int16Array): Int16Array {
  const all = new Int16Array(history.length + frame.length)
  all.set(history)
  all.set(frame, history.length)
  history.set(all.subarray(all.length - history.length))
  return all
}

function filtered(samples: Int16Array, from: number): number {
  let value = 0
  for (let n = 0; n < taps; n += 1) value += (samples[from + n] ?? 0) * (halfBand[n] ?? 0)
  return value
}

const rounded = (value: number): number => Math.max(-32_768, Math.min(32_767, Math.round(value)))

function everySecond(frame: Int16Array, from: 0 | 1): Int16Array {
  const samples = new Int16Array(frame.length / 2)
  for (let n = 0; n < samples.length; n += 1) samples[n] = frame[2 * n + from] ?? 0
  return samples
}

export class Doubling {
  readonly #history = new Int16Array(taps - 1)

  of(frame: Int16Array): Int16Array {
    const all = joined(this.#history, frame)
    const doubled = new Int16Array(2 * frame.length)
    for (let n = 0; n < frame.length; n += 1) {
      doubled[2 * n] = all[n + taps / 2 - 1] ?? 0
      doubled[2 * n + 1] = rounded(2 * filtered(all, n))
    }
    return doubled
  }
}

export class Halving {
  readonly #even = new Int16Array(taps - 1)
  readonly #odd = new Int16Array(taps - 1)

  /** An even count of samples. */
  of(frame: Int16Array): Int16Array {
    const length = frame.length / 2
    const [even, odd] = [joined(this.#even, everySecond(frame, 0)), joined(this.#odd, everySecond(frame, 1))]
    const halved = new Int16Array(length)
    for (let n = 0; n < length; n += 1) halved[n] = rounded((odd[n + taps / 2 - 1] ?? 0) / 2 + filtered(even, n))
    return halved
  }
}
