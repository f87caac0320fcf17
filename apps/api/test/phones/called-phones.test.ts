import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { defaultLimits, PhoneNumber, rawIdOfNumber, type CallView, type ReasonName } from '@parley/protocol'
import { ours, PhonePlatform, sbc, type PhoneUser } from './phone-platform.ts'

let platform: PhonePlatform
beforeAll(async () => {
  platform = await PhonePlatform.open({ limits: { ...defaultLimits, orderMs: 1_000 } })
}, 60_000)
afterAll(() => platform.close(), 60_000)
afterEach(() => platform.settle())

/** Numbers of their own, so that no story hears of another one's orders. */
let numbers = 0
const someNumber = () => PhoneNumber.parse(`+4930${(1_000_000 + ++numbers).toString()}`)
const other = ({ participants }: CallView) => participants[0]?.state
const user = (name = 'ann'): Promise<PhoneUser> => platform.user(name)

describe('a user who calls a number', () => {
  it('has it dialled once, and sees it ring, speak before the answer, and answer', async () => {
    const number = someNumber()
    const ann = await user()
    const { call, sees } = await ann.calls(`4:${number}`)
    expect(call).toMatchObject({ kind: 'direct', state: 'Connecting', participants: [{ id: `4:${number}` }] })

    const phone = await platform.sip.dials(number)
    const dial = { number, callerId: ours, isHidden: false, trunks: [sbc] }
    expect(phone.order).toMatchObject({ callId: call.callId, dial, until: expect.any(Number) })
    await phone.progresses({ progress: 'alerting' })
    expect(other(await sees.changed(({ state }) => state === 'Ringing'))).toBe('Ringing')
    await phone.progresses({ progress: 'early', codec: 'PCMA' })
    expect(await sees.changed(({ state }) => state === 'EarlyMedia')).toMatchObject({ soundCodec: 'PCMA' })

    await sees.getsMedia()
    await phone.answers()
    expect(other(await sees.changed(({ state }) => state === 'Connected'))).toBe('Connected')
    await phone.hears('call.changed', ({ call: seen }) => seen.state === 'Connected')
    expect(platform.sip.timesDialled(number)).toBe(1)

    await phone.ends('phoneHungUp')
    expect(await sees.ended()).toMatchObject({ code: 0, subCode: 560_000 })
  })

  it('is on record: who was called over what, when it was answered, and how it ended', async () => {
    const number = someNumber()
    const ann = await user()
    const { sees } = await ann.calls(`4:${number}`)
    const phone = await platform.sip.dials(number)
    const begun = { direction: 'out', user: ann.id, from: ours, to: number, trunk: sbc, callId: phone.callId }
    expect(await platform.recordOf(phone.legId)).toMatchObject(begun)
    await phone.progresses({ progress: 'alerting', trunk: 'second.example.com' })
    await sees.getsMedia()
    await phone.answers()
    await sees.changed(({ state }) => state === 'Connected')
    expect(await platform.recorded(phone.legId, ({ answeredAt }) => answeredAt !== undefined)).toMatchObject({
      trunk: 'second.example.com',
    })
    await sees.hangsUp()
    await phone.hears('call.ended')
    const over = await platform.recorded(phone.legId, ({ endedAt }) => endedAt !== undefined)
    expect(over).toMatchObject({ ...begun, trunk: 'second.example.com', reason: 'hungUp' })
    expect(over.sipStatus).toBeUndefined()
  })

  it.each<[status: number, reason: ReasonName, code: number, subCode: number]>([
    [486, 'phoneBusy', 486, 560_486],
    [603, 'phoneDeclined', 603, 560_603],
    [404, 'phoneUnknown', 404, 560_404],
    [503, 'trunkAway', 503, 560_503],
  ])('hears why nobody came: SIP %i', async (sipStatus, reason, code, subCode) => {
    const number = someNumber()
    const { sees } = await (await user()).calls(`4:${number}`)
    const phone = await platform.sip.dials(number)
    await phone.ends(reason, sipStatus)
    expect(await sees.ended()).toMatchObject({ code, subCode })
    expect(await platform.recorded(phone.legId, ({ endedAt }) => endedAt !== undefined)).toMatchObject({
      reason,
      sipStatus,
    })
  })

  it('stops it from ringing when he gives up', async () => {
    const number = someNumber()
    const { sees } = await (await user()).calls(`4:${number}`)
    const phone = await platform.sip.dials(number)
    await sees.hangsUp()
    await phone.hears('call.ended', ({ call }) => call.end?.reason === 'cancelled')
    await expect(phone.asks('call.accept', { callId: phone.callId, isMuted: false })).rejects.toMatchObject({
      failure: 'cannotAccept',
    })
    expect(await platform.recorded(phone.legId, ({ endedAt }) => endedAt !== undefined)).toMatchObject({
      reason: 'cancelled',
    })
  })

  it('may call several people, of whom one is at a phone', async () => {
    const number = someNumber()
    const [ann, bob] = [await user('ann'), await user('bob')]
    const { call, sees } = await ann.calls([bob.id, `4:${number}`])
    expect(call.kind).toBe('group')
    const phone = await platform.sip.dials(number)
    const { call: incoming } = await bob.isCalled()
    expect(incoming.participants.map(({ id }) => id)).toContain(rawIdOfNumber(number))
    await phone.progresses({ progress: 'alerting' })
    await phone.answers()
    await sees.getsMedia()
    await sees.changed(({ state }) => state === 'Connected')
    await sees.hangsUp()
  })

  it('reaches a short number of a phone on this machine, and shows it his name instead of a number', async () => {
    const { call } = await (await user()).calls('4:77', { callerId: undefined })
    const phone = await platform.sip.dials('77')
    expect(phone.order).toMatchObject({ callerName: 'ann' })
    expect(phone.order.dial).toEqual({ number: '77', isHidden: false, trunks: ['softphones'] })
    expect(await platform.recordOf(phone.legId)).toBeUndefined()
    expect(call.state).toBe('Connecting')
  })
})

describe('a user who may not call a number', () => {
  const refused = async (number: string) => {
    const { call } = await (await user()).calls(`4:${number}`)
    expect(call.state).toBe('Disconnected')
    expect(platform.sip.timesDialled(number)).toBe(0)
    return call.end
  }

  // prettier-ignore
  it.each<[why: string, reason: ReasonName, number: string, callerId: string | undefined]>([
    ['has no number to show',           'callerIdRefused', '+4930111111',   undefined],
    ['shows one that is not his',       'callerIdRefused', '+4930111111',   '+12025550100'],
    ['calls emergency services',        'emergencyNumber', '112',           ours],
    ['calls a country that is not his', 'numberForbidden', '+12025550123',  ours],
    ['calls a premium number',          'numberForbidden', '+49900123456',  ours],
  ])('is told when he %s: %s, and nothing is dialled', async (_, reason, number, callerId) => {
    const { call } = await (await user()).calls(`4:${number}`, { callerId: callerId as PhoneNumber | undefined })
    expect(call).toMatchObject({ state: 'Disconnected', end: { reason, code: 403, subCode: 510_403 } })
    expect(platform.sip.timesDialled(number)).toBe(0)
  })

  it('is told so when there is no trunk', async () => {
    await platform.settle({ trunks: [], routes: [] })
    expect(await refused(someNumber())).toMatchObject({ code: 403, subCode: 511_532 })
  })

  it('is told so when no route leads there, and while phones drain', async () => {
    await platform.settle({ routes: [] })
    expect(await refused(someNumber())).toMatchObject({ code: 404, subCode: 511_404 })
    await platform.settle({ isDraining: true })
    expect(await refused(someNumber())).toMatchObject({ reason: 'unavailable', code: 503 })
  })

  it.each(['4:+49', '4:030-123', '4:anonymous', '4:ann'])('is told when it is none: %s', async (id) => {
    const asked = (await user()).calls(id)
    await expect(asked).rejects.toMatchObject({ refusal: { name: 'malformedId', code: 400, path: 'to.0' } })
  })

  it('has as many calls as are allowed, and one more when one of them is over', async () => {
    await platform.settle({ perUser: { callsAtOnce: 2, callsPerMinute: 100 } })
    const ann = await user()
    const [one, two, three, four] = [someNumber(), someNumber(), someNumber(), someNumber()]
    await ann.calls(`4:${one}`)
    await ann.calls(`4:${two}`)
    const { call } = await ann.calls(`4:${three}`)
    expect(call.end).toMatchObject({ reason: 'tooManyPhoneCalls', code: 403, subCode: 510_403 })
    const phone = await platform.sip.dials(one)
    await phone.ends('phoneBusy', 486)
    await ann.calls(`4:${four}`)
    await platform.sip.dials(four)
    expect(platform.sip.timesDialled(three)).toBe(0)
  })

  it('is no worse off for calls that never came about', async () => {
    await platform.settle({ perUser: { callsAtOnce: 1, callsPerMinute: 2 } })
    const ann = await user()
    const number = someNumber()
    // The same id again is the same call: it is dialled once, and counts once.
    const { call } = await ann.calls(`4:${number}`)
    const phone = await platform.sip.dials(number)
    await phone.ends('phoneBusy', 486)
    const repeated = await ann.client.ask('call.start', {
      callId: call.callId,
      to: [rawIdOfNumber(number)],
      isMuted: false,
      callerId: ours,
    })
    expect(repeated.call.callId).toBe(call.callId)
    expect(platform.sip.timesDialled(number)).toBe(1)
    const next = someNumber()
    await ann.calls(`4:${next}`)
    await platform.sip.dials(next)
  })
})

describe('while no sip node takes calls', () => {
  it('nobody is dialled and nothing counts, and emergency services are refused all the same', async () => {
    await platform.settle({ perUser: { callsAtOnce: 1, callsPerMinute: 1 } })
    platform.sip.takesCalls(false)
    const [ann, number] = [await user(), someNumber()]
    const { call } = await ann.calls(`4:${number}`)
    expect(call.end).toMatchObject({ reason: 'phoneLost', code: 503 })
    expect((await ann.calls('4:112')).call.end).toMatchObject({ reason: 'emergencyNumber' })
    platform.sip.takesCalls(true)
    await ann.calls(`4:${number}`)
    await platform.sip.dials(number)
  })
})
