import { describe, expect, it } from '@jest/globals'
import { G722Decoder, G722Encoder, g722Rate } from './g722.ts'

const tone = (hz: number, amplitude: number, length = 6_400): Int16Array =>
  Int16Array.from({ length }, (_, n) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / g722Rate)))

function throughCodec(samples: Int16Array): Int16Array {
  const [encoder, decoder] = [new G722Encoder(), new G722Decoder()]
  const frames = Array.from({ length: samples.length / 320 }, (_, n) => samples.subarray(320 * n, 320 * (n + 1)))
  return Int16Array.from(frames.flatMap((frame) => [...decoder.decode(encoder.encode(frame))]))
}

/** How much louder the sound is than what the codec changed of it, in dB, at the delay of its two filters. */
function clarity(samples: Int16Array): number {
  const made = throughCodec(samples)
  let [signal, noise] = [0, 0]
  for (let n = 1_600; n < samples.length - delay; n += 1) {
    signal += (samples[n] ?? 0) ** 2
    noise += ((made[n + delay] ?? 0) - (samples[n] ?? 0)) ** 2
  }
  return 10 * Math.log10(signal / noise)
}
/** Of 24 taps in either direction. */
const delay = 22

describe('G.722', () => {
  it.each([
    [300, 8_000, 30],
    [1_000, 8_000, 30],
    [3_000, 8_000, 25],
    [5_500, 8_000, 12],
    [1_000, 300, 25],
  ])('a tone of %d Hz with amplitude %d is %d dB above what was changed of it', (hz, amplitude, dB) =>
    expect(clarity(tone(hz, amplitude))).toBeGreaterThan(dB),
  )

  it('makes a byte of two samples, and is silent in silence', () => {
    expect(new G722Encoder().encode(new Int16Array(320))).toHaveLength(160)
    const made = throughCodec(new Int16Array(3_200))
    expect(Math.max(...made.map(Math.abs))).toBeLessThan(20)
  })

  it('stands what is as loud as it can be, and bytes that nobody encoded', () => {
    const square = Int16Array.from({ length: 3_200 }, (_, n) => (n % 20 < 10 ? 32_767 : -32_768))
    expect(throughCodec(square)).toHaveLength(3_200)
    const noise = Uint8Array.from({ length: 1_600 }, (_, n) => (n * 7_919) % 256)
    expect(new G722Decoder().decode(noise)).toHaveLength(3_200)
  })
})
