import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { FakeClock } from '../testing/fake-clock.ts'
import { Deadlines, type Waiting } from './deadlines.ts'

describe('deadlines', () => {
  it('wake everybody at his time, in order, whatever was put first', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(1000), { maxLength: 50 }), async (times) => {
        const clock = new FakeClock()
        const deadlines = new Deadlines(clock)
        const woken: number[] = []
        for (const at of times) deadlines.watch(sleeper(at, () => woken.push(clock.now())))
        await clock.passes(1001)
        expect(woken).toEqual(times.toSorted((one, other) => one - other))
      }),
    )
  })

  it('pass over what has moved, and forget it when they are closed', async () => {
    const clock = new FakeClock()
    const deadlines = new Deadlines(clock)
    const woken: number[] = []
    const moved = sleeper(10, () => woken.push(clock.now()))
    deadlines.watch(moved)
    moved.deadline = 30
    deadlines.watch(moved)
    await clock.passes(20)
    expect(woken).toEqual([])
    await clock.passes(20)
    expect(woken).toEqual([30])
    deadlines.watch(sleeper(50, () => woken.push(clock.now())))
    deadlines.close()
    await clock.passes(100)
    expect(woken).toEqual([30])
  })
})

function sleeper(at: number, wake: () => void): Waiting & { deadline: number } {
  const one = {
    deadline: at,
    fellDue: () => {
      one.deadline = Infinity
      wake()
    },
  }
  return one
}
