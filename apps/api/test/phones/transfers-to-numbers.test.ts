/** Transfers to numbers: those that are ours lead to whom their calls go, all others are dialled as they may be. */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CallId, EpochMs, GroupId, PhoneNumber, RawId, RoomId } from '@parley/protocol'
import { ours, PhonePlatform, type PhoneUser, type UserCall } from './phone-platform.ts'

let platform: PhonePlatform
beforeAll(async () => {
  platform = await PhonePlatform.open()
  await platform.settle({ perUser: { callsAtOnce: 50, callsPerMinute: 500 } })
}, 60_000)
const apps: Server[] = []
afterAll(async () => {
  for (const app of apps) app.close()
  await platform.close()
}, 60_000)

let numbers = 0
const someNumber = () => PhoneNumber.parse(`+4951${(1_000_000 + ++numbers).toString()}`)
const id = (number: string) => RawId.parse(`4:${number}`)

/** Ann and a phone that she has called; the phone sends her somewhere, and she is told where. */
async function sentBy(to: string) {
  const [ann, number] = [await platform.user('ann'), someNumber()]
  const { sees, call } = await ann.calls(`4:${number}`)
  const phone = await platform.sip.dials(number)
  await sees.getsMedia()
  await phone.answers()
  await sees.changed(({ state }) => state === 'Connected')
  await phone.asks('call.transfer', { callId: call.callId, to: { user: RawId.parse(to) } })
  const transfer = await sentOut(sees)
  return { ann, sees, phone, transfer, follows: () => follow(ann, to, transfer) }
}

/** Ann and Bob talk, and she sends him to a number. */
async function annSendsBob(to: string, { ann, bob }: { ann: PhoneUser; bob: PhoneUser }) {
  const { call, sees } = await ann.calls(bob.id)
  const { call: ringing, sees: bobSees } = await bob.isCalled()
  await sees.getsMedia()
  await bobSees.getsMedia()
  await bob.client.ask('call.accept', { callId: ringing.callId, isMuted: false })
  await Promise.all([sees, bobSees].map((one) => one.changed(({ state }) => state === 'Connected')))
  await ann.client.ask('call.transfer', { callId: call.callId, to: { user: RawId.parse(to) } })
  return { sees, follows: async () => follow(bob, to, await sentOut(bobSees)) }
}

async function sentOut(sees: UserCall) {
  const { transfer } = await sees.changed(({ transfer: seen }) => seen?.side === 'of')
  return { callId: sees.callId, id: transfer?.id ?? '' }
}

/** What the SDK does for who is transferred. */
async function follow({ client }: PhoneUser, to: string, transfer: { callId: CallId; id: string }) {
  const callId = CallId.parse(randomUUID())
  const { call } = await client.ask('call.start', { callId, to: [RawId.parse(to)], isMuted: false, transfer })
  return call
}

/** A number of ours, whose calls go there. */
async function numberTo(target: Parameters<PhonePlatform['give']>[1]): Promise<string> {
  const number = someNumber()
  await platform.give(number, target)
  return `4:${number}`
}

/** Where a server app is asked that always names the same. */
async function appThatNames(answer: object): Promise<string> {
  const app = createServer((_, response) => response.end(JSON.stringify(answer))).listen(0, '127.0.0.1')
  apps.push(app)
  await once(app, 'listening')
  return `http://127.0.0.1:${(app.address() as AddressInfo).port}/`
}

async function room(): Promise<RoomId> {
  const roomId = RoomId.parse(`99${String(Math.floor(Math.random() * 1e15)).padStart(15, '0')}`)
  const [validFrom, validUntil] = [EpochMs.parse(Date.now() - 1_000), EpochMs.parse(Date.now() + 60_000)]
  const { resourceId } = platform
  const made = { id: roomId, resourceId, createdAt: validFrom, validFrom, validUntil }
  await platform.stores.rooms.create({ ...made, hasPstnDialOut: false, hasLobby: false }, new Map(), undefined)
  return roomId
}

describe('a transfer to a number that is ours', () => {
  it('rings the user whose it is, and dials nobody', async () => {
    const bob = await platform.user('bob')
    const number = await numberTo({ user: bob.id })
    const { sees, phone, follows } = await sentBy(number)
    const call = await follows()
    const next = await bob.isCalled()
    expect([next.call.callId, call.kind]).toEqual([call.callId, 'direct'])
    await next.sees.getsMedia()
    await bob.client.ask('call.accept', { callId: call.callId, isMuted: false })
    expect(platform.sip.timesDialled(number.slice(2))).toBe(0)
    expect(sees.callId).toBe(phone.callId)
  })

  it.each(['groupId', 'roomId'] as const)(
    'brings him to where people meet, by %s, whoever is invited',
    async (kind) => {
      const target = kind === 'groupId' ? { groupId: GroupId.parse(randomUUID()) } : { roomId: await room() }
      const { ann, sees, phone, follows } = await sentBy(await numberTo(target))
      const call = await follows()
      expect(call).toMatchObject({ kind: kind === 'groupId' ? 'group' : 'room' })
      await ann.client.ask('media.join', { callId: call.callId, join: { generation: 1, rtpCapabilities: {} } })
      expect(await sees.ended()).toMatchObject({ reason: 'transferred' })
      await phone.hears('call.changed', ({ call: seen }) => seen.transfer?.state === 'Transferred')
    },
  )

  it('asks the server app whose it is', async () => {
    const bob = await platform.user('bob')
    const { follows } = await sentBy(await numberTo({ webhook: await appThatNames({ user: bob.id }) }))
    const call = await follows()
    expect((await bob.isCalled()).call.callId).toBe(call.callId)
  })

  it('does not wait for a server app that names nobody, or a room that is closed', async () => {
    const nowhere = [
      await numberTo({ webhook: await appThatNames({}) }),
      await numberTo({ roomId: RoomId.parse('99000000000000001') }),
    ]
    for (const number of nowhere) {
      const { sees, phone, follows } = await sentBy(number)
      await expect(follows()).rejects.toMatchObject({ refusal: { code: 404 } })
      await phone.hears('call.changed', ({ call }) => call.transfer?.state === 'Failed')
      await sees.changed(({ transfer, state }) => transfer?.state === 'Failed' && state === 'Connected')
    }
  })

  it('leads nobody to himself', async () => {
    const ann = await platform.user('ann')
    const number = await numberTo({ user: ann.id })
    const phone = platform.sip.phone()
    await phone.getsThrough(number.slice(2), { from: { number: someNumber() } })
    const { sees } = await ann.isCalled()
    await Promise.all([sees.getsMedia(), phone.getsSound()])
    await ann.client.ask('call.accept', { callId: sees.callId, isMuted: false })
    await sees.changed(({ state }) => state === 'Connected')
    await phone.asks('call.transfer', { callId: sees.callId, to: { user: RawId.parse(number) } })
    await expect(follow(ann, number, await sentOut(sees))).rejects.toMatchObject({ refusal: { name: 'alreadyThere' } })
    await phone.hears('call.changed', ({ call }) => call.transfer?.state === 'Failed' && call.state === 'Connected')
  })

  it('leads nobody whom nobody has sent', async () => {
    const [eve, roomId] = [await platform.user('eve'), await room()]
    const number = await numberTo({ roomId })
    const call = await follow(eve, number, { callId: CallId.parse(randomUUID()), id: 'made up' })
    expect(call).toMatchObject({ state: 'Disconnected', end: { reason: 'callerIdRefused' } })
  })
})

describe('a transfer to any other number', () => {
  it('passes what a call to it would have to', async () => {
    for (const [number, reason] of [
      ['+43123456789', 'numberForbidden'],
      ['+4990012345', 'numberForbidden'],
      ['112', 'emergencyNumber'],
    ] as const) {
      const { phone, follows } = await sentBy(`4:${number}`)
      expect(await follows()).toMatchObject({ state: 'Disconnected', end: { reason } })
      await phone.hears('call.changed', ({ call }) => call.transfer?.end?.reason === reason)
      expect(platform.sip.timesDialled(number)).toBe(0)
    }
  })

  it('is not dialled for a telephone of this machine, which has no trunk and has proven nothing', async () => {
    const [ann, target] = [await platform.user('ann'), someNumber()]
    const [phone, number] = [platform.sip.phone(), await numberTo({ user: ann.id })]
    await phone.getsThrough(number.slice(2), { trunk: undefined })
    const { sees } = await ann.isCalled()
    await Promise.all([sees.getsMedia(), phone.getsSound()])
    await ann.client.ask('call.accept', { callId: sees.callId, isMuted: false })
    await sees.changed(({ state }) => state === 'Connected')
    await phone.asks('call.transfer', { callId: sees.callId, to: { user: id(target) } })
    await expect(follow(ann, id(target), await sentOut(sees))).rejects.toMatchObject({
      refusal: { name: 'roleForbids' },
    })
    await phone.hears('call.changed', ({ call }) => call.transfer?.state === 'Failed' && call.state === 'Connected')
    expect(platform.sip.timesDialled(target)).toBe(0)
  })

  it('shows the number of who transfers, where the call has none of its own', async () => {
    const [ann, bob, target] = [await platform.user('ann'), await platform.user('bob'), someNumber()]
    const [ofAnn] = [await numberTo({ user: ann.id }), await numberTo({ user: bob.id })]
    const { follows } = await annSendsBob(id(target), { ann, bob })
    await follows()
    const { order } = await platform.sip.dials(target)
    expect(order.dial).toMatchObject({ callerId: ofAnn.slice(2) })
    expect(await platform.recorded(order.legId)).toMatchObject({ user: bob.id })
  })

  it('shows his own where only he has one, and is refused where nobody has', async () => {
    const [ann, bob] = [await platform.user('ann'), await platform.user('bob')]
    const target = someNumber()
    const refused = await annSendsBob(id(target), { ann, bob })
    expect(await refused.follows()).toMatchObject({ state: 'Disconnected', end: { reason: 'callerIdRefused' } })
    await refused.sees.changed(({ transfer }) => transfer?.end?.reason === 'callerIdRefused')

    const cid = await platform.user('cid')
    const own = await numberTo({ user: cid.id })
    const dialled = await annSendsBob(id(target), { ann: await platform.user('ann'), bob: cid })
    await dialled.follows()
    const { order } = await platform.sip.dials(target)
    expect(order.dial).toMatchObject({ callerId: own.slice(2) })
    expect(own.slice(2)).not.toBe(ours)
  })
})
