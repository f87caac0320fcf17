import { describe, it } from '@jest/globals'
import type { Saying } from '@parley/protocol'
import { ann, bob, cid, dan, eve } from '../test/people.ts'
import { inRoom, meeting, story, talking } from '../test/story.ts'

const like: Saying = { kind: 'reaction', reaction: 'like' }
const text: Saying = { kind: 'text', sequence: 1, text: 'Hello', isFinal: true }
const data: Saying = { kind: 'data', channel: 1, data: '' }
const noise: Saying = { kind: 'diagnostic', diagnostic: 'speakingWhileMuted', value: true, valueType: 'DiagnosticFlag' }

describe('what is said', () => {
  it('goes to everybody else who is in the call, one’s own other devices among them', () => {
    const { when, thenWhat } = meeting({ hasLobby: true })
    when(ann.desk).joins()
    when(dan.phone).joins({ waits: true })
    when(ann.phone).adds(eve.desk)
    for (const what of [like, text, data, noise]) {
      thenWhat(ann.phone, what).isHeardBy(bob.laptop, cid.phone, ann.desk)
    }
  })

  it('goes to those who are named, on all their devices', () => {
    const { when, thenWhat } = meeting()
    when(bob.tablet).joins()
    thenWhat(ann.phone, data, bob.laptop).isHeardBy(bob.laptop, bob.tablet)
    thenWhat(ann.phone, data, bob.laptop, eve.desk).isHeardBy(bob.laptop, bob.tablet)
    thenWhat(ann.phone, data, eve.desk).isRefused('nobodyThere')
  })

  it('may be heard by nobody, and on hold', () => {
    const { when, thenWhat } = meeting()
    when(ann.phone).holds()
    thenWhat(ann.phone, text).isHeardBy(bob.laptop, cid.phone)
    when(bob.laptop).hangsUp()
    when(cid.phone).hangsUp()
    thenWhat(ann.phone, text).isHeardBy()
  })

  it('takes being in the call', () => {
    const { given, when, thenWhat } = story()
    given(ann.phone).calls(bob.laptop)
    thenWhat(ann.phone, text).isRefused('notConnected')
    thenWhat(bob.laptop, like).isRefused('notConnected')
    when(bob.laptop).accepts()
    thenWhat(bob.laptop, like).isHeardBy(ann.phone)
    thenWhat(eve.desk, like).isRefused('unknownCall')
    const over = talking()
    over.when(ann.phone).hangsUp()
    over.thenWhat(ann.phone, text).isRefused('notConnected')
  })

  it('is a reaction and no text from who only watches a room', () => {
    const { thenWhat } = inRoom()
    thenWhat(cid.phone, like).isHeardBy(ann.phone, bob.laptop)
    thenWhat(cid.phone, text).isRefused('roleForbids')
    thenWhat(cid.phone, data).isRefused('roleForbids')
    thenWhat(bob.laptop, text).isHeardBy(ann.phone, cid.phone)
  })
})
