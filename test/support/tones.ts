/**
 * The tones that people hum: at least 200 Hz apart, none near a multiple of another, all inside what a telephone lets
 * through, so that who hears whom is one question about a spectrum.
 */
export const tonesHz = [440, 660, 970, 1190, 1510, 1930, 2290, 2530] as const

/** Tones of connections that go past the platform. */
export const referenceTonesHz = [1720, 2150] as const

export type ToneHz = (typeof tonesHz)[number]

/** The power of one frequency (Goertzel). */
export function shareOf(samples: Float64Array, hz: number, sampleRate: number): number {
  const angle = (2 * Math.PI * hz) / sampleRate
  let [before, last] = [0, 0]
  for (const sample of samples) [before, last] = [last, sample + 2 * Math.cos(angle) * last - before]
  const power = last * last + before * before - 2 * Math.cos(angle) * last * before
  return (2 * power) / samples.length ** 2
}
