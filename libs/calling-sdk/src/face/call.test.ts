import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { type CallId, endOf, type Right } from '@parley/protocol'
import { muted, Scene } from '../../test/scene.ts'
import { bob, callId, eve, groupId, person, view } from '../../test/views.ts'
import type { Call, IncomingCall } from './contract/call.ts'
import { Features } from './features/features.ts'
import { LocalAudioStream } from './local-audio-stream.ts'
import { LocalVideoStream } from './local-video-stream.ts'

/** Node has none of it; as much of a stream as is looked at. */
class Stream {
  readonly track = Object.assign(new EventTarget(), { readyState: 'live', enabled: true })
  getVideoTracks = () => [this.track]
  getAudioTracks = this.getVideoTracks
}

let scene: Scene

beforeEach(async () => {
  Object.assign(globalThis, { MediaStream: Stream })
  scene = await Scene.open()
})
afterEach(async () => {
  await scene.close()
  Reflect.deleteProperty(globalThis, 'MediaStream')
})

const toEve = { communicationUserId: eve }
const connected = { state: 'Connected' } as const

describe('a place where people meet', () => {
  it('is joined at once, without ringing, and known by its id', async () => {
    const { call } = await scene.joins({ groupId: groupId.toUpperCase() }, { groupId: groupId as never })
    expect(call).toMatchObject({ state: 'Connected', direction: 'Outgoing', info: { groupId } })
    expect(scene.agent.join({ groupId })).toBe(call)
  })

  it('gives the call the id that it has already', async () => {
    const call = scene.agent.join({ roomId: '99112233445566' }, muted)
    const ids: string[] = []
    call.on('idChanged', () => ids.push(call.id))
    const join = await scene.api.hears('call.join')
    expect(join.body).toMatchObject({ callId: call.id, place: { roomId: '99112233445566' } })
    const changed = new Promise((resolve) => call.on('stateChanged', () => call.state === 'Connected' && resolve(call)))
    scene.api.answers(join, { call: view({ callId: callId(7), kind: 'room', role: 'Attendee', participants: [] }) })
    await changed
    expect(ids).toEqual([callId(7)])
    expect(call).toMatchObject({ role: 'Attendee', info: { roomId: '99112233445566' } })
  })

  it('is not a word, nor a meeting of Teams', () => {
    for (const nonsense of [{ groupId: 'friends' }, { roomId: 'x' }, {}, null]) {
      // An app without types may give anything.
      expect(() => scene.agent.join(nonsense as { groupId: string })).toThrow(
        expect.objectContaining({ code: 400, subCode: 5751 }),
      )
    }
    expect(() => scene.agent.join({ meetingLink: 'https://teams.example.com' })).toThrow(
      expect.objectContaining({ reason: 'notSupported' }),
    )
    expect(scene.agent.calls).toEqual([])
  })

  it('that lets nobody in ends the call with the reason', async () => {
    const call = scene.agent.join({ roomId: '99112233445566' }, muted)
    const over = new Promise((resolve) => call.on('stateChanged', () => call.state === 'Disconnected' && resolve(call)))
    scene.api.refuses(await scene.api.hears('call.join'), 'notInvited')
    await over
    expect(call.callEndReason).toMatchObject({ code: 403, subCode: 5828 })
  })

  it('may have a lobby, in which one waits to be let in or sent away', async () => {
    const waiting = await scene.joins({ groupId }, { state: 'InLobby' })
    waiting.ends(endOf('lobbyDenied'))
    await waiting.sees('Disconnected')
    expect(waiting.call.callEndReason).toMatchObject({ code: 403, subCode: 5854 })
  })
})

describe('a call to several people', () => {
  it('rings them all, once each', async () => {
    const call = scene.agent.startCall(
      [{ communicationUserId: bob }, { id: '8:echo123' }, { communicationUserId: bob }],
      muted,
    )
    expect(call.remoteParticipants).toHaveLength(2)
    expect((await scene.api.hears('call.start')).body).toMatchObject({ to: [bob, '8:echo123'] })
  })

  it('shows why somebody did not come, and nothing of the kind of who left', async () => {
    const calling = scene.agent.startCall([{ communicationUserId: bob }, toEve], muted)
    const participants = [person(bob), person(eve, { state: 'Ringing' })]
    const group = await scene.follows(calling, 'call.start', { kind: 'group', participants })
    const [his, hers] = group.call.remoteParticipants
    group.people(person(eve, { state: 'Disconnected', end: endOf('declined') }))
    await group.sees('-e')
    group.people(person(bob, { state: 'Disconnected', end: endOf('removed') }))
    await group.sees('-b')
    expect(hers?.callEndReason).toMatchObject({ code: 603, subCode: 0 })
    expect(his).toMatchObject({ state: 'Disconnected' })
    expect(his?.callEndReason).toBeUndefined()
  })
})

describe('a call that is declined', () => {
  it('ends with the reason, and so does he who was called', async () => {
    const { call, changes, ends, sees } = await scene.calls({ state: 'Ringing' })
    const [his] = call.remoteParticipants
    changes({ participants: [person(bob, { state: 'Ringing' })] })
    const end = endOf('declined')
    ends(end, [person(bob, { state: 'Disconnected', end })])
    await sees('Disconnected')
    expect(call.callEndReason).toMatchObject({ code: 603, subCode: 0 })
    expect(his?.callEndReason).toMatchObject({ code: 603, subCode: 0 })
  })
})

describe('adding somebody', () => {
  it('gives him at once, tells of him in a moment, and keeps him while views do not know him', async () => {
    const { call, sees, changes, view } = await scene.calls()
    const added = call.addParticipant(toEve)
    expect(added.state).toBe('Connecting')
    expect(call.addParticipant(toEve)).toBe(added)
    await sees('+e')
    const add = await scene.api.hears('call.add')
    expect(add.body).toMatchObject({ who: [eve] })
    changes({ isMuted: true })
    scene.api.answers(add, {
      call: view({ kind: 'group', participants: [person(bob), person(eve, { state: 'Ringing' })] }),
    })
    await untilTrue(() => added.state === 'Ringing')
    expect(call.remoteParticipants).toContain(added)
  })

  it('that is refused takes him away again, and says why', async () => {
    const { call, sees } = await scene.calls()
    const added = call.addParticipant(toEve)
    scene.api.refuses(await scene.api.hears('call.add'), 'callFull')
    await sees('-e')
    expect(added).toMatchObject({ state: 'Disconnected', callEndReason: { code: 403 } })
  })

  it('whom nobody can read is a mistake', async () => {
    const { call } = await scene.calls()
    expect(() => call.addParticipant({ communicationUserId: '' })).toThrow(
      expect.objectContaining({ code: 400, subCode: 10044 }),
    )
  })

  it('who declines leaves with the reason', async () => {
    const { call, sees, people, view } = await scene.calls()
    const added = call.addParticipant(toEve)
    const ringing = person(eve, { state: 'Ringing' })
    scene.api.answers(await scene.api.hears('call.add'), {
      call: view({ kind: 'group', participants: [person(bob), ringing] }),
    })
    people({ ...ringing, state: 'Disconnected', end: endOf('declined') })
    await sees('-e')
    expect(added.callEndReason).toMatchObject({ code: 603, subCode: 0 })
  })
})

describe('hold', () => {
  it('is asked for, and stays until it is taken back', async () => {
    const { call, sees, changes } = await scene.calls()
    const holding = call.hold()
    scene.api.answers(await scene.api.hears('call.hold'))
    changes({ state: 'LocalHold' })
    await holding
    expect(call.state).toBe('LocalHold')
    await expect(call.hold()).rejects.toMatchObject({ code: 500, subCode: 41033 })
    const resuming = call.resume()
    scene.api.answers(await scene.api.hears('call.resume'))
    changes(connected)
    await resuming
    await sees('Connected')
    await expect(call.resume()).rejects.toMatchObject({ code: 500, subCode: 41034 })
  })

  it('by the other side is shown', async () => {
    const { call, sees, changes } = await scene.calls()
    changes({ state: 'RemoteHold' })
    await sees('RemoteHold')
    await expect(call.resume()).rejects.toMatchObject({ subCode: 41034 })
  })

  it('does not exist while it rings', async () => {
    const { call } = await scene.calls({ state: 'Ringing' })
    await expect(call.hold()).rejects.toMatchObject({ code: 500, subCode: 41033 })
  })

  it('comes to the other calls when another one is begun, or resumed', async () => {
    const first = await scene.calls()
    scene.agent.join({ groupId }, muted)
    const hold = await scene.api.hears('call.hold')
    expect(hold.body).toMatchObject({ callId: first.call.id })
    scene.api.answers(hold)
    first.changes({ state: 'LocalHold' })
    await first.sees('LocalHold')
    const join = await scene.api.hears('call.join')
    const group = view({ callId: callId(8), kind: 'group', participants: [] })
    scene.api.answers(join, { call: group })
    await untilTrue(() => scene.agent.calls.at(-1)?.state === 'Connected')
    const resuming = first.call.resume()
    expect((await scene.api.hears('call.hold')).body).toMatchObject({ callId: callId(8) })
    const resume = await scene.api.hears('call.resume')
    expect(resume.body).toMatchObject({ callId: first.call.id })
    scene.api.answers(resume)
    first.changes(connected)
    await resuming
  })

  it('comes to the call that was connected first when two were ringing', async () => {
    const first = await scene.calls({ state: 'Ringing' })
    const second = await scene.calls({ state: 'Ringing' })
    first.changes(connected)
    await first.sees('Connected')
    expect(scene.api.unheard).toEqual([])
    second.changes(connected)
    const hold = await scene.api.hears('call.hold')
    expect(hold.body).toMatchObject({ callId: first.call.id })
    await second.sees('Connected')
    scene.api.answers(hold)
    first.changes({ state: 'LocalHold' })
    await first.sees('LocalHold')
    expect(second.call.state).toBe('Connected')
    expect(scene.api.unheard).toEqual([])
  })

  it('comes to a call that the other side holds as well: it would not be silent any more when that resumes', async () => {
    const first = await scene.calls()
    first.changes({ state: 'RemoteHold' })
    await first.sees('RemoteHold')
    scene.agent.join({ groupId }, muted)
    expect((await scene.api.hears('call.hold')).body).toMatchObject({ callId: first.call.id })
  })
})

describe('the microphone', () => {
  const speaking: Right[] = ['speak']

  it('is muted by others, and told so', async () => {
    const { call, sees, changes } = await scene.calls()
    changes({ mutedByOthers: 1 })
    await sees('muted by others')
    expect(call.isMuted).toBe(true)
    expect(scene.api.unheard).toEqual([])
  })

  it('stays muted for whoever may not speak', async () => {
    const { call, sees, changes } = await scene.calls({ kind: 'room', role: 'Attendee', may: speaking })
    changes({ role: 'Consumer', may: [] })
    await sees('is Consumer')
    await expect(call.unmute()).rejects.toMatchObject({ code: 400, subCode: 41016, reason: 'mayNotSpeak' })
  })

  it('is muted again when the server does not take that it is unmuted', async () => {
    const { call, sees } = await scene.calls()
    await call.startAudio(new LocalAudioStream(new Stream() as unknown as MediaStream))
    const unmuting = call.unmute()
    await sees('unmuted')
    scene.api.refuses(await scene.api.hears('call.mute'), 'unavailable')
    await expect(unmuting).rejects.toMatchObject({ code: 503, reason: 'unavailable' })
    await sees('muted')
    expect(call.isMuted).toBe(true)
  })

  it('of others is muted by asking', async () => {
    const group = await scene.calls({ kind: 'group' })
    const all = group.call.muteAllRemoteParticipants()
    const asked = await scene.api.hears('call.muteOthers')
    expect(asked.body).toEqual({ callId: group.call.id })
    scene.api.answers(asked)
    await all
    const one = group.call.remoteParticipants[0]?.mute()
    const again = await scene.api.hears('call.muteOthers')
    expect(again.body).toMatchObject({ who: [bob] })
    scene.api.refuses(again, 'notInThisCall')
    await expect(one).rejects.toMatchObject({ reason: 'notInThisCall' })
  })
})

describe('the screen', () => {
  /** Shares a stream of the app's own. */
  async function sharing() {
    const followed = await scene.calls()
    const source = new Stream()
    const stream = new LocalVideoStream(source as unknown as MediaStream)
    const starting = followed.call.startScreenSharing(stream)
    const share = await scene.api.hears('call.share')
    expect(share.body).toMatchObject({ isOn: true })
    scene.api.answers(share)
    await starting
    await followed.sees('shares')
    return { call: followed.call, sees: followed.sees, changes: followed.changes, stream, source }
  }

  it('is among the local streams while it is shared, and is shared once', async () => {
    const { call, stream, sees } = await sharing()
    expect(call).toMatchObject({ isScreenSharingOn: true, isLocalVideoStarted: false })
    expect(call.localVideoStreams).toEqual([stream])
    expect(stream.mediaStreamType).toBe('ScreenSharing')
    await expect(call.startScreenSharing(stream)).rejects.toMatchObject({ code: 400, subCode: 41035 })
    const stopping = call.stopScreenSharing()
    const share = await scene.api.hears('call.share')
    expect(share.body).toMatchObject({ isOn: false })
    scene.api.answers(share)
    await stopping
    await sees('shares no more')
    expect(call.localVideoStreams).toEqual([])
    expect(stream.mediaStreamType).toBe('RawMedia')
    await expect(call.stopScreenSharing()).rejects.toMatchObject({ code: 400, subCode: 41041 })
  })

  it('is lost to somebody else who shares his', async () => {
    const { call, changes, sees } = await sharing()
    changes({ isSharing: true })
    changes({ isSharing: false })
    await sees('shares no more')
    expect(call.isScreenSharingOn).toBe(false)
    expect(scene.api.unheard).toEqual([])
  })

  it('is shared no more when the person pressed the button of the browser', async () => {
    const { source, sees } = await sharing()
    source.track.dispatchEvent(new Event('ended'))
    await sees('shares no more')
    expect((await scene.api.hears('call.share')).body).toMatchObject({ isOn: false })
  })

  it('is not shared where the server says no, nor before the call is connected', async () => {
    const ringing = await scene.calls({ state: 'Ringing' })
    const stream = new LocalVideoStream(new Stream() as unknown as MediaStream)
    await expect(ringing.call.startScreenSharing(stream)).rejects.toMatchObject({ code: 412, subCode: 41071 })
    ringing.changes({ state: 'Connected' })
    await ringing.sees('Connected')
    const starting = ringing.call.startScreenSharing(stream)
    scene.api.refuses(await scene.api.hears('call.share'), 'roleForbids')
    await expect(starting).rejects.toMatchObject({ reason: 'roleForbids' })
    expect(ringing.call.isScreenSharingOn).toBe(false)
  })
})

describe('the lobby', () => {
  it('is there for those who may let people in; who comes in stays the same', async () => {
    const { call, changes, sees } = await scene.joins({ groupId })
    expect(call.lobby).toBeUndefined()
    changes({ lobby: [person(eve, { state: 'InLobby' })] })
    await untilTrue(() => call.lobby !== undefined)
    const { lobby } = call
    const [hers] = lobby?.participants ?? []
    expect(hers?.state).toBe('InLobby')
    const admitting = lobby?.admit(toEve)
    const admit = await scene.api.hears('call.admit')
    expect(admit.body).toMatchObject({ who: [eve] })
    scene.api.answers(admit)
    await admitting
    const left: unknown[] = []
    lobby?.on('lobbyParticipantsUpdated', ({ removed }) => left.push(...removed))
    changes({ lobby: [], participants: [person(eve)] })
    await sees('+e')
    expect(call.remoteParticipants).toEqual([hers])
    expect(left).toEqual([hers])
    expect(hers?.state).toBe('Connected')
    expect(call.lobby).toBe(lobby)
  })
})

describe('ending the call for everybody', () => {
  it('is refused in rooms, and the call goes on', async () => {
    const { call } = await scene.calls({ kind: 'room' })
    const ending = call.hangUp({ forEveryone: true })
    scene.api.refuses(await scene.api.hears('call.endForAll'), 'notInThisCall')
    await expect(ending).rejects.toMatchObject({ reason: 'notInThisCall' })
    expect(call.state).toBe('Connected')
  })

  it('has a reason of its own', async () => {
    const group = await scene.calls({ kind: 'group' })
    const ending = group.call.hangUp({ forEveryone: true })
    scene.api.answers(await scene.api.hears('call.endForAll'))
    group.ends(endOf('endedForAll'))
    await ending
    expect(group.call.callEndReason).toMatchObject({ code: 0, subCode: 4097 })
  })
})

describe('a call that the other side transfers', () => {
  const transferred = (to: { user: typeof eve } | { callId: CallId }) =>
    ({ transfer: { id: 'tr_1', side: 'of', state: 'Transferring', to } }) as const

  it('to somebody is replaced by a call to him, and goes on when that fails', async () => {
    const old = await scene.calls()
    const accepted = new Promise<Call>((resolve) => {
      old.call.feature(Features.Transfer).on('transferAccepted', ({ targetCall }) => resolve(targetCall))
    })
    old.changes(transferred({ user: eve }))
    const target = await accepted
    expect(scene.agent.calls).toEqual([old.call, target])
    expect(target.transferorInfo?.identifier).toMatchObject({ communicationUserId: bob })
    scene.api.answers(await scene.api.hears('call.hold'))
    old.changes({ state: 'LocalHold' })
    const start = await scene.api.hears('call.start')
    expect(start.body).toMatchObject({ to: [eve], transfer: { callId: old.call.id, id: 'tr_1' } })
    await old.sees('LocalHold')
    scene.api.refuses(start, 'unavailable')
    expect((await scene.api.hears('call.resume')).body).toMatchObject({ callId: old.call.id })
  })

  it('goes on also when that fails before the hold has come', async () => {
    const old = await scene.calls()
    old.changes(transferred({ user: eve }))
    const hold = await scene.api.hears('call.hold')
    scene.api.refuses(await scene.api.hears('call.start'), 'unavailable')
    await untilTrue(() => scene.agent.calls.length === 1)
    scene.api.answers(hold)
    old.changes({ state: 'LocalHold' })
    expect((await scene.api.hears('call.resume')).body).toMatchObject({ callId: old.call.id })
  })

  it('into another call answers the ring out of that, and nobody is asked', async () => {
    const rang: IncomingCall[] = []
    scene.agent.on('incomingCall', ({ incomingCall }) => rang.push(incomingCall))
    const old = await scene.calls()
    const accepted = new Promise<Call>((resolve) => {
      old.call.feature(Features.Transfer).on('transferAccepted', ({ targetCall }) => resolve(targetCall))
    })
    old.changes(transferred({ callId: callId(9) }))
    const ringing = view({ callId: callId(9), direction: 'Incoming', state: 'Ringing', caller: { id: bob } })
    scene.tells('call.incoming', { call: ringing })
    scene.api.answers(await scene.api.hears('call.hold'))
    const accept = await scene.api.hears('call.accept')
    expect(accept.body).toEqual({ callId: callId(9), isMuted: true })
    scene.api.answers(accept, { call: { ...ringing, version: 2, state: 'Connected' } })
    expect((await accepted).id).toBe(callId(9))
    expect(rang).toEqual([])
  })
})

/** Looks again with each turn of the loop, for two seconds. */
async function untilTrue(isTrue: () => boolean): Promise<void> {
  const limit = Date.now() + 2000
  while (!isTrue()) {
    if (Date.now() > limit) throw new Error('It did not become true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
