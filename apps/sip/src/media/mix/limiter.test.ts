import { describe, expect, it } from '@jest/globals'
import { limited } from './limiter.ts'

describe('a sum of voices', () => {
  it('is as it was while it is not too loud', () =>
    expect(limited(Int32Array.of(0, 1, -1, 20_000, -20_000))).toEqual(Int16Array.of(0, 1, -1, 20_000, -20_000)))

  it('is never louder than 1 dB below full scale, however many speak', () => {
    const loud = limited(Int32Array.of(40_000, -40_000, 65_534, -65_536, 3_276_700))
    expect(Math.max(...loud.map(Math.abs))).toBeLessThanOrEqual(29_204)
  })

  it('grows on without a step', () => {
    const sums = Int32Array.from({ length: 4_000 }, (_, n) => 16 * n)
    const grown = limited(sums)
    for (let n = 1; n < grown.length; n += 1) {
      const step = (grown[n] ?? 0) - (grown[n - 1] ?? 0)
      expect(step).toBeGreaterThanOrEqual(0)
      expect(step).toBeLessThanOrEqual(17)
    }
  })
})
