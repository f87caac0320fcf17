import { describe, expect, it } from '@jest/globals'
import { CallId, type EffectName } from '@parley/protocol'
import { CarriedEffects } from './carried-effects.ts'

const effect = (version: number, n: number, call = '1'): EffectName => ({
  callId: CallId.parse(`00000000-0000-4000-8000-00000000000${call}`),
  version,
  n,
})

describe('the effects that a session was told of', () => {
  it('come once each, in order', () => {
    const carried = new CarriedEffects()
    expect([effect(1, 0), effect(1, 1), effect(2, 0)].map((one) => carried.isNew(one))).toEqual([true, true, true])
    expect(carried.isNew(effect(2, 0))).toBe(false)
  })

  it('do not come after a newer one of their call, and do not wait for another call', () => {
    const carried = new CarriedEffects()
    carried.isNew(effect(3, 0))
    expect(carried.isNew(effect(2, 5))).toBe(false)
    expect(carried.isNew(effect(1, 0, '2'))).toBe(true)
  })
})
