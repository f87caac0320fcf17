import { beforeAll, describe, expect, it } from '@jest/globals'
import { Ear } from '../support/far-ends/ear.ts'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { Sipp } from '../support/far-ends/sipp.ts'
import type { Person } from '../support/person.ts'
import { phoneCalls, settleNumber, settleTrunks } from '../support/phone-network.ts'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

const own = '+4930900'
const toAnn = '+4930901'

/** One telephone is the whole network behind the trunk of the environment: every number leads to it. */
describe('a call over the first trunk', () => {
  const farEnds = setFarEnds()
  let phone: Telephone
  let early: Sipp
  let echo: Sipp
  let ear: Ear
  const stage = setStage(async () => {
    ear = await farEnds.add(Ear.open())
    echo = await farEnds.add(Sipp.start('the echo', { answer: { status: 200, phrase: 'OK' }, soundAt: ear.port }))
    early = await farEnds.add(Sipp.start('the network', { first: [183], toneHz: 2290 }))
    phone = await farEnds.add(Telephone.start({ number: '+4930123456', toneHz: 970, answers: 'manual' }))
    return { SIP_TRUNK: `sip:127.0.0.1:${phone.sipPort};transport=udp`, SIP_NUMBERS: `${own},${toAnn}` }
  })
  beforeAll(async () => {
    await settleTrunks(
      stage.platform,
      [
        { fqdn: 'echo.pbx.test', port: echo.port },
        { fqdn: 'early.pbx.test', port: early.port },
      ],
      [
        { pattern: '777$', over: ['echo.pbx.test'] },
        { pattern: '888$', over: ['early.pbx.test'] },
      ],
    )
  })

  /** Ann calls the phone, which rings and is answered. */
  async function annCallsPhone(): Promise<Person> {
    const ann = await stage.people.arrive('ann', { displayName: 'Ann', tone: 1190 })
    await ann.calls({ phoneNumber: phone.number }, { showing: own })
    await phone.isTold('CALL_INCOMING')
    await ann.reaches('Ringing')
    await phone.answers()
    await Promise.all([ann.reaches('Connected'), phone.isTold('CALL_ESTABLISHED')])
    return ann
  }

  it('rings, is answered, carries both voices and keys both ways, is held in silence, and is hung up by the page', async () => {
    const ann = await annCallsPhone()
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(await ann.people()).toEqual([{ id: phone.id, state: 'Connected' }])
    expect(phone.log).toContain(`From: <sip:${own}@`)
    await Promise.all([ann.hears(phone), phone.hears(ann)])

    await ann.does(({ call }) => call.sendDtmf('Num7'))
    await phone.isTold('CALL_DTMF_START')
    expect(phone.heardKeys).toBe('7')
    await phone.presses('5')
    expect(await ann.isToldOf('dtmfReceived')).toEqual({ tone: 'Num5', from: phone.id })

    // Once it has been held, baresip records no more of what it hears; the echo below tells of that side.
    await ann.holds()
    await ann.reaches('LocalHold')
    await Promise.all([ann.hearsNot(phone), phone.hearsNot(ann)])
    await ann.resumes()
    await ann.hears(phone)
    await phone.commands('hold')
    await ann.reaches('RemoteHold')
    await ann.hearsNot(phone)
    await phone.commands('resume')
    await ann.hears(phone)

    await ann.hangsUp()
    await phone.isTold('CALL_CLOSED')
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    const [record] = await phoneCalls(stage.platform, phone.number)
    expect(record).toMatchObject({ direction: 'out', from: own, to: phone.number, end: { code: 0, subCode: 0 } })
    expect(record?.answeredAt).toBeDefined()
  })

  it('that is held plays music to the phone, and that is resumed carries the voice again, which the phone says back', async () => {
    const ann = await stage.people.arrive('ann', { tone: 1190 })
    await ann.calls({ phoneNumber: '+4930777' }, { showing: own })
    await ann.reaches('Connected')
    await Promise.all([ann.hears(ann), ear.hears(ann)])
    await ann.holds()
    await Promise.all([ann.hearsSilence(), ear.hearsMusic()])
    await ann.resumes()
    await Promise.all([ann.hears(ann), ear.hears(ann)])
    await ann.hangsUp()
    await echo.isTold('BYE')
  })

  it('lets the network be heard before the phone answers', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: '+4930888' }, { showing: own })
    await ann.reaches('EarlyMedia')
    await ann.hears(early)
    await ann.hangsUp()
    await early.isTold('CANCEL')
    expect(await ann.ends()).toMatchObject({ code: 487, subCode: 0 })
    expect(ann.states.slice(0, 3)).toEqual(['None', 'Connecting', 'EarlyMedia'])
  })

  it('is hung up by the phone', async () => {
    const ann = await annCallsPhone()
    await ann.hears(phone)
    await phone.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 560_000 })
  })

  it('comes from a phone, says who calls, is answered, and ends when the phone hangs up', async () => {
    const bob = await stage.people.arrive('bob', { tone: 1510 })
    await settleNumber(stage.platform, { number: toAnn, target: { user: bob.id } })
    await phone.calls(`sip:${toAnn}@127.0.0.1:${stage.platform.sipPort}`)
    expect(await bob.isRung()).toMatchObject({ from: phone.id })
    await phone.isTold('CALL_RINGING')
    await bob.answers()
    await phone.isTold('CALL_ESTABLISHED')
    await Promise.all([bob.hears(phone), phone.hears(bob)])
    await phone.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 540_000 })
    const [record] = await phoneCalls(stage.platform, toAnn)
    expect(record).toMatchObject({ direction: 'in', from: phone.number, to: toAnn, end: { code: 0, subCode: 540_000 } })

    await phone.calls(`sip:${toAnn}@127.0.0.1:${stage.platform.sipPort}`)
    await bob.isRung()
    await bob.declines()
    await phone.speaksOf('SIP/2.0 603')
  })
})
