import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { LegId } from '@parley/protocol'
import { Speakers } from './speakers.ts'

const [ann, bob, eve] = ['leg_ann-0000', 'leg_bob-0000', 'leg_eve-0000'].map((id) => LegId.parse(id)) as [
  LegId,
  LegId,
  LegId,
]

let speakers: Speakers
let changes: number

beforeEach(() => {
  jest.useFakeTimers()
  changes = 0
  speakers = new Speakers({ endMs: 650, onChange: () => (changes += 1) })
})
afterEach(() => {
  speakers.close()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

const speaking = (): LegId[] => speakers.speaking.map(({ legId }) => legId)

/** Looks every 300 ms, in each of which these are heard. */
function hear(looks: number, ...legIds: LegId[]): void {
  for (let look = 0; look < looks; look++) {
    jest.advanceTimersByTime(300)
    speakers.hear(legIds.map((legId, index) => ({ legId, dbov: -20 - index })))
  }
}

describe('who speaks', () => {
  it('is told once, however long it takes', () => {
    hear(10, ann)
    expect(speaking()).toEqual([ann])
    expect(changes).toBe(1)
  })

  it('is not told anew when somebody is missed in one look', () => {
    hear(2, ann)
    hear(1)
    hear(2, ann)
    expect([speaking(), changes]).toEqual([[ann], 1])
  })

  it('ends when he has not been heard for a while', () => {
    hear(2, ann)
    jest.advanceTimersByTime(649)
    expect(speaking()).toEqual([ann])
    jest.advanceTimersByTime(2)
    expect([speaking(), changes]).toEqual([[], 2])
  })

  it('is told the loudest first', () => {
    hear(1, ann, bob)
    expect(speaking()).toEqual([ann, bob])
    hear(1, bob, ann)
    expect([speaking(), changes]).toEqual([[bob, ann], 1])
  })

  it('is forgotten when he leaves', () => {
    hear(1, ann, bob)
    speakers.forget(ann)
    expect([speaking(), speakers.lately]).toEqual([[bob], [bob]])
    expect(changes).toBe(2)
    speakers.forget(eve)
    expect(changes).toBe(2)
  })
})

describe('who spoke last', () => {
  it('are those who speak before those who have spoken, the latest first', () => {
    hear(1, ann)
    hear(1, ann, bob)
    expect(speakers.lately).toEqual([bob, ann])
    hear(4, ann)
    expect([speaking(), speakers.lately]).toEqual([[ann], [ann, bob]])
    hear(4, eve)
    expect([speaking(), speakers.lately]).toEqual([[eve], [eve, ann, bob]])
  })
})
