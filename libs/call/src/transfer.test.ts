import { describe, it } from '@jest/globals'
import { endOf } from '@parley/protocol'
import { ann, bob, callId, cid, dan, eve, otherCall, withLeg } from '../test/people.ts'
import { inRoom, meeting, story, talking } from '../test/story.ts'

const toCid = { id: 't1', to: { user: cid.phone.user } }
const transferOf = { callId: otherCall, id: 't1' }

/** Ann asks Bob, at 10 s, to call Cid instead. */
function transferring() {
  const it = talking()
  it.at('10 s').when(ann.phone).transfersTo(cid.phone)
  return it
}

describe('a transfer', () => {
  it('asks the other side, and both see it', () => {
    const { when, then, thenTheCall } = transferring()
    then(ann.phone).sees({ transfer: { ...toCid, side: 'by', state: 'Transferring' }, state: 'Connected' })
    then(bob.laptop).sees({ transfer: { ...toCid, side: 'of', state: 'Transferring' } })
    thenTheCall().did('tell', 'tell')
    thenTheCall().isDue('70 s')
    when(ann.phone).transfersTo(cid.phone)
    thenTheCall().stayedAsItWas()
  })

  it('ends the call for who was transferred, and lets the other see so for two seconds', () => {
    const { at, then, thenTheCall } = transferring()
    at('20 s').theTransfer('t1').succeeds()
    then(bob.laptop).wasTold('call.ended', 'transferred')
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).sees({ transfer: { ...toCid, side: 'by', state: 'Transferred' }, state: 'Connected' })
    then(ann.phone).seesOthers()
    thenTheCall().isDue('22 s')
    at('22 s').theClockLooks()
    then(ann.phone).wasTold('call.ended', 'transferred')
    thenTheCall().isOverSince('22 s')
  })

  it('may be hung up meanwhile and afterwards', () => {
    const { at, when, then, theTransfer, thenTheCall } = transferring()
    at('20 s').theTransfer('t1').succeeds()
    when(ann.phone).hangsUp()
    then(ann.phone).wasTold('call.ended', 'hungUp')
    const early = transferring()
    early.when(ann.phone).hangsUp()
    early.then(bob.laptop).wasTold('call.ended', 'hungUp')
    early.theTransfer('t1').succeeds() // the call is over: too late, and no matter
    early.thenTheCall().stayedAsItWas()
    theTransfer('t1').fails('declined')
    thenTheCall().stayedAsItWas()
  })

  it('that fails leaves both where they are, and may be tried again', () => {
    const { at, when, then, thenTheCall } = transferring()
    at('20 s').theTransfer('t1').fails('declined')
    const failed = { ...toCid, state: 'Failed' as const, end: endOf('declined') }
    then(ann.phone).sees({ transfer: { ...failed, side: 'by' } })
    then(bob.laptop).sees({ transfer: { ...failed, side: 'of' }, state: 'Connected' })
    thenTheCall().isNeverDue()
    when(bob.laptop).transfersTo(dan.phone, 't2')
    then(ann.phone).sees({ transfer: { id: 't2', to: { user: dan.phone.user }, side: 'of', state: 'Transferring' } })
  })

  it('has 60 s', () => {
    const { at, then, thenTheCall } = transferring()
    at('70 s').theClockLooks()
    then(ann.phone).sees({ transfer: { ...toCid, side: 'by', state: 'Failed', end: endOf('transferTimedOut') } })
    thenTheCall().isLive()
    thenTheCall().isNeverDue()
  })

  it('is one at a time, and late news about another is none', () => {
    const { when, theTransfer, thenTheCall } = transferring()
    when(bob.laptop).transfersTo(dan.phone, 't2')
    thenTheCall().refused('notInThisCall')
    theTransfer('t0').succeeds()
    thenTheCall().stayedAsItWas()
    theTransfer('t1').fails('noAnswer')
    theTransfer('t1').succeeds()
    thenTheCall().stayedAsItWas()
  })

  it('is for direct calls that are connected', () => {
    const group = meeting()
    group.when(ann.phone).transfersTo(dan.phone)
    group.thenTheCall().refused('notInThisCall')

    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).transfersTo(cid.phone)
    thenTheCall().refused('notConnected')
    when(bob.laptop).accepts()
    when(bob.laptop).transfersTo(cid.phone)
    thenTheCall().refused('notConnected')
  })

  it('in a call that became a group takes only the one along who was transferred', () => {
    const { when, then, theTransfer, thenTheCall } = transferring()
    when(ann.phone).adds(dan.phone)
    when(dan.phone).accepts()
    when(dan.phone).getsMedia()
    theTransfer('t1').succeeds()
    then(bob.laptop).isEndedBy('transferred')
    then(ann.phone).seesOthers('dan Connected')
    thenTheCall().isNeverDue()
  })
})

describe('the call that a transfer leads to', () => {
  it('reports that it is up when who was transferred is in it', () => {
    const { given, when, thenTheCall } = story()
    given({ ...bob.laptop, transferOf }).calls(cid.phone)
    when(cid.phone).getsMedia()
    when(cid.phone).accepts()
    thenTheCall().forwarded()
    when(bob.laptop).getsMedia()
    thenTheCall().forwarded({ type: 'transferDone', id: 't1' })
    when(bob.laptop).losesMedia()
    when(bob.laptop).getsMedia(2)
    thenTheCall().forwarded()
    when(bob.laptop).hangsUp()
    thenTheCall().forwarded()
  })

  it('reports so of who waits in its lobby: he is where he was sent', () => {
    const { when, thenTheCall } = inRoom({ hasLobby: true })
    when({ ...dan.phone, transferOf }).joins({ role: 'Attendee', waits: true })
    thenTheCall().forwarded({ type: 'transferDone', id: 't1' })
    when(ann.phone).admits(dan.phone)
    thenTheCall().forwarded()
    when(dan.phone).getsMedia() // said again, which is no matter to the call that he has left
    thenTheCall().forwarded({ type: 'transferDone', id: 't1' })
  })

  it('is also the one in which who was to be called calls at that moment', () => {
    const { given, when, thenTheCall } = story()
    given(cid.phone).calls(bob.laptop)
    when(cid.phone).getsMedia()
    when({ ...bob.laptop, transferOf }).callsBack()
    when(bob.laptop).getsMedia()
    thenTheCall().forwarded({ type: 'transferDone', id: 't1' })
  })

  it('reports why it did not come up', () => {
    const declined = story()
    declined.given({ ...bob.laptop, transferOf }).calls(cid.phone)
    declined.when(cid.phone).rejects()
    declined.thenTheCall().forwarded({ type: 'transferFailed', id: 't1', reason: 'declined' })

    const nobody = story()
    nobody.given({ ...bob.laptop, transferOf }).calls()
    nobody.thenTheCall().forwarded({ type: 'transferFailed', id: 't1', reason: 'noEndpoint' })
  })
})

describe('an attended transfer', () => {
  it('has the other call of who asks ring the one who is transferred', () => {
    const { at, when, thenTheCall } = talking()
    const asked = { ...ann.phone, legId: withLeg(bob.laptop, 9).legId }
    at('10 s').when(asked).transfersTo(undefined)
    const { user, session, displayName } = { displayName: 'bob', ...bob.laptop }
    const device = { user, session, displayName, legId: asked.legId, transferOf: { callId, id: 't1' } }
    thenTheCall().forwarded({ type: 'added', session: ann.phone.session, devices: [device] })
    when(asked).transfersTo(undefined)
    thenTheCall().stayedAsItWas()
  })

  it('that was looked at until everybody was sent away leaves nothing to fall due', () => {
    const { at, when, theTransfer, theClockLooks, thenTheCall } = talking()
    at('10 s').when(ann.phone).transfersTo(cid.phone)
    theTransfer('t1').succeeds()
    when(ann.phone).endsForAll()
    thenTheCall().isNeverDue()
    at('12 s')
    theClockLooks()
    thenTheCall().stayedAsItWas()
  })

  it('brings him into that call, which becomes a group and reports it', () => {
    const { at, when, then, thenTheCall } = talking()
    at('10 s')
      .when(ann.phone)
      .adds({ ...eve.desk, transferOf })
    then(eve.desk).wasTold('call.incoming')
    when(eve.desk).accepts()
    when(eve.desk).getsMedia()
    thenTheCall().forwarded({ type: 'transferDone', id: 't1' })
    then(eve.desk).seesOthers('ann Connected', 'bob Connected')
  })

  it('fails when he declines', () => {
    const { when, thenTheCall } = talking()
    when(ann.phone).adds({ ...eve.desk, transferOf })
    when(eve.desk).rejects()
    thenTheCall().forwarded({ type: 'transferFailed', id: 't1', reason: 'declined' })
    thenTheCall().isLive()
  })
  it('is refused at once by a call in which he is already, or that is a room', () => {
    const there = meeting()
    there.when(ann.phone).adds({ ...cid.desk, transferOf })
    there.thenTheCall().refused('alreadyThere')

    const led = inRoom()
    led.when(ann.phone).adds({ ...eve.desk, transferOf })
    led.thenTheCall().refused('notInvited')
  })

  it('that is carried out twice brings him once', () => {
    const { when, thenTheCall } = talking()
    when(ann.phone).adds({ ...eve.desk, transferOf })
    when(ann.phone).adds({ ...eve.desk, transferOf })
    thenTheCall().stayedAsItWas()
  })
})
