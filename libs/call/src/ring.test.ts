import { describe, expect, it } from '@jest/globals'
import { defaultLimits, RawId } from '@parley/protocol'
import { epochOf } from '../test/checks.ts'
import { ann, bob, callId, eve, node, resource } from '../test/people.ts'
import { story } from '../test/story.ts'
import { open } from './step.ts'

describe('ringing', () => {
  it('rings every device of the callee until the call has had its time', () => {
    const { given, then, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    then(ann.phone).waits('Calling', '85 s')
    then(ann.phone).wasToldNothing() // the reply to call.start tells
    for (const device of [bob.laptop, bob.tablet]) {
      then(device).waits('Ringing', '85 s')
      then(device).wasTold('call.incoming')
      then(device).ringExpires('85 s')
    }
    thenTheCall().isDue('85 s')
  })

  it('shows the caller that it rings, and the callee who calls', () => {
    const { given, then } = story()
    given(ann.phone).calls(bob.laptop)
    then(ann.phone).sees({ direction: 'Outgoing', state: 'Ringing', mediaLost: false })
    then(ann.phone).seesOthers('bob Ringing')
    then(bob.laptop).sees({
      direction: 'Incoming',
      state: 'Ringing',
      caller: { id: RawId.parse(ann.phone.user), displayName: 'ann' },
    })
    then(bob.laptop).seesOthers('ann Connecting')
  })

  it('lets nothing flow, however warm: the caller may open his tracks, a callee not even that', () => {
    const { given, when, then } = story()
    given(ann.phone).calls(bob.laptop)
    when(ann.phone).getsMedia()
    when(bob.laptop).getsMedia()
    then(ann.phone).may('open only')
    then(bob.laptop).may('nothing')
  })

  it('ends at once when the callee has no device', () => {
    const { given, then, thenTheCall } = story()
    given(ann.phone).calls()
    then(ann.phone).isEndedBy('noEndpoint')
    then(ann.phone).wasTold('call.ended', 'noEndpoint')
    thenTheCall().isOverSince('0 s')
    thenTheCall().isNeverDue()
  })

  it('leaves out the device from which people call themselves', () => {
    const { given, then } = story()
    given(ann.phone).calls(ann.phone, ann.desk)
    then(ann.phone).hasLegs(1)
    then(ann.desk).is('Ringing')
    then(ann.desk).seesOthers() // oneself on another device is no participant
  })

  it('has nobody to ring when people call themselves on their only device', () => {
    const { given, then } = story()
    given(ann.phone).calls(ann.phone)
    then(ann.phone).isEndedBy('noEndpoint')
  })

  it('rings a device that connects meanwhile, for the time that is left', () => {
    const { given, at, then } = story()
    given(ann.phone).calls(bob.laptop)
    at('30 s').when(bob.tablet).connects()
    then(bob.tablet).waits('Ringing', '85 s')
    then(bob.tablet).wasTold('call.incoming')
    then(bob.tablet).ringExpires('85 s')
  })

  it('rings a device once, and not again after it declined', () => {
    const { given, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop, bob.tablet)
    when(bob.laptop).connects()
    thenTheCall().stayedAsItWas()
    when(bob.laptop).rejects()
    when(bob.laptop).connects()
    thenTheCall().stayedAsItWas()
  })

  it('rings no device of anyone else, and none once the call is answered or out of time', () => {
    const { given, at, when, thenTheCall } = story()
    given(ann.phone).calls(bob.laptop)
    when(eve.desk).connects()
    thenTheCall().stayedAsItWas()
    at('85 s').when(bob.tablet).connects()
    thenTheCall().stayedAsItWas()
    at('2 s').when(bob.laptop).accepts()
    when(bob.tablet).connects()
    thenTheCall().stayedAsItWas()
  })

  it('starts with version 1 on the node that was chosen', () => {
    const placed = {
      id: callId,
      resourceId: resource,
      mediaNode: node,
      caller: { ...ann.phone, isMuted: true },
      to: [bob.laptop.user],
      devices: [],
    }
    const { call } = open(placed, epochOf('0 s'), defaultLimits)
    expect(call).toMatchObject({ id: callId, kind: 'direct', version: 1, openedAt: epochOf('0 s'), mediaNode: node })
    expect(call.legs[0]).toMatchObject({ side: 'caller', isMuted: true, generation: 0 })
  })
})
