import { afterEach, describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { CallId, GroupId, RawId, RequestBody, RoomId, Source, Verb } from '@parley/protocol'
import { RawClient } from '../support/raw-client.ts'
import { signedRest } from '../support/rest.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

const stage = setStage({ CONNECT_LIMIT_S: '60' })
const clients: RawClient[] = []
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())))

type Guest = { client: RawClient; id: RawId }

/** Someone who speaks the protocol without an SDK, so that nothing but the server holds him back. */
async function guest(name: string): Promise<Guest> {
  const { token, user } = await stage.platform.identities.createUserAndToken(['voip'])
  const client = await RawClient.hello(name, stage.platform.url, token)
  clients.push(client)
  return { client, id: user.communicationUserId as RawId }
}

const roles = ['Presenter', 'Collaborator', 'Attendee', 'Consumer'] as const
type RoleName = (typeof roles)[number]

/** A room in which one of each role has joined. */
async function roomOfAll(): Promise<{ roomId: RoomId; callId: CallId; all: Record<RoleName, Guest> }> {
  const guests = await Promise.all(roles.map(guest))
  const participants = guests.map(({ id }, n) => ({
    id: { communicationUserId: id },
    role: roles[n] ?? ('Attendee' as const),
  }))
  const { id } = await stage.platform.rooms.createRoom({ participants })
  const roomId = id as RoomId
  const joined = []
  for (const { client } of guests) joined.push(await client.joinPlace({ roomId }))
  const callId = joined[0]?.call.callId ?? fail('Nobody has joined.')
  const [Presenter, Collaborator, Attendee, Consumer] = guests as [Guest, Guest, Guest, Guest]
  return { roomId, callId, all: { Presenter, Collaborator, Attendee, Consumer } }
}

/** A group with a lobby: the host is inside, and someone waits. */
async function lobby(): Promise<{ callId: CallId; host: Guest; waiting: Guest }> {
  const groupId = randomUUID() as GroupId
  const [host, waiting] = await Promise.all([guest('host'), guest('waiting')])
  const settings = JSON.stringify({ lobbyEnabled: true, presenters: [host.id] })
  const { status } = await signedRest(stage.platform, 'PUT', `/groups/${groupId}`, settings)
  expect(status).toBe(200)
  const { call } = await host.client.joinPlace({ groupId })
  expect((await waiting.client.joinPlace({ groupId })).call.state).toBe('InLobby')
  return { callId: call.callId, host, waiting }
}

async function refusalOf<V extends Verb>({ client }: Guest, verb: V, body: RequestBody<V>): Promise<string> {
  const reply = await client.askAnything({ id: client.nextId(), verb, body })
  return reply.error?.name ?? 'nothing: it was done'
}

/** Waits until the platform's log says that something was refused so. */
async function isLogged(failure: string): Promise<void> {
  await until(`line about ${failure} in the log`, () =>
    stage.platform.log.includes(`"failure":"${failure}"`) ? { found: true } : { sawOnly: 'other lines' },
  )
}

describe('in a room', () => {
  it('only those come in who are invited, and only while it is open', async () => {
    const [invited, stranger] = await Promise.all([guest('invited'), guest('stranger')])
    const participants = [{ id: { communicationUserId: invited.id } }]
    const hour = 3_600_000
    const validFrom = new Date(Date.now() + hour)
    const validUntil = new Date(Date.now() + 2 * hour)
    const later = await stage.platform.rooms.createRoom({ participants, validFrom, validUntil })
    const now = await stage.platform.rooms.createRoom({ participants })
    const join = (who: Guest, roomId: string) =>
      refusalOf(who, 'call.join', {
        callId: randomUUID() as CallId,
        place: { roomId: roomId as RoomId },
        isMuted: false,
      })
    expect(await join(invited, later.id)).toBe('roomNotValid')
    expect(await join(stranger, now.id)).toBe('notInvited')
    expect(await join(stranger, '9912345678901234')).toBe('roomUnknown')
    await isLogged('notInvited')
  })

  it('nobody sends what his role does not allow', async () => {
    const { callId, all } = await roomOfAll()
    const tries: [RoleName, Source][] = [
      ['Consumer', 'microphone'],
      ['Consumer', 'camera'],
      ['Consumer', 'screen'],
      ['Attendee', 'screen'],
      // He may, but has not said that he begins to share.
      ['Collaborator', 'screen'],
      ['Presenter', 'screen'],
    ]
    for (const [role, source] of tries) {
      expect([role, source, await refusalOf(all[role], 'media.send', track(callId, source))]).toEqual([
        role,
        source,
        'mediaRefused',
      ])
    }
    expect(await refusalOf(all.Attendee, 'call.share', { callId, isOn: true })).toBe('roleForbids')
    expect(await refusalOf(all.Consumer, 'call.mute', { callId, isMuted: false })).toBe('cannotUnmute')
    await isLogged('mediaRefused')
  })

  it.each(['Collaborator', 'Attendee', 'Consumer'] as const)('a %s does nothing to the others', async (role) => {
    const { callId, all } = await roomOfAll()
    const who = [all.Presenter.id]
    const tries: { [V in Verb]?: RequestBody<V> } = {
      'call.muteOthers': { callId },
      'call.remove': { callId, who: all.Presenter.id },
      'call.permit': { callId, source: 'microphone', who, isPermitted: false },
      'call.lowerHands': { callId },
      'call.spotlight': { callId, who, isOn: true },
      'call.admit': { callId },
      'call.deny': { callId },
      'call.add': { callId, who },
    }
    for (const [verb, body] of Object.entries(tries)) {
      expect([verb, await refusalOf(all[role], verb as Verb, body as RequestBody<Verb>)]).toEqual([verb, 'roleForbids'])
    }
    expect(await refusalOf(all[role], 'call.endForAll', { callId })).toBe('notInThisCall')
    expect(await refusalOf(all.Presenter, 'call.endForAll', { callId })).toBe('notInThisCall')
  })

  it('a role that is taken away in the call is gone at once', async () => {
    const { roomId, callId, all } = await roomOfAll()
    const { id } = await all.Attendee.client.ask('media.send', track(callId, 'microphone'))
    expect(id).not.toBe('')
    const consumer = { id: { communicationUserId: all.Attendee.id }, role: 'Consumer' as const }
    await stage.platform.rooms.addOrUpdateParticipants(roomId, [consumer])
    await all.Attendee.client.hears('call.changed', ({ call }) => call.role === 'Consumer' && call.isMuted)
    expect(await refusalOf(all.Attendee, 'media.send', track(callId, 'microphone'))).toBe('mediaRefused')
    await stage.platform.rooms.removeParticipants(roomId, [{ communicationUserId: all.Attendee.id }])
    const { call } = await all.Attendee.client.hears('call.ended')
    expect(call.end).toMatchObject({ code: 0, subCode: 5317 })
    expect(await refusalOf(all.Attendee, 'media.send', track(callId, 'microphone'))).toBe('unknownCall')
  })
})

describe('in the lobby', () => {
  it('one neither sends nor sees nor speaks, and does not let himself in', async () => {
    const { callId, host, waiting } = await lobby()
    const { id: streamId } = await host.client.ask('media.send', track(callId, 'camera'))
    expect(await refusalOf(waiting, 'media.send', track(callId, 'microphone'))).toBe('mediaRefused')
    expect(await refusalOf(waiting, 'media.watch', { callId, generation: 1, streamId: streamId as never })).toBe(
      'mediaRefused',
    )
    expect(await refusalOf(waiting, 'call.admit', { callId })).toBe('notConnected')
    expect(await refusalOf(waiting, 'call.admit', { callId, who: [waiting.id] })).toBe('notConnected')
    const saying = { kind: 'reaction', reaction: 'like' } as const
    expect(await refusalOf(waiting, 'call.say', { callId, saying })).toBe('notConnected')
    expect(await refusalOf(waiting, 'call.hold', { callId })).toBe('cannotHold')
  })

  it('who has left cannot be let in any more', async () => {
    const { callId, host, waiting } = await lobby()
    await waiting.client.ask('call.hangUp', { callId })
    expect(await refusalOf(host, 'call.admit', { callId, who: [waiting.id] })).toBe('nobodyThere')
  })
})

describe('in a call', () => {
  it('who rings sends and sees nothing', async () => {
    const [ann, bob] = await Promise.all([guest('ann'), guest('bob')])
    const { call } = await ann.client.startCall(bob.id)
    const { callId } = call
    await bob.client.hears('call.incoming')
    const rtpCapabilities = bob.client.session?.rtpCapabilities ?? {}
    await bob.client.ask('media.join', { callId, join: { generation: 1, rtpCapabilities } })
    expect(await refusalOf(bob, 'media.send', track(callId, 'microphone'))).toBe('mediaRefused')
    const streamId = randomUUID() as never
    expect(await refusalOf(bob, 'media.watch', { callId, generation: 1, streamId })).toBe('mediaRefused')
    expect(await refusalOf(bob, 'call.hold', { callId })).toBe('cannotHold')
    expect(await refusalOf(ann, 'call.resume', { callId })).toBe('cannotResume')
    expect(await refusalOf(ann, 'call.muteOthers', { callId })).toBe('notConnected')
  })

  it("nothing of another's call can be had", async () => {
    const one = await lobby()
    const other = await lobby()
    const { id } = await one.host.client.ask('media.send', track(one.callId, 'camera'))
    const watch = { generation: 1, streamId: id as never }
    expect(await refusalOf(other.host, 'media.watch', { callId: one.callId, ...watch })).toBe('unknownCall')
    expect(await refusalOf(other.host, 'media.watch', { callId: other.callId, ...watch })).toBe('unknownMedia')
    expect(await refusalOf(other.host, 'call.admit', { callId: one.callId })).toBe('unknownCall')
    expect(await refusalOf(other.host, 'call.remove', { callId: one.callId, who: one.host.id })).toBe('unknownCall')
  })

  it('media without a browser takes a token that was issued for it', async () => {
    const { callId, host } = await lobby()
    const rtpCapabilities = host.client.session?.rtpCapabilities ?? {}
    const srtpParameters = {
      cryptoSuite: 'AEAD_AES_128_GCM' as const,
      keyBase64: Buffer.alloc(28, 1).toString('base64'),
    }
    const body = { callId, generation: 1, rtpCapabilities, srtpParameters }
    expect(await refusalOf(host, 'media.joinPlain', body)).toBe('forbidden')
  })
})

/** What a browser sends for a source. */
function track(callId: CallId, source: Source): RequestBody<'media.send'> {
  const kind = source === 'microphone' ? ('audio' as const) : ('video' as const)
  const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }
  const vp8 = { mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }
  const ssrc = 1_000 + source.length
  const rtpParameters = {
    mid: `${source.length}`,
    codecs: [kind === 'audio' ? opus : vp8],
    encodings: [{ ssrc }],
    rtcp: { cname: source },
  }
  const value = Array.from({ length: 32 }, (_, n) => n.toString(16).padStart(2, '0').toUpperCase()).join(':')
  const dtlsParameters = { role: 'client' as const, fingerprints: [{ algorithm: 'sha-256' as const, value }] }
  return { callId, generation: 1, dtlsParameters, track: { source, kind, rtpParameters } }
}

function fail(sentence: string): never {
  throw new Error(sentence)
}
