import { describe, it } from '@jest/globals'
import { ann, bob, cid, dan, eve, group, room, withLeg } from '../test/people.ts'
import { inRoom, meeting, story } from '../test/story.ts'

/** A room with a lobby in which Dan and Eve wait since 10 s. */
function withTwoAtTheDoor() {
  const it = inRoom({ hasLobby: true })
  it.at('10 s').when(dan.phone).joins({ role: 'Attendee', waits: true })
  it.when(eve.desk).joins({ role: 'Attendee', waits: true })
  return it
}

describe('the lobby', () => {
  it('lets people wait, who hear and see nobody', () => {
    const { when, then } = withTwoAtTheDoor()
    then(eve.desk).waits('InLobby', '610 s')
    then(eve.desk).may('nothing')
    then(eve.desk).sees({ state: 'InLobby' })
    then(eve.desk).seesOthers()
    when(bob.laptop).mutes()
    then(eve.desk).wasToldNothing()
  })

  it('shows them to those who may let them in, and to nobody else', () => {
    const { then } = withTwoAtTheDoor()
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).seesWaiting('dan', 'eve')
    then(ann.phone).seesOthers('bob Connected', 'cid Connected muted')
    then(bob.laptop).wasToldNothing()
    then(bob.laptop).sees({ may: ['hold', 'react', 'speak', 'sendPicture', 'raiseHand', 'write'] })
  })

  it('opens for one by name', () => {
    const { at, when, then } = withTwoAtTheDoor()
    at('20 s').when(ann.phone).admits(dan.phone)
    then(dan.phone).waits('Connecting', '32 s')
    then(dan.phone).wasTold('call.changed')
    then(dan.phone).wasGranted('talk')
    then(dan.phone).seesOthers('ann Connected', 'bob Connected', 'cid Connected muted')
    then(bob.laptop).wasTold('call.people')
    then(ann.phone).seesWaiting('eve')
    when(dan.phone).getsMedia()
    then(dan.phone).is('Connected')
  })

  it('opens for all, also when nobody waits', () => {
    const { when, then, thenTheCall } = withTwoAtTheDoor()
    when(eve.desk).getsMedia()
    when(ann.phone).admits()
    then(dan.phone).is('Connecting')
    then(eve.desk).is('Connected') // who is warm talks at once
    then(ann.phone).seesWaiting()
    when(ann.phone).admits()
    thenTheCall().stayedAsItWas()
  })

  it('sends people away, one or all', () => {
    const { when, then, thenTheCall } = withTwoAtTheDoor()
    when(ann.phone).denies(dan.phone)
    then(dan.phone).wasTold('call.ended', 'lobbyDenied')
    then(bob.laptop).wasToldNothing()
    then(eve.desk).is('InLobby')
    when(ann.phone).denies()
    then(eve.desk).wasTold('call.ended', 'lobbyDenied')
    thenTheCall().isLive()
  })

  it('is left by who gives up', () => {
    const { at, then } = withTwoAtTheDoor()
    at('300 s').when(dan.phone).hangsUp()
    then(dan.phone).wasTold('call.ended', 'hungUp')
    then(ann.phone).seesWaiting('eve')
  })

  it('has its deadline', () => {
    const { given, at, when, then } = story()
    given(ann.phone).comesTo(group, { role: 'Presenter', hasLobby: true })
    when(ann.phone).getsMedia()
    at('10 s').when(bob.laptop).joins({ waits: true })
    at('610 s').theClockLooks()
    then(bob.laptop).wasTold('call.ended', 'lobbyDenied')
    then(ann.phone).is('Connected')
  })

  it('has nobody of that name when he has left, or is in already', () => {
    const { when, thenTheCall } = withTwoAtTheDoor()
    when(dan.phone).hangsUp()
    when(ann.phone).admits(dan.phone)
    thenTheCall().refused('nobodyThere')
    when(ann.phone).denies(bob.laptop)
    thenTheCall().refused('nobodyThere')
  })

  it('does not open from within', () => {
    const { when, thenTheCall } = withTwoAtTheDoor()
    when(dan.phone).admits(dan.phone)
    thenTheCall().refused('notConnected')
    when(bob.laptop).admits(dan.phone)
    thenTheCall().refused('roleForbids')
    when(dan.phone).raisesHand()
    thenTheCall().refused('notConnected')
  })

  it('is not for Presenters: who comes as one, or becomes one, is in', () => {
    const { given, when, theServerApp, then } = story()
    given(bob.laptop).comesTo(room, { role: 'Attendee', hasLobby: true, waits: true })
    then(bob.laptop).is('InLobby')
    when(ann.phone).joins({ role: 'Presenter' })
    then(ann.phone).is('Connecting')
    then(ann.phone).seesWaiting('bob')
    theServerApp.makes(bob.laptop, 'Presenter')
    then(bob.laptop).is('Connecting')
    then(bob.laptop).wasGranted('talk')
    then(ann.phone).seesWaiting()
  })

  it('keeps people waiting when the host leaves, and when nobody is inside', () => {
    const { at, when, then, thenTheCall } = withTwoAtTheDoor()
    for (const device of [ann.phone, bob.laptop, cid.phone]) when(device).hangsUp()
    then(dan.phone).waits('InLobby', '610 s')
    then(dan.phone).wasToldNothing()
    when(withLeg(ann.phone, 2)).joins({ role: 'Presenter' })
    then(ann.phone).seesWaiting('dan', 'eve')
    when(ann.phone).hangsUp()
    at('610 s').theClockLooks()
    thenTheCall().isOverSince('610 s')
  })

  it('may come during a call, and goes with all who wait in it', () => {
    const { when, then } = inRoom()
    when(dan.phone).joins({ role: 'Attendee', waits: true, hasLobby: true })
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).seesWaiting('dan')
    when(eve.desk).joins({ role: 'Attendee', hasLobby: false })
    then(dan.phone).is('Connecting')
    then(dan.phone).wasGranted('talk')
    then(ann.phone).seesOthers('bob Connected', 'cid Connected muted', 'dan Connecting', 'eve Connecting')
  })

  it('does not show a person there whose other device is in', () => {
    const { when, then } = meeting({ hasLobby: true })
    when(bob.tablet).joins({ waits: true })
    then(ann.phone).seesWaiting()
    when(bob.laptop).hangsUp()
    then(ann.phone).seesWaiting('bob')
  })

  it('is passed by who was rung', () => {
    const { when, then } = meeting({ hasLobby: true })
    when(ann.phone).adds(dan.phone)
    when(dan.phone).joins({ waits: true })
    then(dan.phone).is('Connecting')
  })

  it('is a place from which people can be removed', () => {
    const { when, then } = withTwoAtTheDoor()
    when(ann.phone).removes(dan.phone)
    then(dan.phone).wasTold('call.ended', 'removed')
  })
})
