import { describe, it } from '@jest/globals'
import { ann, bob, cid, crowd, dan, eve, group } from '../test/people.ts'
import { inRoom, meeting, story, talking } from '../test/story.ts'

describe('a raised hand', () => {
  it('shows to all, in the order in which hands went up', () => {
    const { when, then, thenTheCall } = meeting()
    when(cid.phone).raisesHand()
    then(cid.phone).wasTold('call.changed')
    then(ann.phone).wasTold('call.people')
    when(bob.laptop).raisesHand()
    then(ann.phone).seesOthers('bob Connected hand', 'cid Connected hand')
    then(cid.phone).sees({ hand: 7 })
    then(bob.laptop).sees({ hand: 8 })
    when(cid.phone).raisesHand()
    thenTheCall().stayedAsItWas()
    when(cid.phone).lowersHand()
    when(cid.phone).raisesHand()
    then(cid.phone).sees({ hand: 10 }) // behind Bob now
    when(cid.phone).lowersHand()
    when(cid.phone).lowersHand()
    thenTheCall().stayedAsItWas()
  })

  it('is of the person, and stays up while one of his devices is there', () => {
    const { when, then } = meeting()
    when(bob.tablet).joins()
    when(bob.laptop).raisesHand()
    when(bob.laptop).hangsUp()
    then(ann.phone).seesOthers('cid Connected', 'bob Connecting hand')
    when(bob.tablet).hangsUp()
    when(bob.watch).joins()
    then(ann.phone).seesOthers('cid Connected', 'bob Connecting')
  })

  it('may be lowered by others: one, or all', () => {
    const { when, then, thenTheCall } = meeting()
    for (const device of [ann.phone, bob.laptop, cid.phone]) when(device).raisesHand()
    when(ann.phone).lowersHands(bob.laptop)
    then(ann.phone).seesOthers('bob Connected', 'cid Connected hand')
    when(bob.laptop).lowersHands()
    then(bob.laptop).seesOthers('ann Connected', 'cid Connected')
    when(bob.laptop).lowersHands()
    thenTheCall().stayedAsItWas()
  })

  it('is there in direct calls, where nobody lowers another’s', () => {
    const { when, then, thenTheCall } = talking()
    when(ann.phone).raisesHand()
    then(bob.laptop).seesOthers('ann Connected hand')
    when(bob.laptop).lowersHands()
    thenTheCall().refused('notInThisCall')
  })

  it('is not a Consumer’s, who may lower it all the same', () => {
    const { when, thenTheCall } = inRoom()
    when(cid.phone).raisesHand()
    thenTheCall().refused('roleForbids')
    when(cid.phone).lowersHand()
    thenTheCall().stayedAsItWas()
  })
})

describe('the spotlight', () => {
  it('is on people, and on oneself when nobody is named', () => {
    const { when, then, thenTheCall } = meeting()
    when(ann.phone).spotlights(bob.laptop, cid.phone)
    then(ann.phone).seesOthers('bob Connected spotlit', 'cid Connected spotlit')
    then(bob.laptop).sees({ spotlight: 7 })
    when(ann.phone).spotlights()
    then(ann.phone).sees({ spotlight: 8 })
    when(ann.phone).spotlights(bob.laptop)
    thenTheCall().stayedAsItWas()
  })

  it('goes off for some, for all, and with who leaves', () => {
    const { when, then } = meeting()
    when(ann.phone).spotlights(ann.phone, bob.laptop, cid.phone)
    when(ann.phone).unspotlights(cid.phone)
    then(ann.phone).seesOthers('bob Connected spotlit', 'cid Connected')
    when(bob.laptop).hangsUp()
    when(bob.tablet).joins()
    then(ann.phone).seesOthers('cid Connected', 'bob Connecting')
    when(cid.phone).unspotlights()
    then(cid.phone).seesOthers('ann Connected', 'bob Connecting')
  })

  it('is on seven at most', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).comesTo(group)
    const guests = crowd(8)
    for (const guest of guests) when(guest).joins()
    when(ann.phone).spotlights(...guests.slice(0, 7))
    thenTheCall().isLive()
    when(ann.phone).spotlights(...guests.slice(3, 7))
    thenTheCall().stayedAsItWas()
    when(ann.phone).spotlights(...guests.slice(7))
    thenTheCall().refused('tooManySpotlit')
  })

  it('is a Presenter’s to give in a room, and everybody’s own to leave', () => {
    const { when, then, thenTheCall } = inRoom()
    when(bob.laptop).spotlights(bob.laptop)
    thenTheCall().refused('roleForbids')
    when(ann.phone).spotlights(bob.laptop, cid.phone)
    when(bob.laptop).unspotlights(cid.phone)
    thenTheCall().refused('roleForbids')
    when(bob.laptop).unspotlights(bob.laptop)
    then(ann.phone).seesOthers('bob Connected', 'cid Connected muted spotlit')
  })

  it('finds only who is in the call, and is not for direct calls', () => {
    const { when, thenTheCall } = meeting()
    when(ann.phone).adds(dan.phone)
    for (const nobody of [dan.phone, eve.desk]) {
      when(ann.phone).spotlights(nobody)
      thenTheCall().refused('nobodyThere')
    }
    const direct = talking()
    direct.when(ann.phone).spotlights(bob.laptop)
    direct.thenTheCall().refused('notInThisCall')
  })
})
