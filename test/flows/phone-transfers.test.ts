import { beforeAll, describe, expect, it } from '@jest/globals'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { settleNumber, settleTrunks } from '../support/phone-network.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

const own = '+4930900'

describe('a call with a phone that is transferred', () => {
  const farEnds = setFarEnds()
  let phone: Telephone
  const stage = setStage(async () => {
    phone = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290 }))
    return {}
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    await settleTrunks(
      stage.platform,
      [{ fqdn: 'one.pbx.test', port: phone.sipPort, more: { mayTransfer: true } }],
      [{ pattern: '111$', over: ['one.pbx.test'] }],
    )
  })

  it('by the page to another user: the phone goes on with him, in the same SIP call', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await ann.calls({ phoneNumber: phone.number }, { showing: own })
    await ann.reaches('Connected')
    await ann.hears(phone)
    await ann.does(async ({ call, sdk, tell }, target) => {
      const transfer = call
        .feature(sdk.Features.Transfer)
        .transfer({ targetParticipant: { communicationUserId: target } })
      transfer.on('stateChanged', () => tell('transfer', transfer.state))
    }, bob.id)
    await bob.isRung()
    await bob.answers()
    await Promise.all([bob.hears(phone), phone.hears(bob)])
    await ann.isToldOf('transfer', (state) => state === 'Transferred')
    expect(phone.timesTold('CALL_ESTABLISHED')).toBe(1)
    await bob.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })

  it('by the phone, with REFER, to another user: the page goes there, and the phone is told how that went', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await ann.calls({ phoneNumber: phone.number }, { showing: own })
    await ann.reaches('Connected')
    await ann.hears(phone)
    await ann.does(({ call, sdk, tell }) => {
      call.feature(sdk.Features.Transfer).on('transferAccepted', () => tell('accepted'))
    })
    await phone.commands('transfer', `sip:${bob.id.replaceAll(':', '%3A')}@127.0.0.1:${stage.platform.sipPort}`)
    await phone.speaksOf('SIP/2.0 202')
    await bob.isRung()
    await bob.answers()
    await ann.isToldOf('accepted')
    await ann.goesOnInNewCall()
    await Promise.all([bob.hears(ann), ann.hears(bob)])
    await phone.speaksOf('terminated;reason=noresource')
  })
})
