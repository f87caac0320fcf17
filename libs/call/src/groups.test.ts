import { describe, it } from '@jest/globals'
import { defaultLimits } from '@parley/protocol'
import { ann, bob, cid, crowd, dan, echo, eve, group, withLeg } from '../test/people.ts'
import { meeting, story, talking } from '../test/story.ts'

describe('a group', () => {
  it('begins with the first one in, who waits for nobody', () => {
    const { given, at, when, then, thenTheCall } = story()
    given(ann.phone).comesTo(group)
    then(ann.phone).waits('Connecting', '12 s')
    then(ann.phone).wasToldNothing() // the reply to call.join tells
    then(ann.phone).sees({ kind: 'group', ...group, direction: 'Outgoing', state: 'Connecting' })
    at('1 s').when(ann.phone).getsMedia()
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).may('talk')
    then(ann.phone).seesOthers()
    thenTheCall().isNeverDue()
    when(bob.laptop).joins({ isMuted: true })
    then(bob.laptop).wasToldNothing()
    then(bob.laptop).seesOthers('ann Connected')
    then(ann.phone).wasTold('call.people')
    then(ann.phone).seesOthers('bob Connecting muted')
  })

  it('ends with the last one out, and not before', () => {
    const { at, when, then, thenTheCall } = meeting()
    when(ann.phone).hangsUp()
    then(ann.phone).wasTold('call.ended', 'hungUp')
    then(bob.laptop).wasTold('call.people')
    then(bob.laptop).wasToldOfTheEnd(ann.phone, 'hungUp')
    then(bob.laptop).seesOthers('cid Connected')
    when(cid.phone).leaves('vanished')
    then(bob.laptop).wasToldOfTheEnd(cid.phone, 'vanished')
    then(bob.laptop).seesOthers()
    thenTheCall().isNeverDue()
    at('60 s').when(bob.laptop).hangsUp()
    thenTheCall().isOverSince('60 s')
  })

  it('takes back who left, with a new leg', () => {
    const { when, then } = meeting()
    when(bob.laptop).hangsUp()
    when(withLeg(bob.laptop, 2)).joins()
    then(bob.laptop).hasLegs(2)
    then(bob.laptop).is('Connecting')
    then(ann.phone).seesOthers('cid Connected', 'bob Connecting')
  })

  it('has people once, with as many devices as they like', () => {
    const { when, then } = meeting()
    when(bob.tablet).joins()
    then(bob.tablet).seesOthers('ann Connected', 'cid Connected')
    then(ann.phone).seesOthers('bob Connected', 'cid Connected')
    then(bob.laptop).wasToldNothing() // it is about himself only
    when(bob.laptop).hangsUp()
    then(ann.phone).seesOthers('cid Connected', 'bob Connecting')
  })

  it('has a session in it once, however often it comes', () => {
    const { when, thenTheCall } = meeting()
    when(withLeg(bob.laptop, 2)).joins()
    thenTheCall().stayedAsItWas()
  })

  it('is full at its limit, and not for a second device', () => {
    const { given, when, thenTheCall } = story({ ...defaultLimits, participants: 2 })
    given(ann.phone).comesTo(group)
    when(bob.laptop).joins()
    when(cid.phone).joins()
    thenTheCall().refused('callFull')
    when(bob.laptop).adds(cid.phone)
    thenTheCall().refused('callFull')
    when(bob.tablet).joins()
    thenTheCall().isLive()
  })

  it('loses only the one whose link does not come back, or whose media never comes', () => {
    const { at, when, then, thenTheCall } = meeting()
    at('10 s').when(cid.phone).losesLink()
    at('120 s').when(eve.desk).joins()
    at('130 s').theClockLooks()
    then(cid.phone).wasTold('call.ended', 'linkLost')
    then(ann.phone).wasToldOfTheEnd(cid.phone, 'linkLost')
    at('132 s').theClockLooks()
    then(eve.desk).wasTold('call.ended', 'connectFailed')
    then(ann.phone).seesOthers('bob Connected')
    thenTheCall().isNeverDue()
    when(cid.phone).hangsUp() // too late, and no mistake
    thenTheCall().stayedAsItWas()
  })

  it('ends for all when someone says so', () => {
    const { at, when, then, thenTheCall } = meeting()
    when(bob.laptop).adds(dan.phone)
    at('60 s').when(cid.phone).endsForAll()
    for (const device of [ann.phone, bob.laptop, cid.phone, dan.phone]) {
      then(device).wasTold('call.ended', 'endedForAll')
    }
    thenTheCall().isOverSince('60 s')
    when(eve.desk).joins()
    thenTheCall().refused('unknownCall')
  })

  it('forgets whoever left long ago, but not who began it', () => {
    const { given, at, when, then } = story()
    given(ann.phone).comesTo(group)
    when(bob.laptop).joins()
    const guests = crowd(40)
    when(ann.phone).hangsUp()
    for (const [n, guest] of guests.entries()) {
      at(`${n + 1} s`)
        .when(guest)
        .joins()
      when(guest).hangsUp()
    }
    then(guests[39] ?? eve.desk).isEndedBy('hungUp')
    then(guests[7] ?? eve.desk).hasLegs(0)
    then(guests[8] ?? eve.desk).hasLegs(1)
    then(bob.laptop).sees({ caller: { id: ann.phone.user, displayName: 'ann' } })
  })

  it('keeps those who left last, whenever they came', () => {
    const { given, at, when, then } = story()
    given(ann.phone).comesTo(group)
    const guests = crowd(34)
    const early = guests[0] ?? eve.desk
    for (const guest of guests) when(guest).joins()
    at('1 s')
    for (const guest of guests.slice(1)) when(guest).hangsUp()
    at('2 s').when(early).hangsUp()
    then(early).hasLegs(1)
    then(early).isEndedBy('hungUp')
  })
})

describe('a call to several', () => {
  it('rings them all, and goes on with the first who answers', () => {
    const { given, at, when, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet, cid.phone)
    then(ann.phone).sees({ kind: 'group', state: 'Ringing' })
    then(cid.phone).wasTold('call.incoming')
    then(cid.phone).seesOthers('ann Connecting', 'bob Ringing')
    at('2 s').when(bob.laptop).accepts()
    then(ann.phone).is('Connecting')
    then(bob.tablet).wasTold('call.ended', 'acceptedElsewhere')
    then(cid.phone).waits('Ringing', '85 s')
    when(ann.phone).getsMedia()
    when(bob.laptop).getsMedia()
    when(cid.phone).accepts()
    when(cid.phone).getsMedia()
    then(ann.phone).seesOthers('bob Connected', 'cid Connected')
    thenTheCall().isNeverDue()
  })

  it('goes on when one declines, and ends for the caller when all do', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop, cid.phone)
    when(bob.laptop).rejects()
    then(ann.phone).wasToldOfTheEnd(bob.laptop, 'declined')
    then(ann.phone).is('Calling')
    when(cid.phone).rejects()
    then(ann.phone).wasTold('call.ended', 'declined')
  })

  it('goes on without those who do not answer', () => {
    const { given, at, when, then } = story()
    given(ann.phone).calls(bob.laptop, cid.phone)
    when(ann.phone).getsMedia()
    when(bob.laptop).getsMedia()
    when(bob.laptop).accepts()
    at('85 s').theClockLooks()
    then(cid.phone).wasTold('call.ended', 'noAnswer')
    then(ann.phone).wasToldOfTheEnd(cid.phone, 'noAnswer')
    then(ann.phone).is('Connected')
  })

  it('is cancelled by its caller while it rings, and goes on without him afterwards', () => {
    const cancelled = story()
    cancelled.given(ann.phone).calls(bob.laptop, cid.phone)
    cancelled.at('3 s').when(ann.phone).hangsUp()
    for (const device of [ann.phone, bob.laptop, cid.phone]) {
      cancelled.then(device).wasTold('call.ended', 'cancelled')
    }
    cancelled.thenTheCall().isOverSince('3 s')

    const answered = story()
    answered.given(ann.phone).calls(bob.laptop, cid.phone)
    answered.when(bob.laptop).accepts()
    answered.when(ann.phone).hangsUp()
    answered.then(bob.laptop).wasTold('call.people')
    answered.then(cid.phone).is('Ringing')
    answered.when(bob.laptop).hangsUp()
    answered.then(cid.phone).wasTold('call.ended', 'cancelled')
  })
})

describe('the end of someone in a group', () => {
  it('is how he left, not how his other devices stopped ringing', () => {
    const { given, at, when, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet, cid.phone)
    at('1 s').when(bob.laptop).accepts()
    when(cid.phone).accepts()
    at('2 s').when(ann.phone).removes(bob.laptop)
    then(bob.laptop).wasTold('call.ended', 'removed')
    then(cid.phone).wasToldOfTheEnd(bob.laptop, 'removed')
  })

  it('is the same in the last view of a direct call', () => {
    const { given, at, then } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    at('1 s').when(bob.tablet).accepts()
    at('2 s').when(bob.tablet).leaves('vanished')
    then(ann.phone).wasToldOfTheEnd(bob.tablet, 'vanished')
  })
})

describe('adding people', () => {
  it('makes a group of a direct call, whose media goes on', () => {
    const { at, then, thenTheCall } = talking()
    at('10 s').when(ann.phone).adds(cid.phone, cid.desk)
    for (const device of [ann.phone, bob.laptop]) {
      then(device).is('Connected')
      then(device).wasGrantedNothing()
      then(device).wasTold('call.changed')
      then(device).sees({ kind: 'group', state: 'Connected' })
    }
    then(ann.phone).seesOthers('bob Connected', 'cid Ringing')
    then(cid.phone).wasTold('call.incoming')
    then(cid.phone).ringExpires('95 s')
    then(cid.phone).seesOthers('ann Connected', 'bob Connected')
    thenTheCall().isDue('95 s')
  })

  it('brings them in when they answer, as who was called', () => {
    const { at, when, then } = talking()
    at('10 s').when(bob.laptop).adds(cid.phone, cid.desk)
    at('12 s').when(cid.desk).accepts()
    then(cid.desk).waits('Connecting', '24 s')
    then(cid.desk).sees({ direction: 'Incoming' })
    then(cid.phone).wasTold('call.ended', 'acceptedElsewhere')
    then(ann.phone).wasTold('call.people')
    when(cid.desk).getsMedia()
    when(bob.laptop).hangsUp()
    then(ann.phone).seesOthers('cid Connected')
  })

  it('shows how they declined, or did not answer, and nobody else leaves', () => {
    const { at, when, then, thenTheCall } = talking()
    when(ann.phone).adds(cid.phone, dan.phone)
    when(cid.phone).rejects()
    then(ann.phone).wasToldOfTheEnd(cid.phone, 'declined')
    at('87 s').theClockLooks()
    then(dan.phone).wasTold('call.ended', 'noAnswer')
    then(bob.laptop).wasToldOfTheEnd(dan.phone, 'noAnswer')
    then(bob.laptop).sees({ kind: 'group' })
    thenTheCall().isNeverDue()
  })

  it('says nothing new about who is there or rings, and asks anew who left or declined', () => {
    const { when, then, thenTheCall } = meeting()
    when(ann.phone).adds(bob.tablet)
    thenTheCall().stayedAsItWas()
    when(ann.phone).adds(dan.phone)
    when(ann.phone).adds(withLeg(dan.phone, 2))
    thenTheCall().stayedAsItWas()
    when(dan.phone).rejects()
    when(ann.phone).adds(withLeg(dan.phone, 2))
    then(dan.phone).is('Ringing')
    then(dan.phone).hasLegs(2)
    then(dan.phone).wasTold('call.incoming')
  })

  it('calls in the name of the one who adds them, on whatever device they are, and after he has gone', () => {
    const byBob = { direction: 'Incoming', caller: { id: bob.laptop.user, displayName: 'bob' } } as const
    const { at, when, then } = meeting()
    when(cid.phone).hangsUp()
    at('10 s').when(bob.laptop).adds(cid.desk)
    then(cid.desk).sees(byBob)
    at('20 s').when(withLeg(cid.phone, 2)).connects()
    then(cid.phone).sees(byBob)
    when(cid.phone).accepts()
    when(bob.laptop).hangsUp()
    then(cid.phone).sees(byBob)
    then(ann.phone).sees({ direction: 'Outgoing', caller: { id: ann.phone.user, displayName: 'ann' } })
  })

  it('rings the one who began the call, whose call it stays', () => {
    const { when, then } = meeting()
    when(ann.phone).hangsUp()
    when(bob.laptop).adds(withLeg(ann.phone, 2))
    then(ann.phone).is('Ringing')
    then(bob.laptop).wasTold('call.people')
    then(bob.laptop).sees({ caller: { id: ann.phone.user, displayName: 'ann' } })
  })

  it('reaches a device that connects while they ring, one that had left before among them', () => {
    const { at, when, then, thenTheCall } = meeting()
    when(cid.phone).hangsUp()
    at('10 s').when(ann.phone).adds(cid.desk)
    at('20 s').when(withLeg(cid.phone, 2)).connects()
    then(cid.phone).waits('Ringing', '95 s')
    then(cid.phone).wasTold('call.incoming')
    when(cid.phone).rejects()
    when(withLeg(cid.phone, 3)).connects()
    thenTheCall().stayedAsItWas()
  })

  it('reaches a device that comes by itself', () => {
    const { when, then } = meeting()
    when(ann.phone).adds(dan.phone)
    when(dan.phone).joins({ isMuted: true })
    then(dan.phone).hasLegs(1)
    then(dan.phone).wasGranted('listen')
    when(ann.phone).adds(echo)
    then(ann.phone).seesOthers('bob Connected', 'cid Connected', 'dan Connecting muted', 'echo Connecting')
  })

  it('takes being in the call', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, cid.phone)
    when(ann.phone).adds(dan.phone)
    thenTheCall().refused('notConnected')
    when(bob.laptop).adds(dan.phone)
    thenTheCall().refused('notConnected')
    when(eve.desk).adds(dan.phone)
    thenTheCall().refused('unknownCall')
  })

  it('is the only way into a call that was placed', () => {
    const { when, thenTheCall } = talking()
    when(eve.desk).joins()
    thenTheCall().refused('unknownCall')
  })
})
