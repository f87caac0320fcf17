import { describe, it } from '@jest/globals'
import { epochOf } from '../test/checks.ts'
import { ann, bob } from '../test/people.ts'
import { story, talking } from '../test/story.ts'

describe('the index', () => {
  const claim = `pair ${[ann.phone.user, bob.laptop.user].toSorted().join(' ')}`

  it('claims the pair and has the rung user while the call is unanswered, in either direction', () => {
    const there = story()
    there.given(ann.phone).calls(bob.laptop, bob.tablet)
    const sessions = [ann.phone.session, bob.laptop.session, bob.tablet.session]
    const nextDeadline = epochOf('85 s')
    there.thenTheCall().isFoundBy({ isLive: true, claim, sessions, ringing: [bob.laptop.user], nextDeadline })

    const back = story()
    back.given(bob.laptop).calls(ann.phone)
    back.thenTheCall().isFoundBy({
      isLive: true,
      claim,
      sessions: [bob.laptop.session, ann.phone.session],
      ringing: [ann.phone.user],
      nextDeadline,
    })
  })

  it('keeps only the live sessions of an answered call', () => {
    const { given, at, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    at('2 s').when(bob.tablet).accepts()
    const sessions = [ann.phone.session, bob.tablet.session]
    thenTheCall().isFoundBy({ isLive: true, sessions, ringing: [], nextDeadline: epochOf('14 s') })
  })

  it('is empty after the end', () => {
    const { when, thenTheCall } = talking()
    when(bob.laptop).hangsUp()
    thenTheCall().isFoundBy({ isLive: false, sessions: [], ringing: [] })
  })
})
