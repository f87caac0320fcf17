import { describe, expect, it } from '@jest/globals'
import { patterns, samplesOf } from './tones.ts'

const sampleRateHz = 48_000

describe.each(Object.entries(patterns))('the sound %s', (_name, pattern) => {
  const samples = samplesOf(pattern, sampleRateHz)

  it('is one cycle long', () => {
    expect(samples.length).toBe(pattern.cycleS * sampleRateHz)
  })

  it('is heard, and not painfully', () => {
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
    expect(loudest).toBeGreaterThan(0.03)
    expect(loudest).toBeLessThan(0.5)
  })

  it('has no clicks: no step in the wave, nor where the loop joins', () => {
    let steepest = Math.abs((samples[0] ?? 0) - (samples.at(-1) ?? 0))
    for (let n = 1; n < samples.length; n++) {
      steepest = Math.max(steepest, Math.abs((samples[n] ?? 0) - (samples[n - 1] ?? 0)))
    }
    expect(steepest).toBeLessThan(0.05)
  })

  it('leaves a pause', () => {
    const silent = samples.filter((sample) => sample === 0).length
    expect(silent / samples.length).toBeGreaterThan(0.4)
  })
})
