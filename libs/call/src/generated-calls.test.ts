/**
 * The rules under whatever may happen: people who press everything, reports that come late or twice or about nothing,
 * clocks that jump. `PARLEY_SEED=…` runs the sequences of that seed again.
 */
import { describe, expect, it } from '@jest/globals'
import { reasons, type ReasonName } from '@parley/protocol'
import fc from 'fast-check'
import { ann, bob, type Endpoint } from '../test/people.ts'
import { everyone, Run, type Act, type Opening } from '../test/sequences.ts'
import { onLeg } from './transitions.ts'

const seed = Number(process.env['PARLEY_SEED'] ?? Date.now() % 2 ** 31)
const runs = 1500
/** Far above the two seconds that it takes. */
const limitMs = 60_000

const opening: fc.Arbitrary<Opening> = fc.record({
  isMuted: fc.boolean(),
  begins: fc.constantFrom('ringing', 'answered', 'talking'),
  devices: fc.oneof(
    { weight: 8, arbitrary: fc.subarray([bob.laptop, bob.tablet, bob.watch], { minLength: 1 }) },
    { weight: 1, arbitrary: fc.constant<Endpoint[]>([ann.phone, ann.desk]) },
    { weight: 1, arbitrary: fc.constant<Endpoint[]>([]) },
  ),
})

/** What keeps a call going comes more often than what ends it, so that sequences get far. */
// prettier-ignore
const weights: Record<Act['what'], number> = {
  deviceCame: 2, calledBack: 1, accepted: 3, rejected: 1, hungUp: 1, muted: 3, linkLost: 4, linkBack: 2,
  sessionEnded: 1, mediaUp: 6, mediaLost: 3, placed: 1, fellDue: 3,
}

const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom(
    ...(Object.keys(weights) as Act['what'][]).flatMap((what) => Array<Act['what']>(weights[what]).fill(what)),
  ), // the keys are its type's
  who: fc.nat(everyone.length * 7 - 1),
  isMuted: fc.boolean(),
  generation: fc.integer({ min: 0, max: 4 }),
  reason: fc.constantFrom(...(Object.keys(reasons) as ReasonName[])), // the keys are its type's
  waitMs: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: -50, max: 3000 }) },
    { weight: 1, arbitrary: fc.constantFrom(12_000, 85_000, 120_000, 500_000) },
    { weight: 1, arbitrary: fc.constant('to the deadline' as const) },
  ),
})

/** Sequences that never got as far as a state would promise nothing about it. */
const cellsToMeet = Object.keys(onLeg).flatMap((state) =>
  Object.keys(weights)
    .filter((what) => !['deviceCame', 'calledBack', 'placed'].includes(what)) // these happen to no leg
    .map((what) => `${state} ${what}`),
)

describe(`calls that happen by chance (PARLEY_SEED=${seed})`, () => {
  it(
    'keep every promise at every step, and end once nobody comes back',
    () => {
      const met = new Set<string>()
      fc.assert(
        fc.property(opening, fc.array(act, { maxLength: 60, size: 'max' }), (opened, acts) => {
          const run = new Run(opened)
          for (const one of acts) run.act(one)
          for (const one of run.met) met.add(one)
          run.exhaust()
          expect(run.call.legs.every((leg) => leg.state === 'Connected' || leg.state === 'Disconnected')).toBe(true)
          run.cutEveryLink()
          expect(run.call.endedAt).toBeDefined()
          run.checkTold()
        }),
        { seed, numRuns: runs },
      )
      expect(cellsToMeet.filter((cell) => !met.has(cell))).toEqual([])
    },
    limitMs,
  )
})
