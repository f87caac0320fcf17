import { beforeAll, describe, expect, it } from '@jest/globals'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { SipStranger } from '../support/far-ends/sip-stranger.ts'
import { Sipp } from '../support/far-ends/sipp.ts'
import type { Person } from '../support/person.ts'
import { phoneCalls, settleNumber, settleTrunks } from '../support/phone-network.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

const own = '+4930900'
const toBob = '+4930901'

describe('a call with a phone that is transferred', () => {
  const farEnds = setFarEnds()
  let phone: Telephone
  /** A phone that says back what it hears. */
  let echo: Sipp
  const stage = setStage(async () => {
    phone = await farEnds.add(Telephone.start({ number: '+4930111', toneHz: 2290 }))
    echo = await farEnds.add(Sipp.start('echo', { answer: { status: 200, phrase: 'OK' } }))
    return {}
  })
  beforeAll(async () => {
    await settleNumber(stage.platform, { number: own })
    await settleTrunks(
      stage.platform,
      [
        { fqdn: 'one.pbx.test', port: phone.sipPort, more: { mayTransfer: true } },
        { fqdn: 'echo.pbx.test', port: echo.port },
      ],
      [
        { pattern: '111$', over: ['one.pbx.test'] },
        { pattern: '777$', over: ['echo.pbx.test'] },
      ],
    )
  })

  /** Somebody calls the phone, and they talk. */
  async function talksTo(person: Person): Promise<void> {
    await person.calls({ phoneNumber: phone.number }, { showing: own })
    await person.reaches('Connected')
    await Promise.all([person.hears(phone), phone.hears(person)])
  }

  /** From now on somebody is told when he is transferred. */
  function watches(person: Person): Promise<void> {
    return person.does(({ call, sdk, tell }) => {
      call.feature(sdk.Features.Transfer).on('transferAccepted', () => tell('accepted'))
    })
  }

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

  it('by the phone, with REFER, to a number of ours: whose it is is rung, and nobody is dialled', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await settleNumber(stage.platform, { number: toBob, target: { user: bob.id } })
    await talksTo(ann)
    await phone.transfers(`sip:${toBob}@127.0.0.1:${stage.platform.sipPort}`)
    expect(await bob.isRung()).toMatchObject({ from: ann.id })
    await bob.answers()
    await phone.speaksOf('terminated;reason=noresource')
    await ann.goesOnInNewCall()
    await Promise.all([bob.hears(ann), ann.hears(bob)])
    expect(await phoneCalls(stage.platform, toBob)).toEqual([])
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })

  it('by the phone, with Replaces, into its other call: the two others talk, the phone is told so and is out', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    const before = phone.dialogs.length
    await talksTo(ann)
    await watches(ann)
    await phone.commands('hold')
    await ann.reaches('RemoteHold')
    await talksTo(bob)

    await phone.turnsTo(1)
    await phone.transfers(`sip:${own}@127.0.0.1:${stage.platform.sipPort}`, phone.dialogs[before + 1])
    await phone.speaksOf('SIP/2.0 202')
    await ann.isToldOf('accepted')
    await phone.speaksOf('terminated;reason=noresource')
    await phone.speaksOf('SIP/2.0 200 OK')
    await ann.goesOnInNewCall()
    await Promise.all([ann.hears(bob), bob.hears(ann), ann.hearsNot(phone), bob.hearsNot(phone)])
    await Promise.all([ann.seesPeople(bob), bob.seesPeople(ann)])
    await phone.isTold('CALL_CLOSED')
    await phone.isTold('CALL_CLOSED')
    await ann.hangsUp()
  })

  it('by the page into its other call: the phone goes on there, in the same SIP call', async () => {
    const [ann, bob] = await Promise.all([stage.people.arrive('ann'), stage.people.arrive('bob')])
    await ann.calls({ phoneNumber: '+4930777' }, { showing: own })
    await ann.reaches('Connected')
    await ann.hears(ann)
    await ann.calls(bob)
    await bob.isRung()
    await bob.answers()
    await Promise.all([ann.reaches('Connected'), ann.hears(bob), bob.hears(ann)])
    const withBob = ann.callId

    ann.turnsTo(0)
    expect(ann.states.at(-1)).toBe('LocalHold')
    await ann.does(({ call, sdk, tell }, targetCallId) => {
      const transfer = call.feature(sdk.Features.Transfer).transfer({ targetCallId })
      transfer.on('stateChanged', () => tell('transfer', transfer.state))
    }, withBob)
    await ann.isToldOf('transfer', (state) => state === 'Transferred')
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 7015 })
    ann.turnsTo(1)
    // What comes back to each is what the phone hears, which is all of them.
    await Promise.all([ann.hears(ann), ann.hears(bob), bob.hears(ann), bob.hears(bob)])
    await ann.hangsUp()
    await Promise.all([bob.seesPeople({ name: 'echo', id: '4:+4930777' }), bob.hearsNot(ann), bob.hears(bob)])
    expect(echo.calls).toHaveLength(1)
    await bob.endsForAll()
    await echo.isTold('BYE')
  })

  it('by who is not the phone, with Replaces: refused, and those in the call hear nothing of it', async () => {
    const ann = await stage.people.arrive('ann')
    const before = phone.dialogs.length
    await talksTo(ann)
    const stranger = await farEnds.add(SipStranger.come('127.0.0.5', () => stage.platform.sipPort))
    const replacing = async (dialog: string) => {
      const uri = `sip:${own}@127.0.0.1:${stage.platform.sipPort}`
      const { status } = await stranger.isAnswered(stranger.asks('INVITE', uri, { Replaces: dialog }))
      return status
    }
    expect(await replacing(phone.dialogs[before] ?? '')).toBe(603)
    expect(await replacing('nothing@like.it;to-tag=one;from-tag=two')).toBe(481)
    expect(await replacing(`${phone.dialogs[before]}x`)).toBe(481)
    await Promise.all([ann.hears(phone), phone.hears(ann)])
    expect(await ann.does(({ call }) => call.state)).toBe('Connected')
    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
  })
})
