import { expect, it } from '@jest/globals'
import { CallId, LegId } from '@parley/protocol'
import { ClosedLegs } from './closed-legs.ts'

const callId = CallId.parse('11111111-1111-4111-8111-111111111111')
const leg = (name: string) => ({ callId, legId: LegId.parse(`leg_${name}-laptop`) })

it('a closed leg is remembered for its time and no longer', () => {
  let nowMs = 1_000
  const closed = new ClosedLegs({ keepMs: 100, most: 10, now: () => nowMs })
  closed.add(leg('ann'))
  expect([closed.has(leg('ann')), closed.has(leg('bob'))]).toEqual([true, false])
  nowMs += 99
  closed.add(leg('bob'))
  expect(closed.has(leg('ann'))).toBe(true)
  nowMs += 1
  expect([closed.has(leg('ann')), closed.has(leg('bob'))]).toEqual([false, true])
})

it('one that is closed again begins its time anew', () => {
  let nowMs = 1_000
  const closed = new ClosedLegs({ keepMs: 100, most: 10, now: () => nowMs })
  closed.add(leg('ann'))
  nowMs += 60
  closed.add(leg('ann'))
  nowMs += 60
  expect(closed.has(leg('ann'))).toBe(true)
})

it('when there are too many, the oldest is forgotten', () => {
  const closed = new ClosedLegs({ keepMs: 100, most: 2, now: () => 0 })
  for (const name of ['ann', 'bob', 'cyd']) closed.add(leg(name))
  expect(['ann', 'bob', 'cyd'].map((name) => closed.has(leg(name)))).toEqual([false, true, true])
})
