import { describe, expect, it } from '@jest/globals'
import { Concealment } from './concealment.ts'

const rate = 8_000
const amplitude = 8_000
const tone = (hz: number, from: number, length: number): Int16Array =>
  Int16Array.from({ length }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * (from + n)) / rate)))

const loudest = (samples: Int16Array): number => Math.max(...samples.map(Math.abs))
const steepest = (samples: Int16Array): number =>
  samples.reduce((most, sample, n) => (n === 0 ? most : Math.max(most, Math.abs(sample - (samples[n - 1] ?? 0)))), 0)

function aVoice(hz: number): Concealment {
  const concealment = new Concealment(rate)
  for (let n = 0; n < 5; n += 1) concealment.heard(tone(hz, 160 * n, 160))
  return concealment
}

describe('what was lost', () => {
  it.each([120, 200, 350])('goes on as a voice of %d Hz was, and joins it without a click', (hz) => {
    const concealment = aVoice(hz)
    const [made, after] = [concealment.madeUp(160), concealment.heard(tone(hz, 960, 160))]
    const all = Int16Array.from([...tone(hz, 640, 160), ...made, ...after])
    expect(loudest(made)).toBeGreaterThan(0.6 * amplitude)
    expect(steepest(all)).toBeLessThan(3 * steepest(tone(hz, 0, 160)))
  })

  it('fades, and is silent after 60 ms', () => {
    const concealment = aVoice(200)
    const made = Array.from({ length: 4 }, () => loudest(concealment.madeUp(160)))
    expect(made[1]).toBeLessThan(0.8 * (made[0] ?? 0))
    expect(made[3]).toBe(0)
  })

  it('is silence after silence', () => expect(loudest(new Concealment(rate).madeUp(160))).toBe(0))

  it('leaves alone what was not lost', () => {
    const sound = tone(300, 0, 160)
    expect(aVoice(300).heard(sound)).toEqual(sound)
  })
})
