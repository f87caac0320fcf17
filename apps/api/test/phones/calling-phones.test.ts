import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EpochMs, GroupId, NodeId, PhoneNumber, RoomId, userIdOf } from '@parley/protocol'
import { PhonePlatform, sbc } from './phone-platform.ts'

let platform: PhonePlatform
beforeAll(async () => {
  platform = await PhonePlatform.open()
}, 60_000)
afterAll(() => platform.close(), 60_000)

let numbers = 0
const someNumber = () => PhoneNumber.parse(`+4940${(1_000_000 + ++numbers).toString()}`)
const vienna = PhoneNumber.parse('+4312345678')
const over = { trunk: sbc, from: { number: vienna, name: 'Frau <b>Müller</b>' } }

async function room(opens: { fromMs: number; untilMs: number }): Promise<RoomId> {
  const id = RoomId.parse(
    `99${Math.floor(Math.random() * 1e15)
      .toString()
      .padStart(15, '0')}`,
  )
  const [validFrom, validUntil] = [EpochMs.parse(Date.now() + opens.fromMs), EpochMs.parse(Date.now() + opens.untilMs)]
  const at = { resourceId: platform.resourceId, createdAt: EpochMs.parse(Date.now()), validFrom, validUntil }
  await platform.stores.rooms.create({ id, ...at, hasPstnDialOut: false, hasLobby: false }, new Map(), undefined)
  return id
}

describe('a phone that calls a number', () => {
  it('rings whom it was given to, shows what the network says of it, and talks', async () => {
    const [bob, number, phone] = [await platform.user('bob'), someNumber(), platform.sip.phone()]
    await platform.give(number, { user: bob.id })
    const placed = await phone.getsThrough(number, { ...over, codec: 'PCMA' })
    expect(placed).toMatchObject({ state: 'Ringing', kind: 'direct', participants: [{ id: bob.id }] })
    const { call, sees } = await bob.isCalled()
    expect(call).toMatchObject({
      direction: 'Incoming',
      caller: { id: `4:${vienna}`, displayName: 'Frau <b>Müller</b>' },
      soundCodec: 'PCMA',
    })

    await phone.getsSound()
    await sees.getsMedia()
    await bob.client.ask('call.accept', { callId: call.callId, isMuted: false })
    await phone.hears('call.changed', ({ call: seen }) => seen.state === 'Connected')
    await phone.ends('phoneLeft')
    expect(await sees.ended()).toMatchObject({ code: 0, subCode: 540_000 })
    const record = await platform.recorded(
      phone.legId,
      (one) => one.endedAt !== undefined && one.answeredAt !== undefined,
    )
    expect(record).toMatchObject({ direction: 'in', from: vienna, to: number, trunk: sbc, reason: 'phoneLeft' })
  })

  it('is anonymous where the network does not say who calls', async () => {
    const [bob, number] = [await platform.user('bob'), someNumber()]
    await platform.give(number, { user: bob.id })
    await platform.sip.phone().getsThrough(number, { trunk: sbc })
    expect((await bob.isCalled()).call.caller).toEqual({ id: '4:anonymous' })
  })

  it('hears that nobody is there, and that the call was declined', async () => {
    const [bob, number, away] = [await platform.user('bob'), someNumber(), someNumber()]
    await platform.give(number, { user: bob.id })
    await platform.give(away, { user: userIdOf(platform.resourceId, randomUUID()) })
    const nobody = platform.sip.phone()
    expect(await nobody.getsThrough(away, over)).toMatchObject({ state: 'Disconnected', end: { reason: 'noEndpoint' } })
    expect(await platform.recorded(nobody.legId, ({ endedAt }) => endedAt !== undefined)).toMatchObject({
      reason: 'noEndpoint',
    })
    const phone = platform.sip.phone()
    await phone.getsThrough(number, over)
    await bob.client.ask('call.reject', { callId: (await bob.isCalled()).call.callId })
    await phone.hears('call.ended', ({ call }) => call.end?.reason === 'declined')
  })

  it('has given up when it hangs up before anybody answers', async () => {
    const [bob, number, phone] = [await platform.user('bob'), someNumber(), platform.sip.phone()]
    await platform.give(number, { user: bob.id })
    await phone.getsThrough(number, over)
    const { sees } = await bob.isCalled()
    await phone.ends('phoneGaveUp', 487)
    expect(await sees.ended()).toMatchObject({ reason: 'cancelled' })
    expect(await platform.recorded(phone.legId, ({ endedAt }) => endedAt !== undefined)).toMatchObject({
      reason: 'phoneGaveUp',
    })
  })

  it('comes to a group, where others are', async () => {
    const groupId = GroupId.parse(randomUUID())
    const [ann, number] = [await platform.user('ann'), someNumber()]
    await platform.give(number, { groupId })
    const { call } = await ann.client.joinPlace({ groupId })
    const [one, two] = [platform.sip.phone(), platform.sip.phone()]
    expect(await one.getsThrough(number, over)).toMatchObject({ callId: call.callId, kind: 'group', groupId })
    expect((await two.getsThrough(number, { trunk: sbc })).callId).toBe(call.callId)
    await one.getsSound()
    await ann.client.hears('call.people', ({ participants }) =>
      participants.some(({ id, state }) => id === `4:${vienna}` && state === 'Connected'),
    )
  })

  it('comes to a room as an attendee, while that is open', async () => {
    const [open, closed] = [
      await room({ fromMs: -1000, untilMs: 60_000 }),
      await room({ fromMs: 50_000, untilMs: 60_000 }),
    ]
    const [number, early] = [someNumber(), someNumber()]
    await platform.give(number, { roomId: open })
    await platform.give(early, { roomId: closed })
    expect(await platform.sip.phone().getsThrough(number, over)).toMatchObject({
      kind: 'room',
      roomId: open,
      role: 'Attendee',
    })
    const phone = platform.sip.phone()
    expect(await phone.calls(early, over)).toEqual({ refused: 'phoneForbidden' })
    const records = await platform.stores.phoneCalls.list(platform.resourceId, 10, { number: early })
    expect(records).toEqual([]) // nothing came about
  })

  it.each([['+4940999999'], ['ann@sbc'], ['911'], ['; DROP TABLE call']])('leads nowhere when it is %j', async (to) => {
    expect(await platform.sip.phone().calls(to, over)).toEqual({ refused: 'noRoute' })
  })

  it('may ask again after an answer that was lost, and gets the same call', async () => {
    const [bob, number, phone] = [await platform.user('bob'), someNumber(), platform.sip.phone()]
    await platform.give(number, { user: bob.id })
    const [first, again] = [await phone.getsThrough(number, over), await phone.getsThrough(number, over)]
    expect(again).toMatchObject({ callId: first.callId, legId: first.legId })
    const records = await platform.stores.phoneCalls.list(platform.resourceId, 10, { number })
    expect(records).toHaveLength(1)
  })

  it('cannot take the call of another phone, of another node, or of a user', async () => {
    const [bob, number, phone] = [await platform.user('bob'), someNumber(), platform.sip.phone()]
    await platform.give(number, { user: bob.id })
    const { callId } = await phone.getsThrough(number, over)
    const stranger = platform.sip.phone()
    const unknown = { failure: 'unknownCall' }
    await expect(stranger.asks('call.hangUp', { callId })).rejects.toMatchObject(unknown)
    await expect(stranger.asks('phone.ended', { callId, reason: 'phoneBusy' })).rejects.toMatchObject(unknown)
    await expect(phone.asks('call.hangUp', { callId }, NodeId.parse(`node_${randomUUID()}`))).rejects.toMatchObject(
      unknown,
    )
    await expect(stranger.calls(number, { ...over, callId })).rejects.toMatchObject({ failure: 'callExists' })
    // Nobody calls on his own account but by *phone.incoming*.
    const start = { callId, to: [], isMuted: false } as unknown as Parameters<typeof phone.asks<'call.start'>>[1]
    await expect(phone.asks('call.start', start)).rejects.toMatchObject({ name: 'Refused' })
    await phone.asks('call.hangUp', { callId })
  })

  it('on this machine reaches the people of the demo by name, and the echo', async () => {
    const dora = await platform.user('Dora')
    await platform.sip.phone().getsThrough('dora')
    expect((await dora.isCalled()).call.caller).toEqual({ id: '4:anonymous' })
    const phone = platform.sip.phone()
    await phone.getsThrough('echo')
    await phone.getsSound()
    await phone.hears('call.changed', ({ call }) => call.state === 'Connected')
    // From a trunk these are no numbers.
    expect(await platform.sip.phone().calls('dora', over)).toEqual({ refused: 'noRoute' })
    expect(await platform.sip.phone().calls('echo', over)).toEqual({ refused: 'noRoute' })
  })
})

describe('a number whose calls a server app places', () => {
  const asked: unknown[] = []
  let answer: (request: unknown, response: ServerResponse) => void
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(chunks).toString()))
      answer(request, response)
    })
  })
  const number = someNumber()
  const says = (status: number, body: unknown) => (_: unknown, response: ServerResponse) =>
    void response
      .writeHead(status, { location: '/elsewhere' })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await platform.give(number, { webhook: `http://127.0.0.1:${port}/calls` })
  })
  afterAll(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  it('goes to whom it names, having been told who calls', async () => {
    const bob = await platform.user('bob')
    answer = says(200, { user: bob.id })
    const phone = platform.sip.phone()
    await phone.getsThrough(number, over)
    expect(asked.at(-1)).toEqual({ callId: phone.callId, to: number, from: vienna, trunk: sbc })
    expect((await bob.isCalled()).call.caller.id).toBe(`4:${vienna}`)
    const groupId = randomUUID()
    answer = says(200, { groupId })
    expect(await platform.sip.phone().getsThrough(number, over)).toMatchObject({ groupId })
  })

  it('goes nowhere when it names nobody, fails, or sends elsewhere, and counts no more', async () => {
    const answers = [
      { refused: 'noRoute', answered: says(200, {}) },
      { refused: 'noRoute', answered: says(200, { webhook: 'http://127.0.0.1/again' }) },
      { refused: 'serverAppFailed', answered: says(500, { user: userIdOf(platform.resourceId, randomUUID()) }) },
      { refused: 'serverAppFailed', answered: says(200, 'to bob') },
      { refused: 'serverAppFailed', answered: says(200, { user: 'bob' }) },
      { refused: 'serverAppFailed', answered: says(302, { groupId: randomUUID() }) },
      {
        refused: 'serverAppFailed',
        answered: (_: unknown, response: ServerResponse) => void response.destroy(),
      },
    ]
    for (const { refused, answered } of answers) {
      answer = answered
      const phone = platform.sip.phone()
      expect(await phone.calls(number, over)).toEqual({ refused })
      const records = await platform.stores.phoneCalls.list(platform.resourceId, 100, { number })
      expect(records.filter(({ callId }) => callId === phone.callId)).toEqual([])
    }
  })

  it('goes nowhere when it thinks too long', async () => {
    answer = () => {}
    expect(await platform.sip.phone().calls(number, over)).toEqual({ refused: 'serverAppFailed' })
  }, 15_000)

  it('goes to nobody of another resource', async () => {
    answer = says(200, { user: userIdOf(platform.resourceId, randomUUID()).replace(platform.resourceId, randomUUID()) })
    expect(await platform.sip.phone().getsThrough(number, over)).toMatchObject({ end: { reason: 'noEndpoint' } })
  })
})
