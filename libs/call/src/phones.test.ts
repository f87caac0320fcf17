import { describe, it } from '@jest/globals'
import { endOf, reasonOfStatus } from '@parley/protocol'
import { ann, bob, callId, cid, fax, group, otherCall, tel } from '../test/people.ts'
import { story, talking } from '../test/story.ts'

describe('a phone that is called', () => {
  it('is dialled, rings, sends sound before the answer, and answers', () => {
    const { given, at, when, then, thenTheCall } = story()
    given(ann.phone).calls(tel)
    thenTheCall().did('dial')
    then(ann.phone).sees({ state: 'Connecting', kind: 'direct' })
    then(ann.phone).seesOthers('tel Connecting')

    when(tel).progresses('alerting')
    then(ann.phone).wasTold('call.changed')
    then(ann.phone).sees({ state: 'Ringing' })
    then(ann.phone).seesOthers('tel Ringing')

    when(tel).progresses('early', 'PCMA')
    then(ann.phone).sees({ state: 'EarlyMedia', soundCodec: 'PCMA' })
    then(ann.phone).seesOthers('tel EarlyMedia')
    then(ann.phone).may('listen before the answer')
    then(tel).may('speak before the answer')

    when(ann.phone).getsMedia()
    when(tel).getsMedia()
    at('4 s').when(tel).accepts()
    for (const one of [ann.phone, tel]) {
      then(one).is('Connected')
      then(one).may('talk')
    }
    then(ann.phone).sees({ state: 'Connected', soundCodec: 'PCMA' })
    thenTheCall().isNeverDue()
  })

  it('goes on with its early sound when its network says once more that it rings', () => {
    const { given, when, then, thenTheCall } = story()
    given(ann.phone).calls(tel)
    when(tel).progresses('early')
    when(tel).progresses('alerting')
    thenTheCall().stayedAsItWas()
    then(ann.phone).sees({ state: 'EarlyMedia' })
  })

  it('ends the call for its caller with whatever its network said', () => {
    const finals = Array.from({ length: 400 }, (_, n) => reasonOfStatus(n + 300))
    for (const reason of new Set([...finals, 'phoneLost' as const])) {
      const { given, when, then } = story()
      given(ann.phone).calls(tel)
      when(tel).leaves(reason)
      then(ann.phone).wasTold('call.ended', reason)
    }
  })

  // prettier-ignore
  it.each([
    'callerIdRefused', 'numberForbidden', 'emergencyNumber', 'tooManyPhoneCalls', 'noTrunk', 'noRoute', 'unavailable',
  ] as const)('is not dialled where that is not allowed, and its caller learns why: %s', (refused) => {
    const { given, then, thenTheCall } = story()
    given(ann.phone).calls({ ...tel, refused })
    then(ann.phone).sees({ state: 'Disconnected', end: endOf(refused) })
    thenTheCall().isOverSince('0 s')
  })

  it('stops ringing when the caller gives up, and after the time that everybody rings', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(tel)
    when(ann.phone).hangsUp()
    then(tel).wasTold('call.ended', 'cancelled')

    const late = story()
    late.given(ann.phone).calls(tel)
    late.at('85 s').theClockLooks()
    late.then(tel).wasTold('call.ended', 'noAnswer')
    late.then(ann.phone).wasTold('call.ended', 'noAnswer')
  })

  it('among others that are called sends nothing before it answers, and one answer answers for itself', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(tel, bob.laptop)
    when(tel).progresses('early')
    then(ann.phone).sees({ state: 'Ringing' })
    then(tel).may('nothing')
    when(bob.laptop).accepts()
    then(ann.phone).seesOthers('tel EarlyMedia', 'bob Connecting')
  })
})

describe('a phone that calls', () => {
  it('is the caller of a direct call as anybody', () => {
    const { given, when, then } = story()
    const { dial: _, ...calling } = tel
    given({ ...calling, codec: 'PCMU' }).calls(bob.laptop)
    then(bob.laptop).wasTold('call.incoming')
    then(bob.laptop).sees({ soundCodec: 'PCMU' })
    when(tel).getsMedia()
    when(bob.laptop).accepts()
    when(bob.laptop).getsMedia()
    then(tel).is('Connected')
    when(tel).leaves('phoneLeft')
    then(bob.laptop).wasTold('call.ended', 'phoneLeft')
  })

  it('may ring again and again where it has many lines', () => {
    const { given, thenTheCall } = story()
    given(tel).calls(bob.laptop)
    thenTheCall().isFoundBy({
      isLive: true,
      sessions: [tel.session, bob.laptop.session],
      ringing: [bob.laptop.user],
      nextDeadline: 1_085_000 as never,
    })
  })

  it('comes into a group', () => {
    const { given, when, then } = story()
    given(ann.phone).comesTo(group)
    const { dial: _, ...calling } = fax
    when(calling).joins()
    when(fax).getsMedia()
    then(ann.phone).seesOthers('fax Connected')
  })
})

describe('a phone in a call', () => {
  it('makes a group of it when it is added, and what it speaks is nobody’s matter then', () => {
    const { when, then, thenTheCall } = talking()
    when(ann.phone).adds(tel)
    thenTheCall().did('tell', 'tell', 'dial')
    when(tel).accepts()
    when(tel).progresses(undefined, 'PCMU')
    when(tel).getsMedia()
    then(ann.phone).sees({ kind: 'group' })
    then(ann.phone).seesOthers('bob Connected', 'tel Connected')
  })

  it('presses keys that the others hear of, and nobody else does', () => {
    const { when, thenWhat } = talking()
    when(ann.phone).adds(tel)
    when(tel).accepts()
    thenWhat(tel, { kind: 'tones', tones: '5' }).isHeardBy(ann.phone, bob.laptop)
    thenWhat(ann.phone, { kind: 'tones', tones: '5' }).isRefused('notInThisCall')
  })

  it('is transferred, and transfers, as anybody', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(tel)
    when(tel).accepts()
    when(tel).getsMedia()
    when(ann.phone).getsMedia()
    when(tel).transfersTo(cid.phone)
    then(ann.phone).sees({ transfer: { id: 't1', side: 'of', state: 'Transferring', to: { user: cid.phone.user } } })
  })

  it('stays a phone in the call that it is transferred into, and is rung there without being dialled', () => {
    const { given, when, thenTheCall } = story()
    const { dial: _, ...calling } = tel
    given({ ...calling, codec: 'PCMU' }).calls(ann.phone)
    when(ann.phone).accepts()
    when(tel).getsMedia()
    when(ann.phone).getsMedia()
    when(ann.phone).transfersTo(undefined)
    const { user, session, displayName = 'tel', phone } = tel
    const { legId } = ann.phone
    const device = {
      user,
      session,
      displayName,
      phone,
      codec: 'PCMU' as const,
      legId,
      transferOf: { callId, id: 't1' },
    }
    thenTheCall().forwarded({ type: 'added', session: ann.phone.session, devices: [device] })

    const other = talking()
    other.when(ann.phone).adds({ ...calling, transferOf: { callId: otherCall, id: 't1' } })
    other.thenTheCall().did('tell', 'tell', 'tell')
    other.then(tel).wasTold('call.incoming')
    other.then(ann.phone).seesOthers('bob Connected', 'tel Ringing')
    other.when(tel).accepts()
    other.when(tel).getsMedia()
    other.thenTheCall().forwarded({ type: 'transferDone', id: 't1' })
  })
})
