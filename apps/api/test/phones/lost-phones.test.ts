import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { CallId, defaultLimits, LegId, PhoneNumber, SessionId } from '@parley/protocol'
import type { SipStandIn } from './sip-stand-in.ts'
import { PhonePlatform } from './phone-platform.ts'

let platform: PhonePlatform
/** The node of each story, which may die of it. */
let sip: SipStandIn
beforeAll(async () => {
  platform = await PhonePlatform.open({ limits: { ...defaultLimits, orderMs: 1_000 } })
  platform.sip.takesCalls(false)
}, 60_000)
afterAll(() => platform.close(), 60_000)
beforeEach(() => {
  sip = platform.anotherSip()
})
afterEach(() => {
  sip.takesCalls(false)
  sip.dies()
})

const number = PhoneNumber.parse('+4930123456')
const stranger = () => ({
  callId: CallId.parse(randomUUID()),
  legId: LegId.parse(`leg_${randomUUID()}`),
  session: SessionId.parse(`ses_${randomUUID()}`),
})

/** Ann and a phone that she has called. */
async function talking(name = 'ann', called = number) {
  const ann = await platform.user(name)
  const { sees } = await ann.calls(`4:${called}`)
  const phone = await sip.dials(called)
  await sees.getsMedia()
  await phone.answers()
  await sees.changed(({ state }) => state === 'Connected')
  return { ann, sees, phone }
}

describe('when a sip node dies', () => {
  it('its phones have ended, those that talk and those that ring, and nobody dials them again', async () => {
    const [{ sees }, ben] = [await talking(), await platform.user('ben')]
    const ringing = PhoneNumber.parse('+4930999999')
    const { sees: rings } = await ben.calls(`4:${ringing}`)
    await sip.dials(ringing)
    const other = platform.anotherSip()
    sip.dies()
    for (const call of [sees, rings]) {
      expect(await call.ended()).toMatchObject({ reason: 'phoneLost', code: 503, subCode: 500_001 })
    }
    expect(other.orders.notes).toEqual([])
    // The next call is for who is there.
    const next = PhoneNumber.parse('+4930888888')
    await ben.calls(`4:${next}`)
    await other.dials(next)
    other.takesCalls(false)
    other.dies()
  }, 20_000)

  it('a phone that is dialled at that moment is not dialled elsewhere later', async () => {
    const other = platform.anotherSip()
    other.load = 1_000
    other.takesCalls(true)
    const ann = await platform.user('ann')
    sip.stopsServing()
    const { sees } = await ann.calls(`4:${number}`)
    expect(await sees.ended()).toMatchObject({ reason: 'phoneLost' })
    expect([...sip.orders.notes, ...other.orders.notes]).toEqual([])
    other.takesCalls(false)
    other.dies()
  })
})

describe('when a sip node does not answer', () => {
  it('its phone is lost, and on record as such, and is hung up should it have been dialled', async () => {
    sip.isDeaf = true
    const { sees } = await (await platform.user('ann')).calls(`4:${number}`)
    const phone = await sip.dials(number)
    expect(await sees.ended()).toMatchObject({ reason: 'phoneLost' })
    await phone.hears('call.ended')
    expect(sip.timesDialled(number)).toBe(1)
    expect(await platform.recorded(phone.legId, ({ endedAt }) => endedAt !== undefined)).toMatchObject({
      reason: 'phoneLost',
    })
  })

  it('keys are refused', async () => {
    const { ann, sees } = await talking()
    sip.isDeaf = true
    const pressed = ann.client.ask('call.press', { callId: sees.callId, tones: '1' })
    await expect(pressed).rejects.toMatchObject({ refusal: { name: 'unavailable' } })
  })
})

describe('the inventory of a sip node', () => {
  it('has phones dropped that no call knows, and leaves the others alone', async () => {
    const { phone } = await talking()
    const [unknown, gone] = [stranger(), await platform.user('gus')]
    const { sees } = await gone.calls('4:+4930777777')
    const ended = await sip.dials('+4930777777')
    await sees.hangsUp()
    await ended.hears('call.ended')
    sip.tellsInventory(phone.held, unknown, ended.held)
    const dropped = await sip.orders.when('two drops', () => {
      const drops = sip.orders.notes.flatMap((note) => (note.order === 'drop' ? [note.body] : []))
      return drops.length === 2 ? drops : undefined
    })
    expect(new Set(dropped.map(({ legId }) => legId))).toEqual(new Set([unknown.legId, ended.legId]))
    await phone.progresses({ codec: 'PCMU' }) // is in its call still
  })

  it('ends the legs of phones that it does not have any more, and not of those that are on their way', async () => {
    const { sees, phone } = await talking()
    const ben = await platform.user('ben')
    const { sees: rings } = await ben.calls('4:+4930666666')
    const ringing = await sip.dials('+4930666666')
    sip.tellsInventory()
    expect(await sees.ended()).toMatchObject({ reason: 'phoneLost' })
    await phone.hears('call.ended')
    await ringing.progresses({ progress: 'alerting' })
    await rings.changed(({ state }) => state === 'Ringing')
  })

  it('leaves phones alone of whose place the node has not heard yet', async () => {
    const { sees, phone } = await talking()
    const other = await talking('eve', PhoneNumber.parse('+4930555555'))
    sip.tellsWhoAsks(phone.held.session)
    expect(await other.sees.ended()).toMatchObject({ reason: 'phoneLost' })
    await phone.progresses({ codec: 'PCMU' })
    await sees.hangsUp()
  })

  it('of another node says nothing about it', async () => {
    const { phone } = await talking()
    const other = platform.anotherSip()
    other.tellsInventory()
    const unknown = stranger()
    other.tellsInventory(unknown)
    await other.orders.when('drop', () => other.orders.notes.find(({ order }) => order === 'drop'))
    await phone.progresses({ codec: 'PCMU' })
    other.takesCalls(false)
    other.dies()
  })
})
