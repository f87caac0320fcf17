import { describe, expect, it } from '@jest/globals'
import { troubleSentences } from './sentences.ts'
import { blank, step, type PhoneEvent, type PhoneState, type SignedIn } from './state.ts'

const ann = { user: '8:acs:ann', displayName: 'Ann' }
const bob = { user: '8:acs:bob', displayName: 'Bob' }
const cleo = { user: '8:acs:cleo', displayName: 'Cleo' }

/** The state after these events; each second one more has come. */
function after(...events: PhoneEvent[]): PhoneState {
  return events.reduce<PhoneState>((state, event, n) => step(state, event, n * 1000), blank('', undefined, 0))
}

function signedIn(...events: PhoneEvent[]): SignedIn {
  const state = after({ type: 'signedIn', me: ann, isSoundBlocked: false }, ...events)
  if (state.page !== 'phone') throw new Error(`expected the phone, found ${state.page}`)
  return state
}

const callTo = (callState: 'Connecting' | 'Ringing' | 'Connected'): PhoneEvent => ({
  type: 'callStarted',
  other: bob,
  direction: 'Outgoing',
  callState,
  isMuted: false,
})
const changed = (change: Extract<PhoneEvent, { type: 'callChanged' }>['change']): PhoneEvent => ({
  type: 'callChanged',
  change,
})
const rang = (id: string, from = bob): PhoneEvent => ({ type: 'rang', id, from })
const ticked: PhoneEvent = { type: 'ticked' }

describe('signing in', () => {
  it('keeps the name while it waits, and says what went wrong', () => {
    const given = after({ type: 'nameGiven', name: 'Ann' })
    expect(given).toMatchObject({ page: 'signIn', name: 'Ann', isBusy: true })
    expect(step(given, { type: 'signInFailed', problem: troubleSentences.tooMany }, 1)).toMatchObject({
      name: 'Ann',
      isBusy: false,
      problem: troubleSentences.tooMany,
    })
  })

  it('gives a phone that is free and about to connect', () => {
    expect(signedIn()).toMatchObject({ me: ann, link: { state: 'connecting' }, line: { state: 'free' }, incoming: [] })
  })

  it('goes back to the name when the identity is given up, with the reason', () => {
    const state = step(signedIn(callTo('Connected')), { type: 'signedOut', problem: troubleSentences.identityOver }, 9)
    expect(state).toEqual(blank('Ann', troubleSentences.identityOver, 9))
  })

  it('hears nothing of calls without a phone', () => {
    expect(after(rang('1'), callTo('Ringing'))).toMatchObject({ page: 'signIn' })
  })
})

describe('who is here', () => {
  it('stays on the page, marked as old, while the server does not answer', () => {
    const old = signedIn(
      { type: 'peopleSeen', list: [bob] },
      { type: 'peopleNotSeen', problem: troubleSentences.tooMany, isOutOfReach: false },
    )
    expect(old.people).toEqual({ list: [bob], problem: troubleSentences.tooMany })
    expect(step(old, { type: 'peopleSeen', list: [] }, 9)).toMatchObject({ people: { list: [], problem: undefined } })
  })
})

describe('the link', () => {
  const outOfReach: PhoneEvent = { type: 'peopleNotSeen', problem: troubleSentences.unreachable, isOutOfReach: true }
  const inReach: PhoneEvent = { type: 'peopleSeen', list: [] }
  const connected: PhoneEvent = { type: 'linkChanged', link: { state: 'connected' } }
  const failed: PhoneEvent = { type: 'linkChanged', link: { state: 'failed', problem: troubleSentences.noLink } }

  it('is lost while the server is out of reach, and the call goes on', () => {
    const away = signedIn(connected, callTo('Connected'), outOfReach)
    expect(away).toMatchObject({ link: { state: 'lost' }, line: { state: 'call', callState: 'Connected' } })
    expect(step(away, inReach, 9)).toMatchObject({ link: { state: 'connected' } })
  })

  it('does not come about or back merely because the server answers', () => {
    expect(signedIn(inReach).link.state).toBe('connecting')
    expect(signedIn(connected, failed, outOfReach, inReach).link.state).toBe('failed')
  })

  it('is not lost because the server had other worries', () => {
    const busy: PhoneEvent = { type: 'peopleNotSeen', problem: troubleSentences.tooMany, isOutOfReach: false }
    expect(signedIn(connected, busy).link.state).toBe('connected')
  })
})

describe('dialling', () => {
  it('asks for the microphone first', () => {
    const state = signedIn({ type: 'dialled', callee: bob }, { type: 'microphonePrompted' })
    expect(state.line).toEqual({ state: 'asking', callee: bob, isPrompted: true, problem: undefined })
  })

  it('stays there with what to do when the microphone is refused', () => {
    const problem = { says: 'blocked', todo: 'allow it' }
    const state = signedIn(
      { type: 'dialled', callee: bob },
      { type: 'microphonePrompted' },
      { type: 'diallingFailed', problem },
    )
    expect(state.line).toEqual({ state: 'asking', callee: bob, isPrompted: false, problem })
  })

  it('can be given up', () => {
    expect(signedIn({ type: 'dialled', callee: bob }, { type: 'diallingGivenUp' }).line).toEqual({ state: 'free' })
  })

  it('cannot end a call that has begun', () => {
    expect(signedIn(callTo('Ringing'), { type: 'diallingGivenUp' }).line.state).toBe('call')
  })
})

describe('a call', () => {
  it('counts from the moment at which it was first connected', () => {
    const state = signedIn(callTo('Ringing'), changed({ callState: 'Connected' }), ticked)
    expect(state.line).toMatchObject({ callState: 'Connected', connectedAt: 2000 })
    expect(state.now).toBe(3000)
    const again = step(
      step(state, changed({ callState: 'LocalHold' }), 4000),
      changed({ callState: 'Connected' }),
      5000,
    )
    expect(again).toMatchObject({ line: { connectedAt: 2000 } })
  })

  it('counts at once when it was connected from the start', () => {
    expect(signedIn(callTo('Connected')).line).toMatchObject({ connectedAt: 1000 })
  })

  it('takes over what is reported and leaves the rest', () => {
    const state = signedIn(callTo('Connected'), changed({ isMuted: true }), changed({ camera: 'on' }))
    expect(state.line).toMatchObject({ other: bob, isMuted: true, camera: 'on', isReconnecting: false })
  })

  it('ends with a sentence and how long it lasted', () => {
    const state = signedIn(callTo('Connected'), ticked, ticked, { type: 'callEnded', end: { code: 0, subCode: 0 } })
    expect(state.line).toEqual({ state: 'free' })
    expect(state.lastEnd).toEqual({
      other: bob,
      sentence: { says: 'The call with Bob has ended.', todo: 'It lasted 3 s.' },
      mayCallAgain: true,
    })
  })

  it('says nothing of a duration when it was never connected', () => {
    const state = signedIn(callTo('Ringing'), { type: 'callEnded', end: { code: 603, subCode: 0 } })
    expect(state.lastEnd?.sentence).toEqual({ says: 'Bob declined the call.', todo: undefined })
  })

  it('hears no more after its end', () => {
    const ended = signedIn(callTo('Connected'), { type: 'callEnded', end: { code: 0, subCode: 0 } })
    expect(step(ended, changed({ isMuted: true }), 3000)).toMatchObject({ line: { state: 'free' } })
  })

  it('wipes away how the last one ended', () => {
    const ended: PhoneEvent = { type: 'callEnded', end: { code: 0, subCode: 0 } }
    expect(signedIn(callTo('Connected'), ended, callTo('Connecting')).lastEnd).toBeUndefined()
    expect(signedIn(callTo('Connected'), ended, { type: 'dialled', callee: bob }).lastEnd).toBeUndefined()
    expect(signedIn(callTo('Connected'), ended, { type: 'endDismissed' }).lastEnd).toBeUndefined()
  })
})

describe('where the address leads', () => {
  const place = { groupId: '3f1c2f1e-7a55-4a43-8a5f-0c9a5f4f7a11' }
  const chosen: PhoneEvent = { type: 'placeChosen', place }

  it('is kept while somebody gives a name, and after the identity is given up', () => {
    const state = after(chosen, { type: 'signedIn', me: ann, isSoundBlocked: false })
    expect(state.place).toEqual(place)
    expect(step(state, { type: 'signedOut', problem: undefined }, 9).place).toEqual(place)
  })

  it('is copied anew when it is another place', () => {
    const copied = signedIn(chosen, { type: 'linkCopied', isCopied: true })
    expect(copied.copying).toBe('copied')
    expect(step(copied, { type: 'placeChosen', place: undefined }, 9)).toMatchObject({ copying: undefined })
  })
})

describe('reactions', () => {
  const reacted = (kind: 'like' | 'heart'): PhoneEvent => ({ type: 'reacted', user: bob.user, kind })

  it('are seen for some seconds, of each person the newest', () => {
    const { line } = signedIn(callTo('Connected'), reacted('like'), reacted('heart'))
    expect(line).toMatchObject({ reactions: [{ user: bob.user, kind: 'heart', shownUntil: 7000 }] })
  })

  it('mean nothing without a call', () => {
    expect(signedIn(reacted('like')).line).toEqual({ state: 'free' })
  })
})

describe('the test before a call', () => {
  it('wipes away how the last call ended, and leaves what it has found', () => {
    const ended: PhoneEvent = { type: 'callEnded', end: { code: 0, subCode: 0 } }
    const running = signedIn(callTo('Connected'), ended, { type: 'checkBegan' })
    expect(running).toMatchObject({ check: 'running', lastEnd: undefined })
    const sentences = ['No camera was found.']
    expect(step(running, { type: 'checkEnded', sentences }, 9)).toMatchObject({ check: sentences })
  })
})

describe('a call that rings here', () => {
  it('is shown beside others, the oldest first, each once', () => {
    expect(signedIn(rang('1', bob), rang('2', cleo), rang('1', bob)).incoming.map((one) => one.id)).toEqual(['1', '2'])
  })

  it('goes with a word about what was missed', () => {
    const state = signedIn(rang('1'), rang('2', cleo), {
      type: 'ringingEnded',
      id: '1',
      end: { code: 487, subCode: 0 },
    })
    expect(state.incoming.map((one) => one.id)).toEqual(['2'])
    expect(state.lastEnd?.sentence.says).toBe('Bob hung up before you answered.')
  })

  it('goes without a word when it has become the call in hand', () => {
    const state = signedIn(rang('1'), { type: 'ringingEnded', id: '1', end: undefined })
    expect(state.incoming).toEqual([])
    expect(state.lastEnd).toBeUndefined()
  })

  it('ends once: the second word about it is not heard', () => {
    const state = signedIn(
      rang('1'),
      { type: 'ringingEnded', id: '1', end: undefined },
      { type: 'ringingEnded', id: '1', end: { code: 487, subCode: 0 } },
    )
    expect(state.lastEnd).toBeUndefined()
  })

  it('leaves the call in hand alone', () => {
    const state = signedIn(callTo('Connected'), rang('2', cleo), {
      type: 'ringingEnded',
      id: '2',
      end: { code: 487, subCode: 10004 },
    })
    expect(state.line.state).toBe('call')
    expect(state.lastEnd?.sentence.says).toBe('You missed a call from Cleo.')
  })

  it('says on its own card what is missing to answer it', () => {
    const problem = { says: 'blocked', todo: 'allow it' }
    const state = signedIn(rang('1'), rang('2', cleo), { type: 'answering', id: '2', answer: 'open', problem })
    expect(state.incoming.map((one) => one.problem)).toEqual([undefined, problem])
    expect(step(state, { type: 'answering', id: '2', answer: 'answering' }, 9)).toMatchObject({
      incoming: [{ answer: 'open' }, { answer: 'answering', problem: undefined }],
    })
  })
})
