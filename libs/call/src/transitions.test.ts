import { describe, expect, it } from '@jest/globals'
import { defaultLimits, type EpochMs } from '@parley/protocol'
import { epochOf } from '../test/checks.ts'
import { ann, bob } from '../test/people.ts'
import type { Leg, LegIn, LegStateName } from './call.ts'
import type { Happening, HappeningName } from './happening.ts'
import { callingLeg, endpointOf, ringingLeg, waitingLeg } from './leg.ts'
import { onLeg, transition } from './transitions.ts'

// What becomes of a leg: `-` it stays as it was, its next state or the reason of its end, the fields that
// change, or a refusal.
// prettier-ignore
const page: Record<HappeningName, [Calling: string, Ringing: string, InLobby: string, Connecting: string, Connected: string, Reconnecting: string, Disconnected: string]> = {
  //                 Calling                Ringing                InLobby                Connecting               Connected                Reconnecting             Disconnected
  accepted:          ['cannotAccept',        'Connecting',          'cannotAccept',        '-',                     '-',                     '-',                     'cannotAccept'],
  rejected:          ['cannotReject',        'declined',            'cannotReject',        'cannotReject',          'cannotReject',          'cannotReject',          'cannotReject'],
  hungUp:            ['cancelled',           'declined',            'hungUp',              'hungUp',                'hungUp',                'hungUp',                '-'],
  muted:             ['isMuted',             'isMuted',             'isMuted',             'isMuted',               'isMuted',               'isMuted',               '-'],
  held:              ['cannotHold',          'cannotHold',          'cannotHold',          'cannotHold',            'isHeld',                'isHeld',                'cannotHold'],
  resumed:           ['cannotResume',        'cannotResume',        'cannotResume',        'cannotResume',          'cannotResume',          'cannotResume',          'cannotResume'],
  linkLost:          ['-',                   '-',                   '-',                   '-',                     'Reconnecting',          'linkUntil',             '-'],
  linkBack:          ['-',                   '-',                   '-',                   '-',                     '-',                     '-',                     '-'],
  sessionEnded:      ['vanished',            'vanished',            'vanished',            'vanished',              'vanished',              'vanished',              '-'],
  progressed:        ['codec',               'codec progress',      'codec',               'codec',                 'codec',                 'codec',                 '-'],
  mediaUp:           ['generation hasMedia', 'generation hasMedia', 'generation hasMedia', 'Connected',             'generation',            'Connected',             '-'],
  mediaLost:         ['generation',          'generation',          'generation',          'generation',            'Reconnecting',          'generation',            '-'],
  fellDue:           ['noAnswer',            'noAnswer',            'lobbyDenied',         'connectFailed',         '-',                     'mediaLost',             '-'],
  answered:          ['Connecting',          '-',                   '-',                   '-',                     '-',                     '-',                     '-'],
  answeredElsewhere: ['-',                   'acceptedElsewhere',   '-',                   '-',                     '-',                     '-',                     '-'],
  letIn:             ['-',                   '-',                   'Connecting',          '-',                     '-',                     '-',                     '-'],
  mutedByOther:      ['-',                   '-',                   '-',                   'isMuted mutedByOthers', 'isMuted mutedByOthers', 'isMuted mutedByOthers', '-'],
  dismissed:         ['revoked',             'revoked',             'revoked',             'revoked',               'revoked',               'revoked',               '-'],
}

const begins = epochOf('0 s')
const until = epochOf('10 s')
const at = { now: epochOf('10 s'), limits: defaultLimits }
const calling = callingLeg({ ...ann.phone, isMuted: false }, until)
const ringing = ringingLeg(bob.laptop, until)
const answered = { ...endpointOf(ringing), generation: 1 }

const legs: { [S in LegStateName]: LegIn<S> } = {
  Calling: calling,
  Ringing: ringing,
  InLobby: waitingLeg({ ...bob.laptop, isMuted: false }, until),
  Connecting: { ...answered, state: 'Connecting', connectsUntil: until },
  Connected: { ...answered, state: 'Connected', connectedAt: begins },
  Reconnecting: { ...answered, state: 'Reconnecting', connectedAt: begins, mediaUntil: until },
  Disconnected: { ...answered, state: 'Disconnected', reason: 'cancelled', endedAt: begins },
}

const { session, legId } = bob.laptop
const happenings: { [H in HappeningName]: Extract<Happening, { type: H }> } = {
  accepted: { type: 'accepted', session, isMuted: false },
  rejected: { type: 'rejected', session },
  hungUp: { type: 'hungUp', session },
  muted: { type: 'muted', session, isMuted: true },
  held: { type: 'held', session },
  resumed: { type: 'resumed', session },
  linkLost: { type: 'linkLost', session },
  linkBack: { type: 'linkBack', session },
  sessionEnded: { type: 'sessionEnded', session, reason: 'vanished' },
  progressed: { type: 'progressed', session, progress: 'alerting', codec: 'PCMU' },
  mediaUp: { type: 'mediaUp', legId, generation: 2 },
  mediaLost: { type: 'mediaLost', legId, generation: 2 },
  fellDue: { type: 'fellDue' },
  answered: { type: 'answered' },
  answeredElsewhere: { type: 'answeredElsewhere' },
  letIn: { type: 'letIn' },
  mutedByOther: { type: 'mutedByOther' },
  dismissed: { type: 'dismissed', reason: 'revoked' },
}

const cells = Object.values(legs).flatMap((leg, n) =>
  Object.values(happenings).map((what) => ({
    leg,
    what,
    state: leg.state,
    type: what.type,
    expected: page[what.type][n],
  })),
)

describe('the table', () => {
  it('has a cell for every state and everything that can happen to a leg, and no other', () => {
    expect(Object.keys(onLeg)).toEqual(Object.keys(legs))
    for (const row of Object.values(onLeg)) expect(Object.keys(row)).toEqual(Object.keys(happenings))
  })

  it.each(cells)('$state, $type: $expected', ({ leg, what, expected }) => {
    expect(inWords(leg, transition(leg, what, at))).toBe(expected)
  })

  it('waits for nothing that is not due yet', () => {
    const early = { ...at, now: (until - 1) as EpochMs } // a moment before
    for (const leg of Object.values(legs)) expect(transition(leg, { type: 'fellDue' }, early)).toBe(leg)
  })

  it('takes an accept of a caller who is in the call for a mistake, and one of a callee for a repetition', () => {
    for (const leg of [legs.Connecting, legs.Connected, legs.Reconnecting]) {
      expect(transition(leg, happenings.accepted, at)).toBe(leg)
      expect(transition({ ...leg, side: 'caller' }, happenings.accepted, at)).toBe('cannotAccept')
    }
  })
})

describe('a leg on hold', () => {
  it.each(['Connected', 'Reconnecting'] as const)('is resumed once, and held again is as it was (%s)', (state) => {
    const held: Leg = { ...legs[state], isHeld: true }
    expect(transition(held, happenings.held, at)).toBe(held)
    expect(transition(held, happenings.resumed, at)).toEqual(legs[state])
  })

  it('stays on hold while it reconnects', () => {
    const held: Leg = { ...legs.Connected, isHeld: true }
    const lost = transition(held, happenings.linkLost, at) as Leg // no refusal, see the page
    expect(transition(lost, happenings.linkBack, at)).toEqual(held)
  })
})

function inWords(leg: Leg, next: Leg | string): string {
  if (typeof next === 'string') return next
  if (next === leg) return '-'
  if (next.state !== leg.state) return next.state === 'Disconnected' ? next.reason : next.state
  const was = new Map<string, unknown>(Object.entries(leg))
  const changed = Object.entries(next).filter(([name, value]) => was.get(name) !== value)
  return changed
    .map(([name]) => name)
    .toSorted()
    .join(' ')
}
