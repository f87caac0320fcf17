import { describe, expect, it } from '@jest/globals'
import { echo, type Person } from './names.ts'
import { blank, step, type Member, type PhoneEvent, type PhoneState } from './state.ts'
import { movesWithTime, soundOf, statusOf, titleOf } from './status.ts'

const bob = { user: '8:acs:bob', displayName: 'Bob' }
const cleo = { user: '8:acs:cleo', displayName: 'Cleo' }
const connected: PhoneEvent = { type: 'linkChanged', link: { state: 'connected' } }
const rang: PhoneEvent = { type: 'rang', id: '1', from: cleo }

type CallStarted = Extract<PhoneEvent, { type: 'callStarted' }>
const talk = (callState: CallStarted['callState'], direction: CallStarted['direction'] = 'Outgoing'): PhoneEvent => ({
  type: 'callStarted',
  other: bob,
  direction,
  callState,
  isMuted: false,
})

function member(person: Person): Member {
  return { ...person, state: 'Connected', isMuted: false, isSpeaking: false, isHandUp: false, picture: undefined }
}

function phone(...events: PhoneEvent[]): PhoneState {
  const signedIn: PhoneEvent = {
    type: 'signedIn',
    me: { user: '8:acs:ann', displayName: 'Ann' },
    isSoundBlocked: false,
  }
  return [signedIn, ...events].reduce<PhoneState>((state, event) => step(state, event, 0), blank('', undefined, 0))
}

describe('the status line', () => {
  // prettier-ignore
  it.each([
    ['while it connects',              phone(),                                              'Connecting …'],
    ['when one can be called',         phone(connected),                                     'You are ready to call and to be called.'],
    ['while the link is away',         phone({ type: 'linkChanged', link: { state: 'lost' } }), 'Reconnecting …'],
    ['while the browser asks',         phone({ type: 'dialled', callee: bob }, { type: 'microphonePrompted' }), 'Your browser asks for the microphone.'],
    ['while a call is set up',         phone(talk('Connecting')),                            'Calling Bob …'],
    ['while an answered one is',       phone(talk('Connecting', 'Incoming')),                'Connecting …'],
    ['while it rings over there',      phone(talk('Ringing')),                               'Ringing. Waiting for Bob to answer …'],
    ['while people talk',              phone(talk('Connected')),                             'Connected'],
    ['while the way is lost in a call', phone(talk('Connected'), { type: 'callChanged', change: { isReconnecting: true } }), 'Reconnecting …'],
    ['while it is being hung up',      phone(talk('Disconnecting')),                         'Hanging up …'],
    ['after the end',                  phone(talk('Ringing'), { type: 'callEnded', end: { code: 603, subCode: 0 } }), 'Bob declined the call.'],
  ])('%s', (_when, state, says) => {
    expect(statusOf(state).says).toBe(says)
  })
})

describe('the status line where people meet', () => {
  const group = { groupId: '3f1c2f1e-7a55-4a43-8a5f-0c9a5f4f7a11' }
  const room = { roomId: '99412345678901234' }
  const joined = (other: CallStarted['other'], callState: CallStarted['callState'] = 'Connected'): PhoneEvent => ({
    type: 'callStarted',
    other,
    direction: 'Outgoing',
    callState,
    isMuted: false,
  })
  const seen = (change: Extract<PhoneEvent, { type: 'callChanged' }>['change']): PhoneEvent => ({
    type: 'callChanged',
    change: { may: new Set(['unmuteMic']), ...change },
  })

  // prettier-ignore
  it.each([
    ['while one comes in',          phone(joined(group, 'Connecting')),                    'Joining the group …'],
    ['while one waits to be let in', phone(joined(room, 'InLobby')),                       'Waiting to be let in …'],
    ['when nobody else is there',   phone(joined(group), seen({ members: [] })),          'You are the only one here.'],
    ['with one other',              phone(joined(group), seen({ members: [member(bob)] })), 'You and one other person are here.'],
    ['with more',                   phone(joined(room), seen({ members: [member(bob), member(cleo)] })), 'You and 2 others are here.'],
    ['while it is on hold',         phone(joined(group, 'LocalHold')),                     'The call is on hold.'],
  ])('%s', (_when, state, says) => {
    expect(statusOf(state).says).toBe(says)
  })

  it('says who can come by the link', () => {
    const alone = seen({ members: [] })
    expect(statusOf(phone(joined(group), alone)).todo).toContain('whoever opens it can join')
    expect(statusOf(phone(joined(room), alone)).todo).toContain('who is on the list of the room')
  })

  it('tells who may only listen that it is so', () => {
    const listener = seen({ members: [member(bob)], may: new Set() })
    expect(statusOf(phone(joined(room), listener)).todo).toBe('You can listen and watch here, but not speak.')
  })

  it('is that of a group as soon as a third one has come into a call of two', () => {
    const state = phone(talk('Connected'), seen({ members: [member(bob), member(cleo)] }))
    expect(statusOf(state).says).toBe('You and 2 others are here.')
    expect(titleOf(state)).toBe('Group · Parley')
  })

  it('explains the echo', () => {
    expect(statusOf(phone(joined(echo))).says).toBe('The echo is listening.')
  })
})

describe('the sound', () => {
  it('is the ringback while the other side rings, and only then', () => {
    expect(soundOf(phone(talk('Connecting')))).toBe('silence')
    expect(soundOf(phone(talk('Ringing')))).toBe('ringback')
    expect(soundOf(phone(talk('Connected')))).toBe('silence')
  })

  it('rings for somebody who calls, until it is answered', () => {
    expect(soundOf(phone(connected, rang))).toBe('ringing')
    expect(soundOf(phone(rang, { type: 'answering', id: '1', answer: 'answering' }))).toBe('silence')
  })

  it('knocks in the ear of somebody who talks', () => {
    expect(soundOf(phone(talk('Connected'), rang))).toBe('knocking')
  })

  it('is none before there is a phone', () => {
    expect(soundOf(blank('', undefined, 0))).toBe('silence')
  })
})

describe('the title of the window', () => {
  it('blinks while a call rings', () => {
    const titles = [0, 1000, 2000].map((now) => titleOf(step(phone(rang), { type: 'ticked' }, now)))
    expect(titles).toEqual(['Cleo is calling', '☎ Incoming call', 'Cleo is calling'])
  })

  it('names the other side of the call in hand, and is plain without', () => {
    expect(titleOf(phone(talk('Connected')))).toBe('Bob · Parley')
    expect(titleOf(phone(connected))).toBe('Parley')
  })
})

describe('the clock', () => {
  it('runs only while something on the page moves with it', () => {
    expect([phone(connected), phone(rang), phone(talk('Connected'))].map(movesWithTime)).toEqual([false, true, true])
  })
})
