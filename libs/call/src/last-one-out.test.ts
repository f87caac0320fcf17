import { describe, it } from '@jest/globals'
import { ann, bob, eve } from '../test/people.ts'
import { story, talking } from '../test/story.ts'

describe('the unanswered call', () => {
  it('ends for both when the callee declines', () => {
    const { given, at, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    at('3 s').when(bob.laptop).rejects()
    then(bob.laptop).wasTold('call.ended', 'declined')
    then(ann.phone).wasTold('call.ended', 'declined')
    then(ann.phone).seesOthers('bob Disconnected')
    thenTheCall().isOverSince('3 s')
    thenTheCall().did('tell', 'tell', 'closeMedia', 'closeMedia')
  })

  it('rings on when one of several devices declines', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).rejects()
    then(bob.laptop).wasTold('call.ended', 'declined')
    then(bob.laptop).seesOthers('ann Connecting') // he has declined; she still calls
    then(bob.tablet).is('Ringing')
    then(bob.tablet).wasToldNothing()
    then(ann.phone).is('Calling')
    when(bob.tablet).rejects()
    then(ann.phone).wasTold('call.ended', 'declined')
  })

  it('takes a hang-up of a ringing device for a reject', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).hangsUp()
    then(bob.laptop).isEndedBy('declined')
    then(ann.phone).isEndedBy('declined')
  })

  it('can be declined again, but not by a device that does not ring', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).rejects()
    when(bob.laptop).rejects()
    thenTheCall().stayedAsItWas()
    when(ann.phone).rejects()
    thenTheCall().refused('cannotReject')
    when(bob.tablet).accepts()
    when(bob.tablet).rejects()
    thenTheCall().refused('cannotReject')
    when(eve.desk).rejects()
    thenTheCall().refused('unknownCall')
  })

  it('is not declined by a reject that the answer of another device overtook', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).accepts()
    when(bob.tablet).rejects()
    thenTheCall().refused('cannotReject')
    then(bob.laptop).is('Connecting')
  })

  it('is cancelled when the caller hangs up', () => {
    const { given, at, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    at('5 s').when(ann.phone).hangsUp()
    for (const device of [ann.phone, bob.laptop, bob.tablet]) then(device).wasTold('call.ended', 'cancelled')
    thenTheCall().isOverSince('5 s')
    when(ann.phone).hangsUp()
    thenTheCall().stayedAsItWas()
  })

  it('ends for all when nobody answers in time, and not earlier', () => {
    const { given, at, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    at('84.999 s').theClockLooks()
    thenTheCall().stayedAsItWas()
    at('85 s').theClockLooks()
    for (const device of [ann.phone, bob.laptop, bob.tablet]) then(device).wasTold('call.ended', 'noAnswer')
    thenTheCall().isOverSince('85 s')
  })

  it('ends on time also when the clock was away', () => {
    const { given, at, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    at('500 s').theClockLooks()
    then(ann.phone).isEndedBy('noAnswer')
    thenTheCall().isOverSince('500 s')
  })

  it.each(['vanished', 'hungUp', 'revoked'] as const)(
    'is cancelled when the session of the caller ends (%s)',
    (reason) => {
      const { given, when, then } = story()
      given(ann.phone).calls(bob.laptop)
      when(ann.phone).leaves(reason)
      then(ann.phone).wasTold('call.ended', reason)
      then(bob.laptop).wasTold('call.ended', 'cancelled')
    },
  )

  it('rings on without a device that vanishes', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).leaves('vanished')
    then(bob.laptop).isEndedBy('vanished')
    then(bob.tablet).is('Ringing')
    then(ann.phone).is('Calling')
  })

  it('has nobody to reach when the last device vanishes', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).leaves('vanished')
    when(bob.tablet).leaves('hungUp')
    then(ann.phone).wasTold('call.ended', 'noEndpoint')
  })

  it('was declined when one device said so and the last one vanishes', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).rejects()
    when(bob.tablet).leaves('vanished')
    then(ann.phone).wasTold('call.ended', 'declined')
  })

  it('does not mind a lost link: its own time goes on', () => {
    const { given, at, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).losesLink()
    thenTheCall().stayedAsItWas()
    when(bob.laptop).losesLink()
    thenTheCall().stayedAsItWas()
    at('85 s').theClockLooks()
    then(bob.laptop).isEndedBy('noAnswer')
  })
})

describe('talking', () => {
  it('waits for nothing', () => {
    talking().thenTheCall().isNeverDue()
  })

  it('ends for both when either hangs up', () => {
    for (const device of [ann.phone, bob.laptop]) {
      const { at, then, thenTheCall } = talking()
      at('60 s').when(device).hangsUp()
      then(ann.phone).wasTold('call.ended', 'hungUp')
      then(bob.laptop).wasTold('call.ended', 'hungUp')
      thenTheCall().isOverSince('60 s')
      thenTheCall().did('tell', 'tell', 'closeMedia', 'closeMedia')
    }
  })

  it.each([
    { reason: 'vanished', other: 'vanished' },
    { reason: 'revoked', other: 'vanished' },
    { reason: 'hungUp', other: 'hungUp' },
  ] as const)('ends when a session ends: $reason, and $other for the other', ({ reason, other }) => {
    for (const [leaver, stayer] of [
      [ann.phone, bob.laptop],
      [bob.laptop, ann.phone],
    ] as const) {
      const { when, then } = talking()
      when(leaver).leaves(reason)
      then(leaver).wasTold('call.ended', reason)
      then(stayer).wasTold('call.ended', other)
    }
  })

  it('does not notice what happens to strangers and to those who are out', () => {
    const { when, thenTheCall, at } = talking()
    when(eve.desk).leaves('vanished')
    thenTheCall().stayedAsItWas()
    when(eve.desk).losesLink()
    thenTheCall().stayedAsItWas()
    when(eve.desk).hangsUp()
    thenTheCall().refused('unknownCall')
    at('500 s').theClockLooks()
    thenTheCall().stayedAsItWas()
  })
})
