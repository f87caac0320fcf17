/**
 * Makes up for what was lost, in samples: the last period of a voice is repeated, ever more quietly, and what comes
 * next is blended in. Works for every codec, because it does not know any.
 */

/** In milliseconds: periods of a voice, a blend, and after how long one is silent. */
const periods = { shortest: 2.5, longest: 15 }
const blendMs = 10
const silentAfterMs = 60
/** For each 10 ms. */
const decay = 0.8

export class Concealment {
  readonly #perMs: number
  /** What was played last, the newest at the end. */
  readonly #history: Int16Array
  #period: Int16Array | undefined
  #madeUp = 0
  /** How much is made up before there is silence. */
  readonly #end: number

  constructor(rate: number) {
    this.#perMs = rate / 1000
    this.#end = silentAfterMs * this.#perMs
    this.#history = new Int16Array(Math.round(2 * periods.longest * this.#perMs))
  }

  /** Takes what has come; gives it back, its beginning blended with what was made up before it. */
  heard(samples: Int16Array): Int16Array {
    const isAfterLoss = this.#period !== undefined
    const blended = isAfterLoss ? this.#blend(samples) : samples
    this.#period = undefined
    this.#madeUp = 0
    this.#remember(blended)
    return blended
  }

  /** So many samples that stand for lost ones. */
  madeUp(length: number): Int16Array {
    const samples = this.#repeated(length)
    this.#remember(samples)
    return samples
  }

  /** So many samples of nothing, into which what was played last fades. */
  silent(length: number): Int16Array {
    const samples = new Int16Array(length)
    if (this.#madeUp < this.#end) {
      const fade = Math.min(length, Math.round(blendMs * this.#perMs))
      for (const [n, sample] of this.#repeated(fade).entries()) samples[n] = Math.round((sample * (fade - n)) / fade)
      this.#madeUp = this.#end
    }
    this.#remember(samples)
    return samples
  }

  #blend(samples: Int16Array): Int16Array {
    const length = Math.min(samples.length, Math.round(blendMs * this.#perMs))
    const old = this.#repeated(length)
    return samples.map((sample, n) =>
      n < length ? Math.round((sample * n + (old[n] ?? 0) * (length - n)) / length) : sample,
    )
  }

  #repeated(length: number): Int16Array {
    const period = (this.#period ??= this.#lastPeriod())
    const samples = new Int16Array(length)
    const [end, fade] = [this.#end, blendMs * this.#perMs]
    const perSample = decay ** (1 / (10 * this.#perMs))
    let loudness = perSample ** this.#madeUp
    for (let n = 0; n < length && this.#madeUp + n < end; n += 1) {
      const isLeft = Math.min(1, (end - this.#madeUp - n) / fade)
      samples[n] = Math.round((period[(this.#madeUp + n) % period.length] ?? 0) * loudness * isLeft)
      loudness *= perSample
    }
    this.#madeUp += length
    return samples
  }

  /** By which distance the last samples are most like those before them. */
  #lastPeriod(): Int16Array {
    const history = this.#history
    const [shortest, longest] = [periods.shortest, periods.longest].map((ms) => Math.round(ms * this.#perMs))
    if (shortest === undefined || longest === undefined) return history
    let [best, bestLikeness] = [longest, -Infinity]
    for (let lag = shortest; lag <= longest; lag += 1) {
      let [product, power] = [0, 1]
      for (let n = history.length - longest; n < history.length; n += 1) {
        const before = history[n - lag] ?? 0
        product += (history[n] ?? 0) * before
        power += before * before
      }
      const likeness = product / Math.sqrt(power)
      if (likeness > bestLikeness) [best, bestLikeness] = [lag, likeness]
    }
    return history.slice(history.length - best)
  }

  #remember(samples: Int16Array): void {
    const history = this.#history
    if (samples.length >= history.length) return history.set(samples.subarray(samples.length - history.length))
    history.copyWithin(0, samples.length)
    history.set(samples, history.length - samples.length)
  }
}
