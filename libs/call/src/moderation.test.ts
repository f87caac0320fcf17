import { describe, it } from '@jest/globals'
import { ann, bob, cid, dan, eve, withLeg } from '../test/people.ts'
import { inRoom, meeting, talking } from '../test/story.ts'

describe('muting others', () => {
  it('mutes everybody else, and each is told that it was not himself', () => {
    const { when, then, thenTheCall } = meeting()
    when(ann.phone).mutesOthers()
    for (const device of [bob.laptop, cid.phone]) {
      then(device).wasGranted('listen')
      then(device).wasTold('call.changed')
      then(device).sees({ isMuted: true, mutedByOthers: 1 })
    }
    then(ann.phone).wasGrantedNothing()
    then(ann.phone).sees({ isMuted: false, mutedByOthers: 0 })
    then(ann.phone).seesOthers('bob Connected muted', 'cid Connected muted')
    when(ann.phone).mutesOthers()
    thenTheCall().stayedAsItWas()
  })

  it('mutes some, on all their devices', () => {
    const { when, then } = meeting()
    when(bob.tablet).joins()
    when(ann.phone).mutesOthers(bob.laptop)
    then(bob.laptop).sees({ isMuted: true })
    then(bob.tablet).sees({ isMuted: true, mutedByOthers: 1 })
    then(cid.phone).sees({ isMuted: false })
  })

  it('does not last: who was muted may unmute himself, and be muted again', () => {
    const { when, then } = meeting()
    when(ann.phone).mutesOthers(bob.laptop)
    when(bob.laptop).unmutes()
    then(bob.laptop).wasGranted('talk')
    when(cid.phone).mutesOthers(bob.laptop)
    then(bob.laptop).sees({ isMuted: true, mutedByOthers: 2 })
  })

  it('leaves out one’s own other devices, and who is not in the call', () => {
    const { when, then, thenTheCall } = meeting()
    when(ann.desk).joins()
    when(ann.phone).mutesOthers()
    then(ann.desk).sees({ isMuted: false })
    for (const nobody of [ann.desk, eve.desk]) {
      when(ann.phone).mutesOthers(nobody)
      thenTheCall().refused('nobodyThere')
    }
  })

  it('is not for direct calls', () => {
    const { when, thenTheCall } = talking()
    when(ann.phone).mutesOthers()
    thenTheCall().refused('notInThisCall')
  })
})

describe('a forbidden microphone', () => {
  it('is muted and cannot be unmuted, until it is permitted again', () => {
    const { when, then, thenTheCall } = inRoom()
    when(ann.phone).forbids('microphone', bob.laptop)
    then(bob.laptop).wasGranted('show')
    then(bob.laptop).sees({ isMuted: true, mutedByOthers: 1, forbidden: ['microphone'] })
    then(ann.phone).seesOthers('bob Connected muted', 'cid Connected muted')
    when(bob.laptop).unmutes()
    thenTheCall().refused('cannotUnmute')
    when(bob.laptop).mutes()
    thenTheCall().stayedAsItWas()
    when(ann.phone).permits('microphone', bob.laptop)
    then(bob.laptop).wasGranted('listen')
    then(bob.laptop).sees({ isMuted: true, forbidden: [] })
    when(bob.laptop).unmutes()
    then(bob.laptop).wasGranted('talk')
  })

  it('stays forbidden to who leaves and comes back', () => {
    const { when, then } = inRoom()
    when(ann.phone).forbids('microphone', bob.laptop)
    when(bob.laptop).hangsUp()
    when(withLeg(bob.laptop, 2)).joins({ role: 'Attendee' })
    then(bob.laptop).may('show')
    then(bob.laptop).sees({ isMuted: true, forbidden: ['microphone'] })
  })
})

describe('a forbidden camera', () => {
  it('shows nothing, while its person speaks on', () => {
    const { when, then, thenTheCall } = inRoom()
    when(ann.phone).forbids('camera', bob.laptop)
    then(bob.laptop).sees({
      isMuted: false,
      forbidden: ['camera'],
      may: ['hold', 'react', 'speak', 'raiseHand', 'write'],
    })
    when(ann.phone).forbids('camera', bob.laptop)
    thenTheCall().stayedAsItWas()
  })
})

describe('forbidding everybody', () => {
  it('leaves out those who may forbid', () => {
    const { when, then, thenTheCall } = inRoom()
    when(dan.phone).joins({ role: 'Presenter' })
    when(ann.phone).forbids('microphone')
    then(bob.laptop).sees({ forbidden: ['microphone'] })
    then(dan.phone).sees({ forbidden: [] })
    then(ann.phone).sees({ forbidden: [] })
    when(ann.phone).permits('microphone')
    then(bob.laptop).sees({ forbidden: [] })
    when(ann.phone).permits('microphone')
    thenTheCall().stayedAsItWas()
  })

  it('is for rooms, and for those who are there', () => {
    const inGroup = meeting()
    inGroup.when(ann.phone).forbids('camera')
    inGroup.thenTheCall().refused('notInThisCall')

    const { when, thenTheCall } = inRoom()
    when(ann.phone).forbids('camera', eve.desk)
    thenTheCall().refused('nobodyThere')
  })
})

describe('removing', () => {
  it('ends all legs of someone, and the others see why', () => {
    const { when, then, thenTheCall } = meeting()
    when(bob.tablet).joins()
    when(ann.phone).removes(bob.laptop)
    then(bob.laptop).wasTold('call.ended', 'removed')
    then(bob.tablet).wasTold('call.ended', 'removed')
    then(cid.phone).wasToldOfTheEnd(bob.laptop, 'removed')
    thenTheCall().isLive()
  })

  it('takes an invitation back', () => {
    const { when, then } = meeting()
    when(ann.phone).adds(dan.phone)
    when(ann.phone).removes(dan.phone)
    then(dan.phone).wasTold('call.ended', 'cancelled')
  })

  it('ends a direct call', () => {
    const { when, then } = talking()
    when(ann.phone).removes(bob.laptop)
    then(bob.laptop).wasTold('call.ended', 'removed')
    then(ann.phone).wasTold('call.ended', 'hungUp')
  })

  it('is for one’s own other devices as well, and not for the one that asks', () => {
    const { when, then, thenTheCall } = meeting()
    when(ann.phone).removes(ann.phone)
    thenTheCall().refused('nobodyThere')
    when(ann.desk).joins()
    when(ann.phone).removes(ann.phone)
    then(ann.desk).wasTold('call.ended', 'removed')
    then(ann.phone).is('Connected')
  })

  it('finds nobody who has left', () => {
    const { when, thenTheCall } = meeting()
    when(bob.laptop).hangsUp()
    when(ann.phone).removes(bob.laptop)
    thenTheCall().refused('nobodyThere')
  })
})

describe('ending the call for all', () => {
  it('ends a direct call as well', () => {
    const { when, then } = talking()
    when(ann.phone).endsForAll()
    then(ann.phone).wasTold('call.ended', 'endedForAll')
    then(bob.laptop).wasTold('call.ended', 'endedForAll')
  })

  it('is refused in rooms, whoever asks', () => {
    for (const device of [ann.phone, bob.laptop, cid.phone]) {
      const { when, thenTheCall } = inRoom()
      when(device).endsForAll()
      thenTheCall().refused('notInThisCall')
    }
  })
})
