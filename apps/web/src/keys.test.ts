import { expect, it } from '@jest/globals'
import { isKey, keyOf, keys, toneOf } from './keys.ts'

it('is the same key as a tone and back', () => {
  expect(keys.map(({ key }) => toneOf(key)).slice(-3)).toEqual(['Star', 'Num0', 'Pound'])
  for (const { key } of keys) expect(keyOf(toneOf(key))).toBe(key)
  expect(keyOf('A')).toBe('A')
})

it('is told from what else a keyboard has', () => {
  expect(['0', '#', 'a', 'Enter', ''].map(isKey)).toEqual([true, true, false, false, false])
})
