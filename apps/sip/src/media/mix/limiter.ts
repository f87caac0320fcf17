/** Keeps a sum of voices within 16 bits: nothing changes below the knee, and above it ever less comes of ever more. */

/** 1 dB below full scale, which is never exceeded. */
const ceiling = 32_767 * 10 ** (-1 / 20)
/** 3 dB below that. */
const knee = ceiling * 10 ** (-3 / 20)

export function limited(sum: Int32Array): Int16Array {
  const samples = new Int16Array(sum.length)
  for (let n = 0; n < sum.length; n += 1) {
    const value = sum[n] ?? 0
    samples[n] = value > knee ? soft(value) : value < -knee ? -soft(-value) : value
  }
  return samples
}

function soft(value: number): number {
  return knee + (ceiling - knee) * Math.tanh((value - knee) / (ceiling - knee))
}
