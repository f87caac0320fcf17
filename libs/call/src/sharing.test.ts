import { describe, it } from '@jest/globals'
import { ann, bob, cid, dan } from '../test/people.ts'
import { inRoom, meeting, story, talking } from '../test/story.ts'

describe('sharing a screen', () => {
  it('grants the screen and shows to the others', () => {
    const { when, then, thenTheCall } = talking()
    when(ann.phone).shares()
    then(ann.phone).wasGranted('share')
    then(ann.phone).sees({ isSharing: true })
    then(bob.laptop).wasTold('call.people')
    then(bob.laptop).seesOthers('ann Connected sharing')
    when(ann.phone).shares()
    thenTheCall().stayedAsItWas()
    when(ann.phone).unshares()
    then(ann.phone).wasGranted('talk')
    then(bob.laptop).seesOthers('ann Connected')
    when(ann.phone).unshares()
    thenTheCall().stayedAsItWas()
  })

  it('is for one at a time: the last one has it', () => {
    const { when, then, thenTheCall } = meeting()
    when(ann.phone).shares()
    when(bob.laptop).shares()
    then(bob.laptop).wasGranted('share')
    then(ann.phone).wasGranted('talk')
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).sees({ isSharing: false })
    then(cid.phone).seesOthers('ann Connected', 'bob Connected sharing')
    when(ann.phone).unshares() // it is not hers any more
    thenTheCall().stayedAsItWas()
  })

  it('is of one device of a person', () => {
    const { when, then } = meeting()
    when(bob.tablet).joins()
    when(bob.tablet).getsMedia()
    when(bob.tablet).shares()
    then(bob.tablet).wasGranted('share')
    then(bob.laptop).wasGrantedNothing()
    then(bob.laptop).sees({ isSharing: false })
    then(ann.phone).seesOthers('bob Connected sharing', 'cid Connected')
  })

  it('ends with the leg that shares', () => {
    const { when, then } = meeting()
    when(bob.laptop).shares()
    when(bob.tablet).joins()
    when(bob.laptop).leaves('vanished')
    then(ann.phone).seesOthers('cid Connected', 'bob Connecting')
  })

  it('goes on while the link is away', () => {
    const { when, then } = meeting()
    when(bob.laptop).shares()
    when(bob.laptop).losesLink()
    then(ann.phone).seesOthers('bob Connected sharing', 'cid Connected')
  })

  it('takes a connected call that is not on hold here', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).shares()
    thenTheCall().refused('notConnected')
    when(bob.laptop).accepts()
    when(bob.laptop).shares()
    thenTheCall().refused('notConnected')
    when(bob.laptop).getsMedia()
    when(bob.laptop).holds()
    when(bob.laptop).shares()
    thenTheCall().refused('notConnected')
  })

  it('stands still on hold, and goes on after it', () => {
    const { when, then } = meeting()
    when(ann.phone).shares()
    when(ann.phone).holds()
    then(ann.phone).sees({ isSharing: true, state: 'LocalHold' })
    when(ann.phone).resumes()
    then(ann.phone).wasGranted('share')
  })

  it('is for Presenters and Collaborators in a room', () => {
    const { when, then, thenTheCall } = inRoom()
    for (const device of [bob.laptop, cid.phone]) {
      when(device).shares()
      thenTheCall().refused('roleForbids')
    }
    when(dan.phone).joins({ role: 'Collaborator' })
    when(dan.phone).getsMedia()
    when(dan.phone).shares()
    then(dan.phone).wasGranted('share')
    when(ann.phone).shares()
    then(ann.phone).wasGranted('share')
    then(dan.phone).wasGranted('talk')
  })
})
