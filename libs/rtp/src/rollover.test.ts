import { describe, expect, it } from '@jest/globals'
import { ReplayWindow, RolloverCounter } from './rollover.ts'

describe('the rollover counter', () => {
  const counted = (...sequences: number[]) => {
    const counter = new RolloverCounter()
    return sequences.map((sequence) => counter.of(sequence))
  }

  it('grows when the numbers begin anew', () => expect(counted(65_534, 65_535, 0, 1)).toEqual([0, 0, 1, 1]))
  it('knows a packet from before that comes late', () => expect(counted(65_534, 0, 65_535, 1)).toEqual([0, 1, 0, 1]))
  it('stands still for packets that change places', () => expect(counted(5, 7, 6, 8)).toEqual([0, 0, 0, 0]))

  it('is not led astray by a packet that was not genuine', () => {
    const counter = new RolloverCounter()
    counter.of(40_000)
    expect(counter.guess(3)).toBe(1)
    expect(counter.of(40_001)).toBe(0)
  })
})

describe('the replay window', () => {
  const taken = (...indexes: number[]) => {
    const window = new ReplayWindow()
    for (const index of indexes) window.take(index)
    return window
  }

  it('takes each packet once, in any order', () => {
    const window = taken(10, 12, 11)
    expect([9, 10, 11, 12, 13].map((index) => window.isNew(index))).toEqual([true, false, false, false, true])
  })

  it('knows of 64 packets, and takes nothing that is older', () => {
    const window = taken(1, 100)
    expect([36, 37, 99, 100].map((index) => window.isNew(index))).toEqual([false, true, true, false])
    window.take(1_000)
    expect([100, 999].map((index) => window.isNew(index))).toEqual([false, true])
  })
})
