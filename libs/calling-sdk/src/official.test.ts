import { expect, it } from '@jest/globals'
import { features, gives, listens, takes } from '../test/official.ts'
import { Features } from './face/features/features.ts'

it('takes and gives what the official package does, as the compiler has proven', () => {
  for (const proof of [features, gives, listens, takes]) expect(proof).toBeInstanceOf(Function)
})

it('has every feature, by factories that are always the same', () => {
  expect(Object.keys(Features)).toHaveLength(23)
  expect(Features.Capabilities).toBe(Features.Capabilities)
})
