import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { durationInWords, durationOnClock, sentenceOfEnd, sentenceOfFailure, troubleSentences } from './sentences.ts'

const says = (code: number, subCode: number, side: 'Outgoing' | 'Incoming') =>
  sentenceOfEnd({ code, subCode }, 'Bob', side).sentence.says

describe('how a call ended, in words', () => {
  // prettier-ignore
  it.each([
    [0,   0,      'The call with Bob has ended.',                 'The call with Bob has ended.'],
    [0,   4521,   'Bob left without hanging up.',                 'Bob left without hanging up.'],
    [487, 0,      'You hung up before Bob answered.',             'Bob hung up before you answered.'],
    [487, 10003,  'You answered Bob on another device.',          'You answered Bob on another device.'],
    [487, 10004,  'Bob did not answer.',                          'You missed a call from Bob.'],
    [603, 0,      'Bob declined the call.',                       'You declined the call from Bob.'],
    [480, 10037,  'Bob is not here right now.',                   'Bob is not here right now.'],
    [408, 10057,  'The call could not be connected in time.',     'The call could not be connected in time.'],
    [410, 301005, 'Sound and picture were lost.',                 'Sound and picture were lost.'],
    [496, 7,      'Your network was lost, and the call with it.', 'Your network was lost, and the call with it.'],
    [495, 4507,   'Your identity is not valid any more.',         'Your identity is not valid any more.'],
    [0,   560000, 'The call with Bob has ended.',                 'The call with Bob has ended.'],
    [0,   540000, 'The call with Bob has ended.',                 'The call with Bob has ended.'],
    [486, 560486, 'Bob is busy.',                                 'Bob is busy.'],
    [603, 560603, 'Bob declined the call.',                       'Bob declined the call.'],
    [486, 560486, 'Bob is busy.',                                 'Bob is busy.'],
    [603, 560603, 'Bob declined the call.',                       'Bob declined the call.'],
    [408, 560408, 'Bob did not answer.',                          'Bob did not answer.'],
    [404, 560404, 'There is no telephone with the number Bob.',   'There is no telephone with the number Bob.'],
    [503, 560503, 'The phone network is out of reach.',           'The phone network is out of reach.'],
    [503, 0,      'The server cannot take the call right now.',   'The server cannot take the call right now.'],
  ])('%i/%i', (code, subCode, toCaller, toCallee) => {
    expect(says(code, subCode, 'Outgoing')).toBe(toCaller)
    expect(says(code, subCode, 'Incoming')).toBe(toCallee)
  })

  it('is a sentence of the page for each end that there is', () => {
    const [table = ''] = readFileSync('docs/reasons.md', 'utf8').split('## Why a request')
    const known = [...table.matchAll(/^\| `\w+` +\| (\d+) +\| (\d+) +\|/gm)].map(([, ...numbers]) =>
      numbers.map(Number),
    )
    expect(known.length).toBeGreaterThan(40)
    const unknown = known.filter(([code = 0, subCode = 0]) => {
      const { todo = '' } = sentenceOfEnd({ code, subCode }, 'Bob', 'Outgoing').sentence
      return todo.includes(`${code}/${subCode}`)
    })
    expect(unknown).toEqual([])
  })

  it('tells refusals apart that share their numbers', () => {
    const refused = (message: string) => sentenceOfEnd({ code: 403, subCode: 510_403, message }, '112', 'Outgoing')
    expect(refused('Emergency services cannot be called from here.').sentence.says).toContain('Emergency')
    expect(refused('… a number of yours (alternateCallerId) …').sentence.says).toContain('must show a number')
  })

  it('tells who joined what happened to him there', () => {
    const joined = (code: number, subCode: number) =>
      sentenceOfEnd({ code, subCode }, 'the group', 'Joined').sentence.says
    expect(joined(0, 0)).toBe('You have left the group.')
    expect(joined(0, 4097)).toBe('The call was ended for everybody.')
    expect(joined(403, 5828)).toBe('You are not invited to this room.')
  })

  it('says what to do where there is something to do', () => {
    expect(sentenceOfEnd({ code: 480, subCode: 10037 }, 'Bob', 'Outgoing').sentence.todo).toContain('open this page')
    expect(sentenceOfEnd({ code: 480, subCode: 560480 }, '1001', 'Outgoing').sentence.todo).toContain('registered')
    expect(sentenceOfEnd({ code: 403, subCode: 511532 }, '+49', 'Outgoing').sentence.todo).toContain('1001')
  })

  it('offers to call again where that may help, and not where it cannot', () => {
    expect(sentenceOfEnd({ code: 487, subCode: 10004 }, 'Bob', 'Outgoing').mayCallAgain).toBe(true)
    expect(sentenceOfEnd({ code: 495, subCode: 4507 }, 'Bob', 'Outgoing').mayCallAgain).toBe(false)
  })

  it('takes a missing subCode for 0', () => {
    expect(sentenceOfEnd({ code: 603 }, 'Bob', 'Outgoing').sentence.says).toBe('Bob declined the call.')
  })

  it("passes the SDK's own message on when it does not know the numbers, with the numbers", () => {
    const { sentence } = sentenceOfEnd({ code: 486, subCode: 77, message: 'Busy.' }, 'Bob', 'Outgoing')
    expect(sentence.says).toBe('Busy.')
    expect(sentence.todo).toContain('486/77')
  })

  it('has a sentence even when nobody gave one', () => {
    expect(sentenceOfEnd({ code: 999 }, 'Bob', 'Incoming').sentence.says).toBe('The call with Bob has ended.')
  })

  it('does not read a name as a pattern', () => {
    expect(sentenceOfEnd({ code: 603, subCode: 0 }, '$& {other}', 'Outgoing').sentence.says).toBe(
      '$& {other} declined the call.',
    )
  })
})

describe('what the SDK throws, in words', () => {
  const failure = (code: number, subCode: number) => Object.assign(new Error('no'), { code, subCode })

  it('is told like the end with the same numbers', () => {
    expect(sentenceOfFailure(failure(400, 10044), 'Bob', troubleSentences.callFailed).says).toContain(
      'cannot be called',
    )
  })

  it.each([failure(1, 2), new Error('no'), 'no', undefined])('else with the sentence of the place: %p', (error) => {
    expect(sentenceOfFailure(error, 'Bob', troubleSentences.callFailed)).toBe(troubleSentences.callFailed)
  })
})

describe('durations', () => {
  it('run as a clock', () => {
    expect([0, 9_400, 151_000, 3_840_000].map(durationOnClock)).toEqual(['0:00', '0:09', '2:31', '1:04:00'])
    expect(durationOnClock(-5)).toBe('0:00')
  })

  it('are told in words', () => {
    expect([400, 9_400, 151_000, 3_840_000].map(durationInWords)).toEqual(['0 s', '9 s', '2 min 31 s', '1 h 4 min'])
  })
})
