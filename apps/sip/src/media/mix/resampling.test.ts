import { describe, expect, it } from '@jest/globals'
import { strengthOf, tone } from '../testing/tones.ts'
import { Doubling, Halving } from './resampling.ts'

/** What comes of a tone that is given frame by frame, after the filter has settled. */
function through(resampler: { of(frame: Int16Array): Int16Array }, samples: Int16Array, frame: number): Int16Array {
  const frames = Array.from({ length: samples.length / frame }, (_, n) => samples.subarray(frame * n, frame * (n + 1)))
  return Int16Array.from(frames.flatMap((one) => [...resampler.of(one)])).subarray(frame)
}

describe('twice as many samples', () => {
  it.each([300, 1_000, 3_000])('a tone of %d Hz is as loud, and has no image above', (hz) => {
    const doubled = through(new Doubling(), tone(hz, 8_000, 3_200), 160)
    expect(strengthOf(hz, doubled, 16_000)).toBeCloseTo(8_000, -3)
    expect(strengthOf(8_000 - hz, doubled, 16_000)).toBeLessThan(400)
  })
})

describe('half as many samples', () => {
  it.each([300, 1_000, 3_000])('a tone of %d Hz is as loud', (hz) => {
    const halved = through(new Halving(), tone(hz, 16_000, 6_400), 320)
    expect(strengthOf(hz, halved, 8_000)).toBeCloseTo(8_000, -3)
  })

  it.each([5_000, 6_000, 7_500])('a tone of %d Hz is gone, and folds back nowhere', (hz) => {
    const halved = through(new Halving(), tone(hz, 16_000, 6_400), 320)
    expect(strengthOf(8_000 - hz, halved, 8_000)).toBeLessThan(400)
  })
})
