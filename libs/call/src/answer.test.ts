import { describe, it } from '@jest/globals'
import { ann, bob, eve } from '../test/people.ts'
import { story } from '../test/story.ts'

describe('the answer', () => {
  it('brings both sides in, to set up their media', () => {
    const { given, at, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    at('2 s').when(bob.laptop).accepts()
    for (const device of [ann.phone, bob.laptop]) {
      then(device).waits('Connecting', '14 s')
      then(device).wasGranted('talk')
    }
    then(bob.laptop).wasTold('call.changed')
    then(ann.phone).wasTold('call.people') // of herself she sees nothing new
    then(ann.phone).sees({ state: 'Ringing' }) // until the media is there: an answer is no step back
    then(bob.laptop).sees({ state: 'Connecting' })
    thenTheCall().did('grant', 'grant', 'tell', 'tell')
  })

  it('connects at once who is warm', () => {
    const { given, at, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).getsMedia()
    at('2 s').when(bob.laptop).accepts()
    then(bob.laptop).is('Connected')
    then(ann.phone).waits('Connecting', '14 s')
    then(ann.phone).seesOthers('bob Connected')
    at('3 s').when(ann.phone).getsMedia()
    then(ann.phone).is('Connected')
    then(bob.laptop).seesOthers('ann Connected')
  })

  it('connects the caller at once when he is warm', () => {
    const { given, at, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).getsMedia()
    when(bob.laptop).getsMedia()
    at('2 s').when(bob.laptop).accepts()
    then(ann.phone).is('Connected')
    then(bob.laptop).is('Connected')
    thenTheCall().isNeverDue()
  })

  it('stops the other devices of the callee', () => {
    const { given, at, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet, bob.watch)
    at('2 s').when(bob.laptop).accepts()
    for (const device of [bob.tablet, bob.watch]) {
      then(device).isEndedBy('acceptedElsewhere')
      then(device).wasTold('call.ended', 'acceptedElsewhere')
      then(device).may('nothing')
    }
    thenTheCall().did('grant', 'grant', 'tell', 'tell', 'tell', 'tell', 'closeMedia', 'closeMedia')
    thenTheCall().isLive()
  })

  it('takes over whether the callee is muted', () => {
    const { given, when, then } = story()
    given(ann.phone, { isMuted: true }).calls(bob.laptop)
    when(bob.laptop).accepts({ isMuted: true })
    then(bob.laptop).wasGranted('listen')
    then(ann.phone).wasGranted('listen')
    then(ann.phone).seesOthers('bob Connecting muted')
    then(bob.laptop).seesOthers('ann Connecting muted')
  })

  it('goes to the first of two devices that accept', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.tablet).accepts()
    when(bob.laptop).accepts()
    thenTheCall().refused('cannotAccept')
    then(bob.tablet).is('Connecting')
    then(bob.laptop).isEndedBy('acceptedElsewhere')
  })

  it('may be repeated by the device that gave it', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).accepts()
    when(bob.laptop).accepts({ isMuted: true })
    thenTheCall().stayedAsItWas()
    when(bob.laptop).getsMedia()
    when(bob.laptop).accepts()
    thenTheCall().stayedAsItWas()
  })

  it('comes too late after the caller has cancelled', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).hangsUp()
    when(bob.laptop).accepts()
    thenTheCall().refused('cannotAccept')
    then(bob.laptop).isEndedBy('cancelled')
  })

  it('counts when it arrives before anyone has looked at the clock', () => {
    const { given, at, then } = story()
    given(ann.phone).calls(bob.laptop)
    at('85.1 s').when(bob.laptop).accepts()
    then(bob.laptop).is('Connecting')
  })

  it('is not the caller’s to give, nor a stranger’s', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).accepts()
    thenTheCall().refused('cannotAccept')
    when(eve.desk).accepts()
    thenTheCall().refused('unknownCall')
    when(bob.laptop).accepts()
    when(ann.phone).accepts()
    thenTheCall().refused('cannotAccept')
  })
})

describe('setting up', () => {
  it('ends as failed on both sides when media does not come up in time', () => {
    const { given, at, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).getsMedia()
    at('2 s').when(bob.laptop).accepts()
    at('14 s').theClockLooks()
    then(ann.phone).wasTold('call.ended', 'connectFailed')
    then(bob.laptop).wasTold('call.ended', 'connectFailed')
  })

  it('can be hung up by either side', () => {
    for (const device of [ann.phone, bob.laptop]) {
      const { given, at, then, thenTheCall } = story()
      given(ann.phone).calls(bob.laptop)
      at('2 s').when(bob.laptop).accepts()
      at('3 s').when(device).hangsUp()
      then(ann.phone).wasTold('call.ended', 'hungUp')
      then(bob.laptop).wasTold('call.ended', 'hungUp')
      thenTheCall().isOverSince('3 s')
    }
  })

  it('may build anew what it lost before it was up', () => {
    const { given, at, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    at('2 s').when(bob.laptop).accepts()
    when(bob.laptop).losesMedia(1)
    then(bob.laptop).waits('Connecting', '14 s')
    then(bob.laptop).sees({ mediaLost: true })
    when(bob.laptop).getsMedia(2)
    then(bob.laptop).is('Connected')
    then(bob.laptop).sees({ mediaLost: false })
  })

  it('does not mind a lost link: it has its own limit', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).accepts()
    when(bob.laptop).losesLink()
    thenTheCall().stayedAsItWas()
    then(bob.laptop).is('Connecting')
  })
})
