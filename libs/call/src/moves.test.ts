import { describe, it } from '@jest/globals'
import { endOf } from '@parley/protocol'
import { ann, bob } from '../test/people.ts'
import { story, talking } from '../test/story.ts'

describe('muting', () => {
  it('silences at the sfu and shows to both', () => {
    const { when, then, thenTheCall } = talking()
    when(ann.phone).mutes()
    then(ann.phone).wasGranted('listen')
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).sees({ isMuted: true })
    then(bob.laptop).wasTold('call.people')
    then(bob.laptop).seesOthers('ann Connected muted')
    thenTheCall().did('grant', 'tell', 'tell')
    when(ann.phone).unmutes()
    then(ann.phone).wasGranted('talk')
    then(bob.laptop).seesOthers('ann Connected')
  })

  it('says nothing new when said twice', () => {
    const { when, thenTheCall } = talking()
    when(ann.phone).unmutes()
    thenTheCall().stayedAsItWas()
    when(ann.phone).mutes()
    when(ann.phone).mutes()
    thenTheCall().stayedAsItWas()
  })

  it('works while it rings, too', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).mutes()
    then(ann.phone).wasGrantedNothing() // nothing of hers flows yet
    then(bob.laptop).wasTold('call.people')
    then(bob.laptop).seesOthers('ann Connecting muted')
    when(bob.laptop).accepts()
    then(ann.phone).wasGranted('listen')
  })

  it('holds while the link is away, and comes too late after the end', () => {
    const { when, then, thenTheCall } = talking()
    when(ann.phone).losesLink()
    when(ann.phone).mutes()
    then(ann.phone).is('Reconnecting')
    then(ann.phone).wasGranted('listen')
    when(bob.laptop).hangsUp()
    when(ann.phone).unmutes()
    thenTheCall().stayedAsItWas()
  })
})

describe('warm media', () => {
  it('that is lost while it rings is built anew, and the device is asked to', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).getsMedia(1)
    when(bob.laptop).losesMedia(1)
    then(bob.laptop).wasTold('call.changed')
    then(bob.laptop).sees({ state: 'Ringing', mediaLost: true })
    when(bob.laptop).accepts()
    then(bob.laptop).is('Connecting')
    then(bob.laptop).sees({ mediaLost: true })
  })

  it('that comes up again is warm again', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).getsMedia(1)
    when(ann.phone).losesMedia(1)
    then(ann.phone).sees({ mediaLost: true })
    when(ann.phone).getsMedia(2)
    then(ann.phone).sees({ mediaLost: false })
    when(bob.laptop).accepts()
    then(ann.phone).is('Connected')
  })

  it('changes nothing that anybody sees when it comes up', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).getsMedia()
    thenTheCall().changedQuietly()
    when(bob.laptop).getsMedia()
    thenTheCall().stayedAsItWas()
  })
})

describe('a lost link', () => {
  it('shows to nobody and stops nobody for 120 s', () => {
    const { at, then, thenTheCall } = talking()
    at('10 s').when(ann.phone).losesLink()
    then(ann.phone).waits('Reconnecting', '130 s')
    then(ann.phone).sees({ state: 'Connected', mediaLost: false })
    then(ann.phone).may('talk')
    then(bob.laptop).seesOthers('ann Connected')
    thenTheCall().changedQuietly()
  })

  it('that is back is forgotten', () => {
    const { at, then, thenTheCall } = talking()
    at('10 s').when(ann.phone).losesLink()
    at('20 s').when(ann.phone).getsLinkBack()
    then(ann.phone).is('Connected')
    thenTheCall().isNeverDue()
    at('21 s').when(ann.phone).getsLinkBack()
    thenTheCall().stayedAsItWas()
  })

  it('has its time once, however often it is reported', () => {
    const { at, then, thenTheCall } = talking()
    at('10 s').when(ann.phone).losesLink()
    at('50 s').when(ann.phone).losesLink()
    thenTheCall().stayedAsItWas()
    then(ann.phone).waits('Reconnecting', '130 s')
  })

  it('that does not come back ends the call: 496/7 here, vanished there', () => {
    const { at, then } = talking()
    at('10 s').when(ann.phone).losesLink()
    at('130 s').theClockLooks()
    then(ann.phone).wasTold('call.ended', 'linkLost')
    then(ann.phone).sees({ state: 'Disconnected', end: endOf('linkLost') })
    then(bob.laptop).wasTold('call.ended', 'vanished')
  })

  it('on both sides ends both with their own reason', () => {
    const { at, then } = talking()
    at('10 s').when(ann.phone).losesLink()
    at('10 s').when(bob.laptop).losesLink()
    at('130 s').theClockLooks()
    then(ann.phone).isEndedBy('linkLost')
    then(bob.laptop).isEndedBy('linkLost')
  })
})

describe('lost media', () => {
  it('asks its own device to build anew, and nobody else hears of it', () => {
    const { at, then } = talking()
    at('10 s').when(ann.phone).losesMedia(1)
    then(ann.phone).waits('Reconnecting', '130 s')
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).sees({ state: 'Connected', mediaLost: true })
    then(bob.laptop).wasToldNothing()
  })

  it('is over when a newer build is up, or the same one again', () => {
    for (const generation of [1, 2]) {
      const { when, then } = talking()
      when(ann.phone).losesMedia(1)
      when(ann.phone).getsMedia(generation)
      then(ann.phone).is('Connected')
      then(ann.phone).sees({ mediaLost: false })
    }
  })

  it('is not what late reports about an older build say', () => {
    const { when, then, thenTheCall } = talking()
    when(ann.phone).getsMedia(2)
    when(ann.phone).losesMedia(1)
    thenTheCall().stayedAsItWas()
    when(ann.phone).losesMedia(2)
    when(ann.phone).getsMedia(1)
    thenTheCall().stayedAsItWas()
    then(ann.phone).is('Reconnecting')
  })

  it('is not what a late report says about a build before the one that connected', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(bob.laptop).accepts()
    when(bob.laptop).getsMedia(2)
    then(bob.laptop).is('Connected')
    when(bob.laptop).losesMedia(1)
    thenTheCall().stayedAsItWas()
  })

  it('that does not come back ends the call: 410/301005 here, vanished there', () => {
    const { at, then } = talking()
    at('10 s').when(bob.laptop).losesMedia(1)
    at('130 s').theClockLooks()
    then(bob.laptop).wasTold('call.ended', 'mediaLost')
    then(ann.phone).wasTold('call.ended', 'vanished')
  })

  it('and a lost link must both come back', () => {
    const { at, when, then, thenTheCall } = talking()
    at('10 s').when(ann.phone).losesLink()
    at('20 s').when(ann.phone).losesMedia(1)
    thenTheCall().isDue('130 s')
    when(ann.phone).getsLinkBack()
    then(ann.phone).waits('Reconnecting', '140 s')
    when(ann.phone).losesLink()
    when(ann.phone).getsMedia(2)
    then(ann.phone).is('Reconnecting')
    then(ann.phone).sees({ mediaLost: false })
    when(ann.phone).getsLinkBack()
    then(ann.phone).is('Connected')
  })

  it('ends with the reason of whichever time is over; with both, the link’s', () => {
    const media = talking()
    media.at('10 s').when(ann.phone).losesMedia(1)
    media.at('20 s').when(ann.phone).losesLink()
    media.at('130 s').theClockLooks()
    media.then(ann.phone).isEndedBy('mediaLost')

    const both = talking()
    both.at('10 s').when(ann.phone).losesMedia(1)
    both.at('20 s').when(ann.phone).losesLink()
    both.at('140 s').theClockLooks()
    both.then(ann.phone).isEndedBy('linkLost')
  })
})
