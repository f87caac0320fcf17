import { describe, expect, it } from '@jest/globals'
import { blank, step, type PhoneEvent, type PhoneState } from './state.ts'
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
