import { describe, it } from '@jest/globals'
import type { Right } from '@parley/protocol'
import { ann, bob, cid, dan, eve, room } from '../test/people.ts'
import { inRoom, story } from '../test/story.ts'

const watches: Right[] = ['hold', 'react']
const attends: Right[] = [...watches, 'speak', 'sendPicture', 'raiseHand', 'write']

describe('a room', () => {
  it('lets people send what their roles allow', () => {
    const { when, then } = inRoom()
    when(dan.phone).joins({ role: 'Collaborator' })
    when(dan.phone).getsMedia()
    then(ann.phone).may('talk')
    then(bob.laptop).may('talk')
    then(cid.phone).may('watch')
    then(dan.phone).may('talk')
    then(bob.laptop).sees({ kind: 'room', ...room, role: 'Attendee', may: attends })
    then(cid.phone).sees({ role: 'Consumer', may: watches, isMuted: true })
    then(dan.phone).sees({ may: [...attends, 'shareScreen'] })
  })

  it('takes who has no role for an attendee', () => {
    const { when, then } = inRoom()
    when(dan.phone).joins()
    then(dan.phone).sees({ may: attends })
  })

  it('has a Consumer muted, however he comes, and never unmuted', () => {
    const { when, then, thenTheCall } = inRoom()
    then(ann.phone).seesOthers('bob Connected', 'cid Connected muted')
    when(cid.phone).unmutes()
    thenTheCall().refused('cannotUnmute')
    when(ann.phone).adds({ ...dan.phone, role: 'Consumer' })
    when(dan.phone).accepts({ isMuted: false })
    then(dan.phone).sees({ isMuted: true })
    then(dan.phone).may('watch')
  })

  it('lets only a Presenter do things to others', () => {
    const { when, thenTheCall } = inRoom()
    when(dan.phone).joins({ role: 'Collaborator' })
    for (const device of [bob.laptop, cid.phone, dan.phone]) {
      const { adds, removes, mutesOthers, forbids, permits, admits, denies, spotlights, unspotlights, lowersHands } =
        when(device)
      adds(eve.desk)
      thenTheCall().refused('roleForbids')
      removes(ann.phone)
      thenTheCall().refused('roleForbids')
      mutesOthers()
      thenTheCall().refused('roleForbids')
      for (const asks of [forbids, permits]) {
        asks('microphone', ann.phone)
        thenTheCall().refused('roleForbids')
      }
      for (const asks of [admits, denies, spotlights, unspotlights, lowersHands]) {
        asks()
        thenTheCall().refused('roleForbids')
      }
    }
  })

  it('has no end for all, and no transfer', () => {
    const { when, thenTheCall } = inRoom()
    when(ann.phone).endsForAll()
    thenTheCall().refused('notInThisCall')
    when(ann.phone).transfersTo(bob.laptop)
    thenTheCall().refused('notInThisCall')
  })

  it('goes on without its Presenter', () => {
    const { when, then, thenTheCall } = inRoom()
    when(ann.phone).hangsUp()
    then(bob.laptop).seesOthers('cid Connected muted')
    thenTheCall().isLive()
  })
})

describe('a role that changes', () => {
  it('silences who may not speak any more, and lowers his hand', () => {
    const { when, theServerApp, then } = inRoom()
    when(bob.laptop).raisesHand()
    theServerApp.makes(bob.laptop, 'Consumer')
    then(bob.laptop).wasGranted('watch')
    then(bob.laptop).wasTold('call.changed')
    then(bob.laptop).sees({ role: 'Consumer', may: watches, isMuted: true })
    then(ann.phone).wasTold('call.people')
    then(ann.phone).seesOthers('bob Connected muted', 'cid Connected muted')
  })

  it('ends the share of who may not show any more', () => {
    const { when, theServerApp, then } = inRoom()
    when(dan.phone).joins({ role: 'Collaborator' })
    when(dan.phone).getsMedia()
    when(dan.phone).shares()
    then(dan.phone).wasGranted('share')
    theServerApp.makes(dan.phone, 'Attendee')
    then(dan.phone).wasGranted('talk')
    then(dan.phone).sees({ isSharing: false })
  })

  it('lets a Consumer speak who becomes an attendee, when he unmutes', () => {
    const { when, theServerApp, then } = inRoom()
    theServerApp.makes(cid.phone, 'Attendee')
    then(cid.phone).wasGranted('listen')
    when(cid.phone).unmutes()
    then(cid.phone).wasGranted('talk')
  })

  it('makes a Presenter, and takes it away', () => {
    const { when, theServerApp, then, thenTheCall } = inRoom()
    theServerApp.makes(bob.laptop, 'Presenter')
    when(bob.laptop).mutesOthers(ann.phone)
    then(ann.phone).wasGranted('listen')
    theServerApp.makes(bob.laptop, 'Attendee')
    when(bob.laptop).mutesOthers(ann.phone)
    thenTheCall().refused('roleForbids')
  })

  it('is for all devices of its person, those that ring among them, and for nobody else', () => {
    const { when, theServerApp, then, thenTheCall } = inRoom()
    when(bob.tablet).joins({ role: 'Attendee' })
    theServerApp.makes(bob.laptop, 'Consumer')
    then(bob.tablet).sees({ role: 'Consumer' })
    when(ann.phone).adds({ ...dan.phone, role: 'Attendee' })
    theServerApp.makes(dan.phone, 'Consumer')
    then(dan.phone).sees({ role: 'Consumer' })
    theServerApp.makes(eve.desk, 'Presenter')
    thenTheCall().stayedAsItWas()
    theServerApp.makes(ann.phone, 'Presenter')
    thenTheCall().stayedAsItWas()
  })
})

describe('an invitation that is withdrawn', () => {
  it('ends all legs of its person, and only those', () => {
    const { when, theServerApp, then, thenTheCall } = inRoom()
    when(bob.tablet).joins({ role: 'Attendee' })
    theServerApp.uninvites(bob.laptop)
    then(bob.laptop).wasTold('call.ended', 'uninvited')
    then(bob.tablet).wasTold('call.ended', 'uninvited')
    then(ann.phone).wasToldOfTheEnd(bob.laptop, 'uninvited')
    thenTheCall().isLive()
    theServerApp.uninvites(eve.desk)
    thenTheCall().stayedAsItWas()
  })
})

describe('a room’s hours', () => {
  it('close it in time, for everybody', () => {
    const { at, then, thenTheCall } = inRoom({ hasLobby: true })
    thenTheCall().isDue('900 s')
    at('500 s').when(dan.phone).joins({ waits: true })
    at('899.999 s').theClockLooks()
    thenTheCall().stayedAsItWas()
    at('900 s').theClockLooks()
    for (const device of [ann.phone, bob.laptop, cid.phone, dan.phone]) {
      then(device).wasTold('call.ended', 'roomClosed')
    }
    thenTheCall().isOverSince('900 s')
    thenTheCall().isNeverDue()
  })

  it('may become longer or shorter meanwhile', () => {
    const { at, theServerApp, then, thenTheCall } = inRoom()
    theServerApp.closesTheRoomAt('1000 s')
    thenTheCall().changedQuietly()
    thenTheCall().isDue('1000 s')
    theServerApp.closesTheRoomAt('1000 s')
    thenTheCall().stayedAsItWas()
    theServerApp.closesTheRoomAt('30 s')
    at('40 s').theClockLooks()
    then(bob.laptop).isEndedBy('roomClosed')
  })

  it('are of no interest once the call is over', () => {
    const { theServerApp, thenTheCall } = inRoom()
    theServerApp.closesTheRoom()
    theServerApp.closesTheRoomAt('1000 s')
    thenTheCall().stayedAsItWas()
  })
})

describe('a room that the server app deletes', () => {
  it('ends at once for all who are in it, ring or wait', () => {
    const { given, when, theServerApp, then, thenTheCall } = story()
    given(ann.phone).comesTo(room, { role: 'Presenter', hasLobby: true })
    when(bob.laptop).joins({ role: 'Attendee', waits: true })
    when(ann.phone).adds({ ...cid.phone, role: 'Attendee' })
    theServerApp.closesTheRoom()
    for (const device of [ann.phone, bob.laptop, cid.phone]) then(device).wasTold('call.ended', 'roomClosed')
    thenTheCall().isOverSince('0 s')
  })
})
