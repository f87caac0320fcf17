import { describe, expect, it } from '@jest/globals'
import { decodeG711, encodeG711, g711Level, g711Silence, pcmaOf } from './g711.ts'

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte)

describe.each(['PCMU', 'PCMA'] as const)('%s', (law) => {
  it('says its own values again, byte by byte', () => {
    const values = decodeG711(law, everyByte)
    const again = decodeG711(law, encodeG711(law, values))
    expect(again).toEqual(values)
  })

  it('is never further from a sample than half a step of its size', () => {
    for (let sample = -32_124; sample <= 32_124; sample += 7) {
      const [said = 0] = decodeG711(law, encodeG711(law, Int16Array.of(sample)))
      expect(Math.abs(said - sample)).toBeLessThanOrEqual(Math.max(12, (Math.abs(sample) + 132) / 28))
    }
  })

  it('has silence that is silent', () => {
    const [silence = 1000] = decodeG711(law, Uint8Array.of(g711Silence[law]))
    expect(Math.abs(silence)).toBeLessThanOrEqual(8)
  })

  it('says how loud it is', () => {
    const tone = Int16Array.from({ length: 160 }, (_, n) =>
      Math.round(3_277 * Math.SQRT2 * Math.sin((2 * Math.PI * n) / 8)),
    )
    expect(g711Level(law, encodeG711(law, tone))).toBe(20)
    expect(g711Level(law, Buffer.alloc(160, g711Silence[law]))).toBe(127)
    expect(g711Level(law, Buffer.alloc(0))).toBe(127)
  })

  it('takes what is too loud as its loudest', () => {
    const [low = 0, high = 0] = decodeG711(law, encodeG711(law, Int16Array.of(-32_768, 32_767)))
    expect([low, high].map((value) => Math.sign(value))).toEqual([-1, 1])
    expect(Math.min(-low, high)).toBeGreaterThan(32_000)
  })
})

it('known values of ITU-T G.711 stand in the tables', () => {
  expect([...decodeG711('PCMU', Uint8Array.of(0x00, 0x80, 0x7f, 0xff))]).toEqual([-32_124, 32_124, 0, 0])
  expect([...decodeG711('PCMA', Uint8Array.of(0x2a, 0xaa, 0x55, 0xd5))]).toEqual([-32_256, 32_256, -8, 8])
})

it('µ-law becomes A-law of the same loudness', () => {
  const [mu, a] = [decodeG711('PCMU', everyByte), decodeG711('PCMA', pcmaOf(everyByte))]
  for (const [n, sample] of mu.entries()) {
    expect(Math.abs((a[n] ?? 0) - sample)).toBeLessThanOrEqual(Math.max(12, (Math.abs(sample) + 132) / 28))
  }
})
