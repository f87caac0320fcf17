import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { anonymousPhone, endOf, RawId } from '@parley/protocol'
import { Inbox } from '../../test/inbox.ts'
import { muted, Scene } from '../../test/scene.ts'
import { bob, bobsLeg, callId, person, view } from '../../test/views.ts'
import type { CallEvents, IncomingCall } from './contract/call.ts'

const berlin = RawId.parse('4:+4930123456')
const toBerlin = [{ phoneNumber: '+4930123456' }]
const ours = '+493099990'

let scene: Scene
beforeEach(async () => {
  scene = await Scene.open()
})
afterEach(() => scene.close())

describe('a call to a phone', () => {
  it.each<[what: string, shown: { phoneNumber: string; rawId?: string }]>([
    ['a number', { phoneNumber: ours }],
    ['a number with its rawId', { phoneNumber: '', rawId: `4:${ours}` }],
  ])('shows what the app says: %s', async (_, alternateCallerId) => {
    scene.agent.startCall(toBerlin, { ...muted, alternateCallerId })
    expect((await scene.api.hears('call.start')).body).toMatchObject({ to: [berlin], callerId: ours })
  })

  it('says nothing of it where the app does not, and the server decides', async () => {
    scene.agent.startCall(toBerlin, muted)
    expect((await scene.api.hears('call.start')).body).not.toHaveProperty('callerId')
  })

  it.each<[what: string, shown: unknown]>([
    ['no number', { phoneNumber: 'ann' }],
    ['a number without its country', { phoneNumber: '030 123456' }],
    ['a user', { communicationUserId: bob }],
    ['nobody', { phoneNumber: 'anonymous' }],
    ['a text', ours],
  ])('is not placed, and nobody is added, when it is to show %s', async (_, shown) => {
    const alternateCallerId = shown as { phoneNumber: string } // an app without types may give anything
    const malformed = expect.objectContaining({ code: 400, subCode: 10_044 })
    expect(() => scene.agent.startCall(toBerlin, { ...muted, alternateCallerId })).toThrow(malformed)
    expect(scene.agent.calls).toEqual([])
    const { call } = await scene.calls()
    expect(() => call.addParticipant({ phoneNumber: '+4930123456' }, { alternateCallerId })).toThrow(malformed)
    expect(call.remoteParticipants).toHaveLength(1)
  })

  it('goes from Connecting over Ringing and EarlyMedia to Connected, and so does the phone', async () => {
    const phone = (state: 'Connecting' | 'Ringing' | 'EarlyMedia' | 'Connected') => ({
      state,
      participants: [person(berlin, { state })],
    })
    const call = scene.agent.startCall(toBerlin, muted)
    const { changes, sees, ends } = await scene.follows(call, 'call.start', phone('Connecting'))
    const [participant] = call.remoteParticipants
    expect(participant?.identifier).toEqual({ kind: 'phoneNumber', phoneNumber: '+4930123456', rawId: berlin })
    for (const state of ['Ringing', 'EarlyMedia', 'Connected'] as const) {
      changes(phone(state))
      await sees(state)
      expect([call.state, participant?.state]).toEqual([state, state])
    }
    ends(endOf('phoneHungUp'))
    await sees('Disconnected')
    expect(call.callEndReason).toMatchObject({ code: 0, subCode: 560_000 })
  })
})

describe('a phone that is added', () => {
  it('is shown what the app says', async () => {
    const { call } = await scene.calls()
    const added = call.addParticipant({ phoneNumber: '+4930123456' }, { alternateCallerId: { phoneNumber: ours } })
    expect(added.identifier).toMatchObject({ phoneNumber: '+4930123456' })
    expect((await scene.api.hears('call.add')).body).toMatchObject({ who: [berlin], callerId: ours })
  })

  it('leaves again with the reason when it may not be called', async () => {
    const { call, view: next } = await scene.calls()
    const added = call.addParticipant({ phoneNumber: '+4930123456' })
    const gone = new Inbox<string>('its end')
    added.on('stateChanged', () => gone.put(added.state))
    const asked = await scene.api.hears('call.add')
    expect(asked.body).not.toHaveProperty('callerId')
    const bobIsThere = person(bob, { displayName: 'Bob', legIds: [bobsLeg] })
    const refused = person(berlin, { state: 'Disconnected', end: endOf('callerIdRefused') })
    scene.api.answers(asked, { call: next({ participants: [bobIsThere, refused] }) })
    while ((await gone.next()) !== 'Disconnected');
    expect(added.callEndReason).toMatchObject({ code: 403, subCode: 510_403 })
  })
})

describe('keys', () => {
  it('are pressed towards the phones in the call', async () => {
    const { call } = await scene.calls()
    const pressed = call.sendDtmf('Pound')
    const asked = await scene.api.hears('call.press')
    expect(asked.body).toMatchObject({ callId: call.id, tones: '#' })
    scene.api.answers(asked, {})
    await expect(pressed).resolves.toBeUndefined()
  })

  it('are refused where there is no phone, as the server says', async () => {
    const { call } = await scene.calls()
    const pressed = call.sendDtmf('Num1')
    scene.api.refuses(await scene.api.hears('call.press'), 'notInThisCall')
    await expect(pressed).rejects.toMatchObject({ code: 400, reason: 'notInThisCall' })
    await expect(call.sendDtmf('Flash')).rejects.toMatchObject({ code: 501, reason: 'notSupported' })
  })

  it('that a phone presses are events, one by one, with who pressed them', async () => {
    const { call } = await scene.calls()
    const heard = new Inbox<Parameters<CallEvents['dtmfReceived']>[0]>('a key')
    call.on('dtmfReceived', (key) => heard.put(key))
    const said = { callId: call.id as ReturnType<typeof callId>, from: berlin, legId: bobsLeg }
    scene.tells('call.said', { ...said, saying: { kind: 'tones', tones: '1*' } })
    const sender = { kind: 'phoneNumber', phoneNumber: '+4930123456', rawId: berlin }
    expect(await heard.next()).toEqual({ tone: 'Num1', sender })
    expect(await heard.next()).toEqual({ tone: 'Star', sender })
  })
})

describe('a phone that does not show its number', () => {
  it('is anonymous, to apps and back', async () => {
    const rings = new Inbox<IncomingCall>('an incoming call')
    scene.agent.on('incomingCall', ({ incomingCall }) => rings.put(incomingCall))
    const call = view({ callId: callId(2), direction: 'Incoming', state: 'Ringing', caller: { id: anonymousPhone } })
    scene.tells('call.incoming', { call })
    const { callerInfo } = await rings.next()
    scene.api.refuses(await scene.api.hears('media.join'), 'unknownCall')
    const identifier = { kind: 'phoneNumber', phoneNumber: 'anonymous', isAnonymous: true, rawId: '4:anonymous' }
    expect(callerInfo.identifier).toEqual(identifier)
    const { call: mine } = await scene.calls()
    const removed = mine.removeParticipant(identifier)
    const asked = await scene.api.hears('call.remove')
    expect(asked.body).toMatchObject({ who: '4:anonymous' })
    scene.api.answers(asked, {})
    await removed
  })
})
