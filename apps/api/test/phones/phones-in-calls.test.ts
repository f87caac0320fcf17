import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CallId, EpochMs, PhoneNumber, RawId, RoomId, type ReasonName, type Role } from '@parley/protocol'
import { ours, PhonePlatform, type PhoneUser, type UserCall } from './phone-platform.ts'

let platform: PhonePlatform
beforeAll(async () => {
  platform = await PhonePlatform.open()
  await platform.settle({ perUser: { callsAtOnce: 10, callsPerMinute: 100 } })
}, 60_000)
afterAll(() => platform.close(), 60_000)

let numbers = 0
const someNumber = () => PhoneNumber.parse(`+4950${(1_000_000 + ++numbers).toString()}`)
const id = (number: string) => RawId.parse(`4:${number}`)

/** A user and a phone that he has called. */
async function talking(name = 'ann') {
  const [user, number] = [await platform.user(name), someNumber()]
  const { sees, call } = await user.calls(`4:${number}`)
  const phone = await platform.sip.dials(number)
  await sees.getsMedia()
  await phone.answers()
  await sees.changed(({ state }) => state === 'Connected')
  return { user, number, sees, phone, callId: call.callId }
}

const adds = (user: PhoneUser, callId: CallId, number: PhoneNumber, callerId: PhoneNumber | undefined = ours) =>
  user.client.ask('call.add', { callId, who: [id(number)], callerId })

describe('keys', () => {
  it('that a user presses reach the phone, in one order', async () => {
    const { user, phone, callId } = await talking()
    await user.client.ask('call.press', { callId, tones: '12#' })
    expect(platform.sip.orders.notes).toContainEqual({ order: 'press', body: { ...phone.held, tones: '12#' } })
  })

  it('that a phone presses are told to the others', async () => {
    const { user, phone, number, callId } = await talking()
    await phone.asks('call.say', { callId, saying: { kind: 'tones', tones: '5' } })
    const said = await user.client.hears('call.said')
    expect(said).toEqual({ callId, from: id(number), legId: phone.legId, saying: { kind: 'tones', tones: '5' } })
  })

  it('need a phone, and a call that is connected', async () => {
    const [ann, bob] = [await platform.user('ann'), await platform.user('bob')]
    const { sees } = await ann.calls(bob.id)
    const press = () => ann.client.ask('call.press', { callId: sees.callId, tones: '1' })
    await expect(press()).rejects.toMatchObject({ refusal: { name: 'notConnected' } })
    const { call } = await bob.isCalled()
    await bob.client.ask('call.accept', { callId: call.callId, isMuted: false })
    await expect(press()).rejects.toMatchObject({ refusal: { name: 'notInThisCall' } })
    await expect(ann.client.ask('call.press', { callId: sees.callId, tones: 'E' })).rejects.toMatchObject({
      refusal: { name: 'badRequest', path: 'tones' },
    })
  })
})

describe('hold', () => {
  it('is seen on both sides, whoever holds', async () => {
    const { user, sees, phone, callId } = await talking()
    await user.client.ask('call.hold', { callId })
    await phone.hears('call.changed', ({ call }) => call.state === 'RemoteHold')
    await user.client.ask('call.resume', { callId })
    await phone.asks('call.hold', { callId })
    await sees.changed(({ state }) => state === 'RemoteHold')
    await phone.hears('call.changed', ({ call }) => call.state === 'LocalHold')
  })
})

describe('a phone that is added', () => {
  it('makes the call a group, and is muted by others and unmutes itself', async () => {
    const { user, sees, callId } = await talking()
    const second = someNumber()
    const { call } = await adds(user, callId, second)
    expect(call).toMatchObject({ kind: 'group' })
    const phone = await platform.sip.dials(second)
    await phone.answers()
    await sees.people(({ participants }) =>
      participants.some((one) => one.id === id(second) && one.state === 'Connected'),
    )
    await user.client.ask('call.muteOthers', { callId, who: [id(second)] })
    await phone.hears('call.changed', ({ call: seen }) => seen.isMuted && seen.mutedByOthers === 1)
    await phone.asks('call.mute', { callId, isMuted: false })
    await phone.hears('call.changed', ({ call: seen }) => !seen.isMuted && seen.mutedByOthers === 1)
    await user.client.ask('call.remove', { callId, who: id(second) })
    await phone.hears('call.ended', ({ call: seen }) => seen.end?.reason === 'removed')
  })

  it('that may not be called shows as gone, with the reason, and the call goes on', async () => {
    const { user, callId } = await talking()
    const { call } = await adds(user, callId, someNumber(), PhoneNumber.parse('+12025550100'))
    expect(call).toMatchObject({ kind: 'direct', state: 'Connected' })
    expect(call.participants).toContainEqual(
      expect.objectContaining({ state: 'Disconnected', end: expect.objectContaining({ reason: 'callerIdRefused' }) }),
    )
  })

  it('twice is dialled once, and counts once', async () => {
    const { user, callId } = await talking()
    const number = someNumber()
    await adds(user, callId, number)
    await platform.sip.dials(number)
    await adds(user, callId, number)
    expect(platform.sip.timesDialled(number)).toBe(1)
    const records = await platform.stores.phoneCalls.list(platform.resourceId, 10, { number })
    expect(records).toHaveLength(1)
  })

  it('by who is not in the call is refused, before anything is dialled', async () => {
    const [{ callId }, eve, number] = [await talking(), await platform.user('eve'), someNumber()]
    await expect(adds(eve, callId, number)).rejects.toMatchObject({ refusal: { name: 'unknownCall' } })
    expect(platform.sip.timesDialled(number)).toBe(0)
  })
})

describe('in a room', () => {
  async function inRoom(hasPstnDialOut: boolean, role: Role) {
    const ann = await platform.user('ann')
    const roomId = RoomId.parse(
      `99${Math.floor(Math.random() * 1e15)
        .toString()
        .padStart(15, '0')}`,
    )
    const now = Date.now()
    const validFrom = EpochMs.parse(now - 1_000)
    const validUntil = EpochMs.parse(now + 60_000)
    const { resourceId } = platform
    const room = {
      id: roomId,
      resourceId,
      createdAt: validFrom,
      validFrom,
      validUntil,
      hasPstnDialOut,
      hasLobby: false,
    }
    await platform.stores.rooms.create(room, new Map([[ann.id, role]]), undefined)
    const { call } = await ann.client.joinPlace({ roomId })
    return { ann, callId: call.callId }
  }

  it('a presenter dials out where that is allowed, and the phone is an attendee', async () => {
    const [{ ann, callId }, number] = [await inRoom(true, 'Presenter'), someNumber()]
    await adds(ann, callId, number)
    const phone = await platform.sip.dials(number)
    await phone.answers()
    await ann.client.hears('call.people', ({ participants }) =>
      participants.some((one) => one.id === id(number) && one.role === 'Attendee' && one.state === 'Connected'),
    )
  })

  it.each<[boolean, Role]>([
    [false, 'Presenter'],
    [true, 'Attendee'],
    [true, 'Collaborator'],
  ])('with dialling out %s, a %s otherwise does not, and nothing counts', async (hasDialOut, role) => {
    const [{ ann, callId }, number] = [await inRoom(hasDialOut, role), someNumber()]
    await expect(adds(ann, callId, number)).rejects.toMatchObject({ refusal: { name: 'roleForbids' } })
    expect(platform.sip.timesDialled(number)).toBe(0)
    expect(await platform.stores.phoneCalls.list(platform.resourceId, 10, { number })).toEqual([])
  })
})

describe('a transfer', () => {
  /** What the sip node does when its phone is told to call somebody else. */
  async function follows(phone: Awaited<ReturnType<typeof talking>>['phone'], to: string, transferId: string) {
    const callId = CallId.parse(randomUUID())
    const transfer = { callId: phone.callId, id: transferId }
    return phone.asks('call.start', { callId, to: [RawId.parse(to)], isMuted: false, transfer })
  }
  const transferOf = (sees: UserCall) => sees.changed(({ transfer }) => transfer !== undefined)

  it('of a phone to a user has it call him, and he talks to it', async () => {
    const [{ user, sees, phone, callId, number }, bob] = [await talking(), await platform.user('bob')]
    const { call } = await user.client.ask('call.transfer', { callId, to: { user: bob.id as string as RawId } })
    const { call: next } = await follows(phone, bob.id, call.transfer?.id ?? '')
    const { call: incoming, sees: bobSees } = await bob.isCalled()
    expect(incoming.caller.id).toBe(id(number))
    await bobSees.getsMedia()
    await bob.client.ask('call.accept', { callId: incoming.callId, isMuted: false })
    const { callId: nextId } = next
    const srtpParameters = { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: `${'A'.repeat(38)}==` } as const
    await phone.asks('media.joinPlain', { callId: nextId, generation: 1, rtpCapabilities: {}, srtpParameters })
    await bobSees.changed(({ state }) => state === 'Connected')
    await sees.changed(({ transfer }) => transfer?.state === 'Transferred')
    await phone.hears('call.ended', ({ call: old }) => old.callId === callId && old.end?.reason === 'transferred')
    const before = await platform.recorded(phone.legId, ({ endedAt }) => endedAt !== undefined)
    expect(before).toMatchObject({ user: user.id, callId, reason: 'transferred' })
    // It is on the line still, at the cost of who had called it.
    const { endedAt, ...record } = await platform.recorded(next.legId)
    expect(record).toMatchObject({ user: user.id, from: ours, to: number, callId: nextId, trunk: before.trunk })
    expect([typeof record.answeredAt, endedAt]).toEqual(['number', undefined])
    await bobSees.hangsUp()
    await platform.recorded(next.legId, (one) => one.endedAt !== undefined)
  })

  it('of a user to another number has him call it, as the number that the call has gone by', async () => {
    const [{ user, sees, phone, callId }, target] = [await talking(), someNumber()]
    await phone.asks('call.transfer', { callId, to: { user: id(target) } })
    const next = CallId.parse(randomUUID())
    const { transfer } = await transferOf(sees)
    const led = { callId, id: transfer?.id ?? '' }
    await user.client.ask('call.start', { callId: next, to: [id(target)], isMuted: false, transfer: led })
    const { order } = await platform.sip.dials(target)
    expect(order.dial).toMatchObject({ number: target, callerId: ours })
  })

  it.each<[string, () => string, ReasonName]>([
    ['another number', () => `4:${someNumber()}`, 'numberForbidden'],
    ['an emergency number', () => '4:112', 'numberForbidden'],
  ])('of a phone to %s fails: it would be dialled at our cost', async (_, to, reason) => {
    const [{ user, sees, phone, callId }, target] = [await talking(), to()]
    await user.client.ask('call.transfer', { callId, to: { user: RawId.parse(target) } })
    const { transfer } = await transferOf(sees)
    const { call } = await follows(phone, target, transfer?.id ?? '')
    expect(call).toMatchObject({ state: 'Disconnected', end: { reason } })
    await sees.changed((one) => one.transfer?.state === 'Failed' && one.transfer.end?.reason === reason)
    expect(platform.sip.timesDialled(target.slice(2))).toBe(0)
  })

  it('of a phone into another call brings it there, still as a phone', async () => {
    const { user, phone, callId, number } = await talking()
    const other = someNumber()
    const { sees: consults, call: second } = await user.calls(`4:${other}`)
    const consulted = await platform.sip.dials(other)
    await consults.getsMedia()
    await consulted.answers()
    await consults.changed(({ state }) => state === 'Connected')
    await user.client.ask('call.transfer', { callId, to: { callId: second.callId } })
    await phone.hears('call.incoming', ({ call }) => call.callId === second.callId)
    phone.callId = second.callId
    await phone.answers()
    await consults.people(({ participants }) => participants.some((one) => one.id === id(number)))
    await phone.hears('call.ended', ({ call }) => call.callId === callId)
    await user.client.ask('call.press', { callId: second.callId, tones: '9' })
    expect(platform.sip.orders.notes.filter(({ order }) => order === 'press').slice(-2)).toEqual([
      expect.objectContaining({ body: expect.objectContaining({ session: consulted.session }) }),
      expect.objectContaining({ body: expect.objectContaining({ session: phone.session }) }),
    ])
  })

  it('by a phone of its caller into another call of its brings him there, though it has another session in that', async () => {
    const { user: ann, phone, callId, number } = await talking()
    const bob = await platform.user('bob')
    const { sees, call: second } = await bob.calls(`4:${number}`)
    const again = await platform.sip.orders.when(
      'second order to dial',
      () =>
        platform.sip.orders.notes.flatMap(({ order, body }) =>
          order === 'dial' && body.callId === second.callId ? [body] : [],
        )[0],
    )
    const there = platform.sip.heldAs(again)
    await sees.getsMedia()
    await there.answers()
    await sees.changed(({ state }) => state === 'Connected')
    await phone.asks('call.transfer', { callId, to: { callId: second.callId } })
    const { call: incoming } = await ann.isCalled()
    expect(incoming).toMatchObject({ callId: second.callId, caller: { id: id(number) } })
  })
})
