import { describe, expect, it } from '@jest/globals'
import type { DtmfTone } from './contract/call.ts'
import { keyOf, toneOf } from './keys.ts'

describe('the keys of a telephone', () => {
  const keys: Record<Exclude<DtmfTone, 'Flash'>, string> = {
    Num0: '0',
    Num1: '1',
    Num2: '2',
    Num3: '3',
    Num4: '4',
    Num5: '5',
    Num6: '6',
    Num7: '7',
    Num8: '8',
    Num9: '9',
    A: 'A',
    B: 'B',
    C: 'C',
    D: 'D',
    Star: '*',
    Pound: '#',
  }

  it.each(Object.entries(keys))('%s is %s, both ways', (tone, key) => {
    expect(keyOf(tone as DtmfTone)).toBe(key)
    expect(toneOf(key)).toBe(tone)
  })

  it('are all that can be pressed', () => {
    expect(() => keyOf('Flash')).toThrow(expect.objectContaining({ code: 501 }))
    expect(() => keyOf('Num10' as DtmfTone)).toThrow(expect.objectContaining({ code: 501 }))
  })
})
