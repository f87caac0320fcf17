import { describe, expect, it } from '@jest/globals'
import { systemClock } from './clock.ts'

describe('the clock of the system', () => {
  it('calls nobody early who wants to wait for months', async () => {
    let isCalled = false
    const takeBack = systemClock.after(2 ** 31, () => (isCalled = true))
    await new Promise<void>((resolve) => void systemClock.after(20, resolve))
    takeBack()
    expect(isCalled).toBe(false)
  })
})
