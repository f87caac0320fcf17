import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { EpochMs } from '@parley/protocol'
import { DatabaseClock } from './clock.ts'

const begin = 1_800_000_000_000
/** Of the database, to ours. */
let aheadMs: number
let wayThereMs: number
let wayBackMs: number
let clock: DatabaseClock

beforeEach(() => {
  jest.useFakeTimers({ now: begin })
  aheadMs = wayThereMs = wayBackMs = 0
  clock = new DatabaseClock(async () => {
    jest.setSystemTime(Date.now() + wayThereMs)
    const there = EpochMs.parse(Date.now() + aheadMs)
    jest.setSystemTime(Date.now() + wayBackMs)
    return there
  })
})
afterEach(() => void jest.useRealTimers())

const errorMs = (): number => clock.now() - (Date.now() + aheadMs)

describe("the database's clock", () => {
  it('is ours on the same machine, however slow one way of the question or the answer is', async () => {
    for (const [there, back] of [
      [0, 0],
      [900, 0],
      [0, 900],
    ] as const) {
      wayThereMs = there
      wayBackMs = back
      await clock.adjust()
      expect(errorMs()).toBe(0)
    }
  })

  it('is known to within the way, and better with each faster answer', async () => {
    aheadMs = -60_000
    wayThereMs = wayBackMs = 400
    await clock.adjust()
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(400)
    wayThereMs = wayBackMs = 1
    await clock.adjust()
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(1)
    // A slow answer takes nothing of that away.
    wayBackMs = 2_000
    await clock.adjust()
    expect(Math.abs(errorMs())).toBeLessThanOrEqual(1)
  })
})
