import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { CallId, LegId, PhoneNumber, ResourceId, userIdOf } from '@parley/protocol'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { scratchDatabase, silent, type ScratchDatabase } from '../store/scratch.ts'
import { Stores } from '../store/index.ts'
import { readFirstNumbers, readFirstTrunk, type FirstTrunk } from './first-trunk.ts'
import type { OwnNumber } from './own-number.ts'
import { emptyPhoneBook, newTrunk, type KeptTrunk, type PhoneBook } from './phone-book.ts'
import { Phones } from './phones.ts'

let database: ScratchDatabase
let stores: Stores
let resourceId: ResourceId
let phones: Phones
let metrics: Registry
let logged: string
beforeAll(async () => {
  database = await scratchDatabase()
  stores = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
}, 60_000)
afterAll(async () => {
  await stores.close()
  await database.stop()
}, 60_000)
/** Each story has a resource of its own. */
beforeEach(async () => {
  resourceId = ResourceId.parse(randomUUID())
  await stores.ensureResource(resourceId)
  metrics = new Registry()
  logged = ''
  phones = new Phones({ ...parts(), first: { numbers: [] } })
  await stores.phones.keepNumber(resourceId, { number: ours })
})

const parts = () => ({
  resourceId,
  store: stores.phones,
  calls: stores.phoneCalls,
  metrics,
  log: pino({}, { write: (line: string) => void (logged += line) }),
})
const ours = PhoneNumber.parse('+493099990')
const berlin = PhoneNumber.parse('+4930123456')
const ann = () => userIdOf(resourceId, randomUUID())
const newLeg = () => ({ callId: CallId.parse(randomUUID()), legId: LegId.parse(`leg_${randomUUID()}`) })
const wish = { number: berlin, callerId: ours }
const settle = (more: Partial<PhoneBook> = {}, trunk: Partial<KeptTrunk> = {}) =>
  stores.phones.changeBook(resourceId, () => ({
    ...emptyPhoneBook,
    trunks: [{ ...newTrunk('sbc.example.com', 5061), allowedPrefixes: ['+49'], ...trunk }],
    routes: [{ name: 'all', numberPattern: '^\\+', trunks: ['sbc.example.com'] }],
    ...more,
  }))
const recorded = () => stores.phoneCalls.list(resourceId, 100, {})
const refusals = (decided: object[]) => decided.filter((one) => 'refused' in one).length

describe('who dials', () => {
  it('gets an order, and the call is on record', async () => {
    await settle()
    const [user, leg] = [ann(), newLeg()]
    const order = { number: berlin, callerId: ours, isHidden: false, trunks: ['sbc.example.com'] }
    expect(await phones.dial(leg, user, wish)).toEqual({ dial: order })
    const begun = { ...leg, resourceId, direction: 'out', user, from: ours, to: berlin, trunk: 'sbc.example.com' }
    expect(await recorded()).toMatchObject([begun])
  })

  it('is refused for what nobody settled, and nothing is on record', async () => {
    expect(await phones.dial(newLeg(), ann(), wish)).toEqual({ refused: 'noTrunk' })
    await settle()
    expect(await phones.dial(newLeg(), ann(), { ...wish, callerId: berlin })).toEqual({ refused: 'callerIdRefused' })
    expect(await recorded()).toEqual([])
  })

  it('is counted when he is refused, and logged without the number', async () => {
    await settle()
    const leg = newLeg()
    await phones.dial(leg, ann(), { ...wish, number: PhoneNumber.parse('+12025550123') })
    expect(await metrics.metrics()).toContain('parley_phone_refusals_total{direction="out",reason="numberForbidden"} 1')
    expect(JSON.parse(logged)).toMatchObject({ msg: 'phone.refused', ...leg, reason: 'numberForbidden' })
    expect(logged).not.toContain('2025550123')
  })

  it('passes no limit by asking many times at once', async () => {
    await settle({ perUser: { callsAtOnce: 3, callsPerMinute: 100 } })
    const user = ann()
    const decided = await Promise.all(Array.from({ length: 12 }, () => phones.dial(newLeg(), user, wish)))
    expect(refusals(decided)).toBe(9)
    expect(await phones.dial(newLeg(), ann(), wish)).toHaveProperty('dial')
  })

  it('may dial again when a call has ended, or did not come about', async () => {
    await settle({ perUser: { callsAtOnce: 2, callsPerMinute: 100 } })
    const [user, one, other] = [ann(), newLeg(), newLeg()]
    await phones.dial(one, user, wish)
    await phones.dial(other, user, wish)
    expect(await phones.dial(newLeg(), user, wish)).toEqual({ refused: 'tooManyPhoneCalls' })
    await phones.changed(one.legId, { end: { reason: 'phoneBusy', sipStatus: 486 } })
    expect(await phones.dial(newLeg(), user, wish)).toHaveProperty('dial')
    await phones.forget(other.legId)
    expect(await phones.dial(newLeg(), user, wish)).toHaveProperty('dial')
    expect(await phones.dial(newLeg(), user, wish)).toEqual({ refused: 'tooManyPhoneCalls' })
  })

  it('waits a minute when he has begun too many calls, ended or not', async () => {
    await settle({ perUser: { callsAtOnce: 100, callsPerMinute: 2 } })
    const user = ann()
    for (const leg of [newLeg(), newLeg()]) {
      await phones.dial(leg, user, wish)
      await phones.changed(leg.legId, { end: { reason: 'hungUp' } })
    }
    expect(await phones.dial(newLeg(), user, wish)).toEqual({ refused: 'tooManyPhoneCalls' })
  })

  it('shares what a trunk may carry with everybody, in and out', async () => {
    await settle({}, { callsAtOnce: 2 })
    await stores.phones.keepNumber(resourceId, { number: ours, target: { user: ann() } })
    const incoming = { ...newLeg(), to: ours, from: berlin, trunk: 'SBC.example.com' }
    expect(await phones.receive(incoming)).toHaveProperty('target')
    expect(await phones.dial(newLeg(), ann(), wish)).toHaveProperty('dial')
    expect(await phones.dial(newLeg(), ann(), wish)).toEqual({ refused: 'tooManyPhoneCalls' })
    expect(await phones.receive({ ...incoming, ...newLeg() })).toEqual({ refused: 'tooManyPhoneCalls' })
    expect(new Set((await recorded()).map(({ trunk }) => trunk))).toEqual(new Set(['sbc.example.com']))
  })
})

describe('a call that comes in', () => {
  const target = { groupId: randomUUID() } as NonNullable<OwnNumber['target']>
  const incoming = (to: string = ours) => ({ ...newLeg(), to, from: berlin, trunk: 'sbc.example.com' })

  it('goes to whom its number was given, and is on record', async () => {
    await settle()
    await stores.phones.keepNumber(resourceId, { number: ours, target })
    const call = incoming()
    expect(await phones.receive(call)).toEqual({ target })
    expect(await recorded()).toMatchObject([{ ...call, direction: 'in' }])
  })

  it.each(['+4930000000', 'ann', '', '+493099990;ext=1'])('goes nowhere when it is for %j', async (to) => {
    await settle()
    expect(await phones.receive(incoming(to))).toEqual({ refused: 'noRoute' })
  })

  it('goes nowhere when its trunk is there no more', async () => {
    await settle()
    await stores.phones.keepNumber(resourceId, { number: ours, target })
    expect(await phones.receive({ ...incoming(), trunk: 'gone.example.com' })).toEqual({ refused: 'noTrunk' })
  })

  it('goes nowhere when its number is only there to be shown', async () => {
    await settle()
    expect(await phones.receive(incoming())).toEqual({ refused: 'noRoute' })
  })

  it('that nobody gets after all counts no more, and is counted as refused', async () => {
    await settle({}, { callsAtOnce: 1 })
    await stores.phones.keepNumber(resourceId, { number: ours, target: { webhook: 'https://app.example.com/' } })
    const call = incoming()
    await phones.receive(call)
    expect(await phones.refuse(call, 'serverAppFailed', new Error('It answered 500.'))).toEqual({
      refused: 'serverAppFailed',
    })
    expect(await metrics.metrics()).toContain('parley_phone_refusals_total{direction="in",reason="serverAppFailed"} 1')
    const { callId, legId } = call
    expect(JSON.parse(logged)).toMatchObject({ msg: 'phone.refused', callId, legId, error: 'Error: It answered 500.' })
    expect(await recorded()).toEqual([])
    expect(await phones.receive(incoming())).toHaveProperty('target')
  })

  it('is refused while phones drain', async () => {
    await settle({ isDraining: true })
    await stores.phones.keepNumber(resourceId, { number: ours, target })
    expect(await phones.receive(incoming())).toEqual({ refused: 'unavailable' })
    expect(await recorded()).toEqual([])
  })
})

describe('what the environment gives', () => {
  it('is dialled over and called without any API, and what the API has counts instead', async () => {
    const trunk = readFirstTrunk('sip:first.example.com') as FirstTrunk
    const guid = randomUUID()
    const numbers = readFirstNumbers(`+4930111110=group:${guid}`) as OwnNumber[]
    const given = new Phones({ ...parts(), metrics: new Registry(), first: { trunk, numbers } })
    const callerId = PhoneNumber.parse('+4930111110')
    expect(await given.dial(newLeg(), ann(), { ...wish, callerId })).toMatchObject({
      dial: { callerId, trunks: ['first.example.com'] },
    })
    expect(await given.dial(newLeg(), ann(), { ...wish, callerId: undefined })).toMatchObject({ dial: { callerId } })
    const call = () => given.receive({ ...newLeg(), to: callerId, from: undefined, trunk: undefined })
    expect(await call()).toEqual({ target: { groupId: guid } })
    await stores.phones.keepNumber(resourceId, { number: callerId })
    expect(await call()).toEqual({ refused: 'noRoute' })
  })
})

describe('the record of a call', () => {
  it('stays as it ended, whatever comes late', async () => {
    await settle()
    const leg = newLeg()
    await phones.dial(leg, ann(), wish)
    await phones.changed(leg.legId, { trunk: 'two.example.com' })
    await phones.changed(leg.legId, { isAnswered: true })
    await phones.changed(leg.legId, { end: { reason: 'phoneHungUp' } })
    const [ended] = await recorded()
    await phones.changed(leg.legId, { trunk: 'three.example.com', isAnswered: true })
    await phones.changed(leg.legId, { end: { reason: 'phoneLost', sipStatus: 500 } })
    expect(await recorded()).toEqual([ended])
    expect(ended).toMatchObject({ trunk: 'two.example.com', reason: 'phoneHungUp', answeredAt: expect.any(Number) })
  })

  it('says that it was answered, also when that is heard of after its end', async () => {
    await settle()
    const leg = newLeg()
    await phones.dial(leg, ann(), wish)
    await phones.changed(leg.legId, { end: { reason: 'phoneHungUp' } })
    const [ended] = await recorded()
    await phones.changed(leg.legId, { isAnswered: true })
    expect(await recorded()).toEqual([{ ...ended, answeredAt: ended?.endedAt }])
  })
})
