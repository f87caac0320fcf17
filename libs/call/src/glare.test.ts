import { describe, it } from '@jest/globals'
import { ann, bob, eve, withLeg } from '../test/people.ts'
import { story } from '../test/story.ts'

describe('two people who call each other at once', () => {
  it('are in one call when the callee’s call comes second', () => {
    const { given, at, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    at('1 s').when(bob.laptop).callsBack({ isMuted: true })
    then(bob.laptop).waits('Connecting', '13 s')
    then(bob.laptop).hasLegs(1)
    then(bob.laptop).wasGranted('listen')
    then(ann.phone).waits('Connecting', '13 s')
    then(ann.phone).wasTold('call.people')
    then(bob.tablet).wasTold('call.ended', 'acceptedElsewhere')
  })

  it('are in one call in the other order, too', () => {
    const { given, at, then } = story()
    given(bob.laptop, { isMuted: true }).calls(ann.phone, ann.desk)
    at('1 s').when(ann.phone).callsBack()
    then(ann.phone).waits('Connecting', '13 s')
    then(bob.laptop).waits('Connecting', '13 s')
    then(ann.desk).wasTold('call.ended', 'acceptedElsewhere')
    then(ann.phone).seesOthers('bob Connecting muted')
  })

  it('connect at once when both are warm', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).getsMedia()
    when(bob.laptop).getsMedia()
    when(bob.laptop).callsBack()
    then(ann.phone).is('Connected')
    then(bob.laptop).is('Connected')
  })

  it('are in one call also on a device that did not ring', () => {
    const { given, at, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    at('1 s').when(bob.tablet).callsBack()
    then(bob.tablet).waits('Connecting', '13 s')
    then(bob.tablet).wasToldNothing() // the reply to call.start tells
    then(bob.laptop).wasTold('call.ended', 'acceptedElsewhere')
    thenTheCall().isLive()
  })

  it('are in one call also when the device had declined, while another still rings', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).rejects()
    when(withLeg(bob.laptop, 2)).callsBack()
    then(bob.laptop).hasLegs(2)
    then(bob.laptop).is('Connecting')
    then(bob.tablet).isEndedBy('acceptedElsewhere')
    when(bob.laptop).hangsUp()
    then(bob.laptop).wasTold('call.ended', 'hungUp')
    then(ann.phone).wasTold('call.ended', 'hungUp')
  })

  it('find no call to answer once it is answered or over', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).accepts()
    when(bob.tablet).callsBack()
    thenTheCall().refused('callExists')
    when(ann.phone).hangsUp()
    when(bob.laptop).callsBack()
    thenTheCall().refused('callExists')
  })

  it('are not one person who calls twice, nor anyone else', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).callsBack()
    thenTheCall().refused('callExists')
    when(ann.desk).callsBack()
    thenTheCall().refused('callExists')
    when(eve.desk).callsBack()
    thenTheCall().refused('callExists')
  })
})
