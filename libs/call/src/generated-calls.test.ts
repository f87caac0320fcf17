/**
 * The rules under whatever may happen: people who press everything, reports that come late or twice or about nothing,
 * clocks that jump. `PARLEY_SEED=…` runs the sequences of that seed again.
 */
import { describe, expect, it } from '@jest/globals'
import { reasons, type ReasonName, type Role } from '@parley/protocol'
import fc from 'fast-check'
import { ann, bob, cid, dan, echo, fax, tel, type Party } from '../test/people.ts'
import { everyone, Run, type Act, type Opening } from '../test/sequences.ts'
import { onLeg } from './transitions.ts'

const seed = Number(process.env['PARLEY_SEED'] ?? Date.now() % 2 ** 31)
const runs = 1500
/** Far above the seconds that it takes. */
const limitMs = 60_000

const role: fc.Arbitrary<Role> = fc.constantFrom('Presenter', 'Collaborator', 'Attendee', 'Consumer')
const begins = fc.constantFrom('ringing' as const, 'ringing' as const, 'answered' as const, 'talking' as const)
const placed = { kind: fc.constant('placed' as const), isMuted: fc.boolean(), begins }
const met = {
  isMuted: fc.boolean(),
  hasLobby: fc.boolean(),
  joiners: fc.subarray([bob.laptop, cid.phone, dan.phone, ann.desk]),
  roles: fc.array(role, { minLength: 1, maxLength: 5 }),
}

/** The runs are divided among these. */
const openings: [name: string, fc.Arbitrary<Opening>][] = Object.entries<fc.Arbitrary<Opening>>({
  direct: fc.record({
    ...placed,
    to: fc.constant([bob.laptop.user]),
    devices: fc.oneof(
      { weight: 8, arbitrary: fc.subarray<Party>([bob.laptop, bob.tablet, bob.watch], { minLength: 1 }) },
      { weight: 1, arbitrary: fc.constantFrom<Party[]>([ann.phone, ann.desk], [echo]) },
      { weight: 1, arbitrary: fc.constant<Party[]>([]) },
      { weight: 3, arbitrary: fc.constant<Party[]>([tel]) },
    ),
  }),
  'placed to several': fc.record({
    ...placed,
    to: fc.constant([bob.laptop.user, cid.phone.user, dan.phone.user]),
    devices: fc.subarray<Party>([bob.laptop, bob.tablet, cid.phone, cid.desk, dan.phone, echo, tel, fax]),
  }),
  'met in a group': fc.record({ ...met, kind: fc.constant('group' as const) }),
  'met in a room': fc.record({ ...met, kind: fc.constant('room' as const) }),
})

/** What keeps a call going comes more often than what ends it, so that sequences get far. */
// prettier-ignore
const weights: Record<Act['what'], number> = {
  deviceCame: 2, calledBack: 1, accepted: 4, rejected: 2, hungUp: 2, muted: 3, linkLost: 4, linkBack: 2,
  sessionEnded: 2, progressed: 2, mediaUp: 12, mediaLost: 3, placed: 1, fellDue: 3, held: 3, resumed: 2, joined: 6, added: 4,
  removed: 1, endedForAll: 0.3, mutedOthers: 2, permitted: 3, admitted: 3, denied: 1, shared: 4, handRaised: 3,
  handsLowered: 1, spotlit: 3, transferAsked: 2, transferDone: 1, transferFailed: 1, roleChanged: 3, uninvited: 0.5,
  hoursChanged: 0.5, roomClosed: 0.1,
}

const act: fc.Arbitrary<Act> = fc.record({
  what: fc.constantFrom(
    ...(Object.keys(weights) as Act['what'][]).flatMap((what) => Array<Act['what']>(weights[what] * 10).fill(what)),
  ), // the keys are its type's
  // The one who began the call does more than others.
  who: fc.oneof({ weight: 3, arbitrary: fc.nat(everyone.length * 7 - 1) }, { weight: 1, arbitrary: fc.constant(0) }),
  whom: fc.array(fc.nat(everyone.length - 1), { maxLength: 3 }),
  is: fc.boolean(),
  generation: fc.integer({ min: 0, max: 4 }),
  reason: fc.constantFrom(...(Object.keys(reasons) as ReasonName[])), // the keys are its type's
  role,
  source: fc.constantFrom('microphone', 'camera'),
  waitMs: fc.oneof(
    { weight: 20, arbitrary: fc.integer({ min: -50, max: 3000 }) },
    { weight: 1, arbitrary: fc.constantFrom(12_000, 85_000, 120_000, 500_000) },
    { weight: 1, arbitrary: fc.constant('to the deadline' as const) },
  ),
})

/** What people ask of the others, or of the call, and the table does not know. */
// prettier-ignore
const askedBesideTable: Act['what'][] = [
  'added', 'removed', 'endedForAll', 'mutedOthers', 'permitted', 'admitted', 'denied', 'shared', 'handRaised',
  'handsLowered', 'spotlit', 'transferAsked',
]
/** Sequences that never got as far as a state would promise nothing about it. */
const cellsToMeet = [
  ...Object.entries(onLeg).flatMap(([state, row]) =>
    Object.keys(row)
      .filter((what) => what in weights)
      .map((what) => `${state} ${what}`),
  ),
  ...askedBesideTable.map((what) => `Connected ${what}`),
]

describe(`calls that happen by chance (PARLEY_SEED=${seed})`, () => {
  const met = new Set<string>()

  it.each(openings)(
    'keep every promise at every step, and end once nobody comes back: %s',
    (_name, opening) => {
      fc.assert(
        fc.property(opening, fc.array(act, { maxLength: 60, size: 'max' }), (opened, acts) => {
          const run = new Run(opened)
          for (const one of acts) run.act(one)
          for (const one of run.met) met.add(one)
          run.exhaust()
          expect(run.call.legs.every((leg) => leg.state === 'Connected' || leg.state === 'Disconnected')).toBe(true)
          run.cutEveryLink()
          expect(run.call.endedAt).toBeDefined()
          run.checkEnds()
        }),
        { seed, numRuns: runs / openings.length },
      )
    },
    limitMs,
  )

  it('have met every state with everything that is asked or reported', () => {
    expect(cellsToMeet.filter((cell) => !met.has(cell))).toEqual([])
  })
})
