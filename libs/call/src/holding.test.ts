import { describe, it } from '@jest/globals'
import { ann, bob, cid, dan, eve } from '../test/people.ts'
import { meeting, story, talking } from '../test/story.ts'

describe('hold in a direct call', () => {
  it('silences both sides, and both see whose it is', () => {
    const { when, then } = talking()
    when(ann.phone).holds()
    for (const device of [ann.phone, bob.laptop]) {
      then(device).wasGranted('open only')
      then(device).wasTold('call.changed')
    }
    then(ann.phone).sees({ state: 'LocalHold' })
    then(bob.laptop).sees({ state: 'RemoteHold' })
    then(bob.laptop).seesOthers('ann Hold')
    then(ann.phone).seesOthers('bob Connected')
    when(ann.phone).resumes()
    for (const device of [ann.phone, bob.laptop]) {
      then(device).wasGranted('talk')
      then(device).sees({ state: 'Connected' })
    }
  })

  it('lasts until everybody who holds has resumed', () => {
    const { when, then } = talking()
    when(ann.phone).holds()
    when(bob.laptop).holds()
    for (const device of [ann.phone, bob.laptop]) then(device).sees({ state: 'LocalHold' })
    when(ann.phone).resumes()
    then(ann.phone).sees({ state: 'RemoteHold' })
    then(ann.phone).may('open only')
    then(bob.laptop).sees({ state: 'LocalHold' })
    when(bob.laptop).resumes()
    for (const device of [ann.phone, bob.laptop]) then(device).may('talk')
  })

  it('says nothing new when said twice, and is not the other’s to end', () => {
    const { when, thenTheCall } = talking()
    when(ann.phone).holds()
    when(ann.phone).holds()
    thenTheCall().stayedAsItWas()
    when(bob.laptop).resumes()
    thenTheCall().refused('cannotResume')
  })

  it('takes a connected call', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).holds()
    thenTheCall().refused('cannotHold')
    when(bob.laptop).holds()
    thenTheCall().refused('cannotHold')
    when(bob.laptop).accepts()
    when(bob.laptop).holds()
    thenTheCall().refused('cannotHold')
    when(eve.desk).holds()
    thenTheCall().refused('unknownCall')
    when(ann.phone).hangsUp()
    when(ann.phone).holds()
    thenTheCall().refused('cannotHold')
  })

  it('cannot end where it is not', () => {
    const { when, thenTheCall } = talking()
    when(ann.phone).resumes()
    thenTheCall().refused('cannotResume')
  })

  it('outlasts lost links and lost media', () => {
    const { when, then } = talking()
    when(ann.phone).holds()
    when(ann.phone).losesLink()
    when(ann.phone).losesMedia(1)
    then(ann.phone).sees({ state: 'LocalHold', mediaLost: true })
    then(ann.phone).may('open only')
    when(ann.phone).getsMedia(2)
    when(ann.phone).getsLinkBack()
    then(ann.phone).is('Connected')
    then(ann.phone).sees({ state: 'LocalHold', mediaLost: false })
    then(bob.laptop).sees({ state: 'RemoteHold' })
  })

  it('remembers who is muted', () => {
    const { when, then } = talking()
    when(ann.phone).holds()
    when(bob.laptop).mutes()
    then(bob.laptop).wasGrantedNothing()
    when(ann.phone).resumes()
    then(bob.laptop).wasGranted('listen')
  })

  it('can be hung up', () => {
    const { when, then } = talking()
    when(ann.phone).holds()
    when(bob.laptop).hangsUp()
    then(ann.phone).wasTold('call.ended', 'hungUp')
  })
})

describe('hold in a group', () => {
  it('is local: the others go on', () => {
    const { when, then } = meeting()
    when(bob.laptop).holds()
    then(bob.laptop).wasGranted('open only')
    then(bob.laptop).sees({ state: 'LocalHold' })
    for (const device of [ann.phone, cid.phone]) {
      then(device).wasGrantedNothing()
      then(device).wasTold('call.people')
      then(device).sees({ state: 'Connected' })
      then(device).may('talk')
    }
    then(ann.phone).seesOthers('bob Hold', 'cid Connected')
  })

  it('is what is left of a hold in the direct call that became one', () => {
    const { when, then } = talking()
    when(ann.phone).holds()
    when(bob.laptop).adds(dan.phone)
    then(bob.laptop).wasGranted('talk')
    then(bob.laptop).sees({ state: 'Connected' })
    then(ann.phone).sees({ state: 'LocalHold', kind: 'group' })
    then(ann.phone).may('open only')
  })
})
