/** Tones are made, and recognised by their frequency. Only tests import this module. */

export function tone(hz: number, rate: number, length: number, from = 0, amplitude = 8_000): Int16Array {
  return Int16Array.from({ length }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * (from + n)) / rate)))
}

/** How strong a frequency is in some samples, as an amplitude (Goertzel). */
export function strengthOf(hz: number, samples: Int16Array, rate: number): number {
  const turn = (2 * Math.PI * hz) / rate
  const coefficient = 2 * Math.cos(turn)
  let [one, two] = [0, 0]
  for (const sample of samples) [one, two] = [sample + coefficient * one - two, one]
  const power = one * one + two * two - coefficient * one * two
  return (2 * Math.sqrt(Math.max(0, power))) / samples.length
}

/** Which of these frequencies are there. */
export function heardIn(samples: Int16Array, rate: number, of: readonly number[], least = 1_500): number[] {
  return of.filter((hz) => strengthOf(hz, samples, rate) >= least)
}
