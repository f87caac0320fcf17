import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { RoomParticipantPatch } from '@azure/communication-rooms'
import { ResourceId, userIdOf, type UserId } from '@parley/protocol'
import { roomApiVersions } from '../../src/rest/rooms/rooms.controller.ts'
import { refusalOf } from './refusals.ts'
import { setDatabase } from './set-doors.ts'

const database = setDatabase()
const doors = database.doors()
const others = database.doors()
/** Whose rooms are those of one story only. */
const alone = database.doors()
afterEach(() => {
  doors.roomChanges.length = 0
})

const dayMs = 24 * 3_600_000
const version = 'api-version=2025-03-13'
const user = (resourceId = doors.resourceId): UserId => userIdOf(resourceId, randomUUID())
const asked = (id: string, role?: RoomParticipantPatch['role']): RoomParticipantPatch => ({
  id: { communicationUserId: id },
  ...(role === undefined ? {} : { role }),
})
const inDays = (days: number) => new Date(Date.now() + days * dayMs)
const rosterOf = async (roomId: string) => {
  const roster: Record<string, string> = {}
  for await (const { id, role } of doors.rooms().listParticipants(roomId)) {
    roster['communicationUserId' in id ? id.communicationUserId : 'no user'] = role
  }
  return roster
}
const told = () => doors.roomChanges.map(({ resourceId: _, roomId: __, ...change }) => change)

describe("a room that Microsoft's own client makes", () => {
  it('is open from now on for 180 days, without dialling out and without a lobby', async () => {
    const room = await doors.rooms().createRoom()
    expect(room.id).toMatch(/^99[0-9]{15}$/)
    expect(Math.abs(room.validFrom.getTime() - Date.now())).toBeLessThan(5000)
    expect(room.validUntil.getTime() - room.validFrom.getTime()).toBe(180 * dayMs)
    expect(room).toMatchObject({ createdOn: room.validFrom, pstnDialOutEnabled: false, lobbyEnabled: false })
    expect(await doors.rooms().getRoom(room.id)).toEqual(room)
  })

  it('is what it was asked to be', async () => {
    const wish = { validFrom: inDays(1), validUntil: inDays(2), pstnDialOutEnabled: true }
    const [presenter, attendee] = [user(), user()]
    const participants = [asked(presenter, 'Presenter'), asked(attendee)]
    const room = await doors.rooms().createRoom({ ...wish, participants })
    expect(room).toMatchObject(wish)
    expect(await rosterOf(room.id)).toEqual({ [presenter]: 'Presenter', [attendee]: 'Attendee' })
  })

  it('may begin later and be said no end, which is 180 days after its beginning', async () => {
    const validFrom = inDays(30)
    const room = await doors.rooms().createRoom({ validFrom })
    expect(room.validUntil.getTime() - validFrom.getTime()).toBe(180 * dayMs)
  })

  it('changes in what is said, and its call is told when it closes', async () => {
    const room = await doors.rooms().createRoom()
    const validUntil = inDays(3)
    const changed = await doors.rooms().updateRoom(room.id, { validUntil, pstnDialOutEnabled: true })
    expect(changed).toEqual({ ...room, validUntil, pstnDialOutEnabled: true })
    expect(await doors.rooms().getRoom(room.id)).toEqual(changed)
    expect(doors.roomChanges).toEqual([
      { resourceId: doors.resourceId, roomId: room.id, kind: 'closesAt', at: validUntil.getTime() },
    ])
  })

  it('stays as it is when nothing is said', async () => {
    const room = await doors.rooms().createRoom()
    expect(await doors.rooms().updateRoom(room.id, {})).toEqual(room)
  })

  it('goes, and its call with it', async () => {
    const { id } = await doors.rooms().createRoom({ participants: [asked(user())] })
    await doors.rooms().deleteRoom(id)
    expect(told()).toEqual([{ kind: 'closed' }])
    const tries = [
      doors.rooms().getRoom(id),
      doors.rooms().updateRoom(id, {}),
      doors.rooms().deleteRoom(id),
      doors.rooms().listParticipants(id).next(),
      doors.rooms().addOrUpdateParticipants(id, [asked(user())]),
      doors.rooms().removeParticipants(id, [asked(user()).id]),
    ]
    for (const refusal of await Promise.all(tries.map(refusalOf))) {
      expect(refusal).toMatchObject({ statusCode: 404, code: 'NotFound' })
    }
  })
})

describe('the participants of a room', () => {
  it.each(['Presenter', 'Attendee', 'Consumer', 'Collaborator'] as const)('may be a %s', async (role) => {
    const { id } = await doors.rooms().createRoom()
    const ann = user()
    await doors.rooms().addOrUpdateParticipants(id, [asked(ann, role)])
    expect(await rosterOf(id)).toEqual({ [ann]: role })
    expect(told()).toEqual([{ kind: 'role', user: ann, role }])
  })

  it('change their roles and go, and their call is told', async () => {
    const [ann, bob, cem] = [user(), user(), user()]
    const { id } = await doors.rooms().createRoom({ participants: [asked(ann, 'Presenter'), asked(bob)] })
    await doors.rooms().addOrUpdateParticipants(id, [asked(bob, 'Consumer'), asked(cem)])
    await doors.rooms().removeParticipants(id, [asked(ann).id])
    expect(await rosterOf(id)).toEqual({ [bob]: 'Consumer', [cem]: 'Attendee' })
    expect(told()).toEqual([
      { kind: 'role', user: bob, role: 'Consumer' },
      { kind: 'role', user: cem, role: 'Attendee' },
      { kind: 'uninvited', user: ann },
    ])
  })

  it('may be told to go who never came', async () => {
    const { id } = await doors.rooms().createRoom()
    await expect(doors.rooms().removeParticipants(id, [asked(user()).id])).resolves.toBeUndefined()
  })

  it('are at most 350', async () => {
    const crowd = Array.from({ length: 350 }, () => asked(user()))
    const room = await doors.rooms().createRoom({ participants: crowd })
    const refusal = { statusCode: 400, code: 'BadRequest', message: 'A room takes at most 350 participants.' }
    const more = doors.rooms().addOrUpdateParticipants(room.id, [asked(user())])
    expect(await refusalOf(more)).toMatchObject(refusal)
    expect(await refusalOf(doors.rooms().createRoom({ participants: [...crowd, asked(user())] }))).toMatchObject(
      refusal,
    )
    expect(Object.keys(await rosterOf(room.id))).toHaveLength(350)
  })

  it.each([
    ['is malformed', '8:acs:nobody'],
    ['is empty', ''],
    ['is a phone number', '4:+15551234'],
    ['is a bot', '8:echo123'],
    ['is of another resource', userIdOf(ResourceId.parse(randomUUID()), randomUUID())],
  ])('are nobody who %s', async (_what, rawId) => {
    const { id } = await doors.rooms().createRoom()
    const refusal = { error: { code: 'BadRequest', message: expect.stringMatching(/\.$/) } }
    for (const one of [{ role: 'Attendee' }, null]) {
      const body = JSON.stringify({ participants: { [rawId]: one } })
      const target = `/rooms/${id}/participants?${version}`
      expect(await doors.askSigned({ method: 'PATCH', target, body })).toMatchObject({ status: 400, json: refusal })
    }
    const body = JSON.stringify({ participants: { [rawId]: {} } })
    const created = await doors.askSigned({ method: 'POST', target: `/rooms?${version}`, body })
    expect(created).toMatchObject({ status: 400, json: refusal })
  })
})

describe('the list of rooms', () => {
  it("is walked to its end by Microsoft's iterator, and shows each room once, the newest first", async () => {
    const made = await Promise.all(Array.from({ length: 105 }, () => alone.rooms().createRoom()))
    const listed = []
    for await (const room of alone.rooms().listRooms()) listed.push(room)
    const sizes = []
    for await (const page of alone.rooms().listRooms().byPage()) sizes.push(page.length)
    expect(listed.map(({ id }) => id).toSorted()).toEqual(made.map(({ id }) => id).toSorted())
    const times = listed.map(({ createdOn }) => createdOn.getTime())
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect(sizes).toEqual([100, 5])
  }, 30_000)

  it.each(['', 'x', '1_', '_99', '1_x', '9999999999999999_99000000000000001', '1_99000000000000001&after=2_99'])(
    'does not go on at %j',
    async (after) => {
      const answer = await doors.askSigned({ target: `/rooms?after=${after}&${version}` })
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'BadRequest' } } })
    },
  )
})

describe('a request that is repeated', () => {
  const create = (headers: Record<string, string>, body = '{}') =>
    doors.askSigned({ method: 'POST', target: `/rooms?${version}`, body, headers })

  it('makes one room, and says so', async () => {
    const headers = { 'repeatability-request-id': randomUUID(), 'repeatability-first-sent': new Date().toUTCString() }
    const answers = [
      await create(headers),
      await create(headers),
      ...(await Promise.all([create(headers), create(headers)])),
    ]
    const room = answers[0]?.json as { id: string }
    for (const { status, json, headers } of answers) {
      expect([status, json, headers['location']]).toEqual([201, room, room.id])
      expect(headers['repeatability-result']).toBe('accepted')
    }
  })

  it('makes a room for each resource that asks', async () => {
    const headers = { 'repeatability-request-id': randomUUID() }
    const ask = { method: 'POST', target: `/rooms?${version}`, body: '{}', headers }
    expect((await doors.askSigned(ask)).text).not.toBe((await others.askSigned(ask)).text)
  })

  it('carries a GUID', async () => {
    expect(await create({ 'repeatability-request-id': 'again' })).toMatchObject({ status: 400 })
  })

  it('reaches the call that the first one did not reach', async () => {
    const ann = user()
    const { id } = await doors.rooms().createRoom({ participants: [asked(ann)] })
    const all = [
      () => doors.rooms().updateRoom(id, { validUntil: inDays(1) }),
      () => doors.rooms().removeParticipants(id, [asked(ann).id]),
      () => doors.rooms().deleteRoom(id),
    ]
    for (const one of all) {
      doors.roomTrouble = new Error('The database is away.')
      expect(await refusalOf(one())).toMatchObject({ statusCode: 500 })
      doors.roomTrouble = undefined
      await refusalOf(one())
    }
    expect(told().map(({ kind }) => kind)).toEqual(['closesAt', 'uninvited', 'closed'])
  })
})

describe('what cannot be', () => {
  // prettier-ignore
  const badTimes: [what: string, from: number | undefined, until: number, says: string][] = [
    ['an end that has been',        undefined, -1,    'ValidUntil must lie ahead.'],
    ['an end before its beginning', 2,         1,     'ValidUntil must be after ValidFrom.'],
    ['an end at its beginning',     2,         2,     'ValidUntil must be after ValidFrom.'],
    ['181 days',                    1,         182,   'ValidUntil must be at most 180 days after ValidFrom.'],
    ['a year from now',             undefined, 365,   'ValidUntil must be at most 180 days after ValidFrom.'],
  ]
  it.each(badTimes)('a room has no %s', async (_what, from, until, message) => {
    const room = await doors.rooms().createRoom()
    const now = Date.now()
    const at = (days: number) => new Date(now + days * dayMs)
    const wish = { validUntil: at(until), ...(from === undefined ? {} : { validFrom: at(from) }) }
    const refusal = {
      statusCode: 400,
      code: 'BadRequest',
      message,
      details: {
        error: { code: 'BadRequest', message, details: [{ code: 'BadArgument', message, target: 'ValidUntil' }] },
        errorCode: 'BadRequest',
      },
    }
    expect(await refusalOf(doors.rooms().createRoom(wish))).toMatchObject(refusal)
    expect(await refusalOf(doors.rooms().updateRoom(room.id, wish))).toMatchObject(refusal)
    expect(await doors.rooms().getRoom(room.id)).toEqual(room)
    expect(doors.roomChanges).toEqual([])
  })

  it('180 days to the millisecond can', async () => {
    const validFrom = inDays(1)
    const validUntil = new Date(validFrom.getTime() + 180 * dayMs)
    await expect(doors.rooms().createRoom({ validFrom, validUntil })).resolves.toMatchObject({ validFrom, validUntil })
  })

  it.each(['abc', '99x', '../identities', '8:acs:a_b', '٣'])('the id of a room is not %j', async (id) => {
    const refusal = { statusCode: 400, code: 'BadRequest', message: 'Invalid room ID.' }
    expect(await refusalOf(doors.rooms().getRoom(id))).toMatchObject(refusal)
    expect(await refusalOf(doors.rooms().updateRoom(id, {}))).toMatchObject(refusal)
    expect(await refusalOf(doors.rooms().deleteRoom(id))).toMatchObject(refusal)
    expect(await refusalOf(doors.rooms().listParticipants(id).next())).toMatchObject(refusal)
  })

  it.each(['1', '99000000000000001', '9'.repeat(33)])('a room that nobody made is not found: %s', async (id) => {
    expect(await refusalOf(doors.rooms().getRoom(id))).toMatchObject({ statusCode: 404, code: 'NotFound' })
  })

  // prettier-ignore
  const bad: [what: string, body: string, target: string | undefined][] = [
    ['a list',                   '[]',                                       undefined],
    ['a beginning that is text', '{"validFrom":"tomorrow"}',                 'validFrom'],
    ['one that is a number',     '{"validFrom":1}',                          'validFrom'],
    ['one of February 30th',     '{"validFrom":"2027-02-30T00:00:00Z"}',     'validFrom'],
    ['an end without a zone',    '{"validUntil":"2027-02-20T00:00:00"}',     'validUntil'],
    ['dialling out as text',     '{"pstnDialOutEnabled":"true"}',            'pstnDialOutEnabled'],
    ['a lobby as a number',      '{"lobbyEnabled":1}',                       'lobbyEnabled'],
    ['a list of participants',   '{"participants":["8:acs:a_b"]}',           'participants'],
    ['a role that is none',      '{"participants":{"x":{"role":"Boss"}}}',   'participants.x.role'],
    ['a participant as text',    '{"participants":{"x":"Presenter"}}',       'participants.x'],
  ]
  it.each(bad)('a body of %s is refused, and its place named', async (_what, body, target) => {
    const { status, json } = await doors.askSigned({ method: 'POST', target: `/rooms?${version}`, body })
    expect([status, json]).toMatchObject([
      400,
      { error: { code: 'BadRequest', message: expect.stringMatching(/\.$/) } },
    ])
    expect((json as { error: { target?: string } }).error.target).toBe(target)
  })

  it('a room is not made with somebody who is nothing', async () => {
    const body = JSON.stringify({ participants: { [user()]: null } })
    expect(await doors.askSigned({ method: 'POST', target: `/rooms?${version}`, body })).toMatchObject({ status: 400 })
  })

  it('a request without signature or with an unknown api-version is refused', async () => {
    expect(await doors.ask({ target: `/rooms?${version}` })).toMatchObject({ status: 401 })
    const answer = await doors.askSigned({ target: '/rooms?api-version=2020-01-01' })
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'UnsupportedApiVersionValue' } } })
  })
})

describe('what other clients send', () => {
  it.each(roomApiVersions)('is understood with the api-version %s, which stays in the links', async (known) => {
    const answer = await doors.askSigned({ target: `/rooms?api-version=${known}` })
    expect(answer.status).toBe(200)
    expect(answer.headers['api-supported-versions']).toBe(roomApiVersions.join(', '))
  })

  it('may be null for absent, instants of seven digits, and a zone of its own', async () => {
    const body = JSON.stringify({
      validFrom: '2099-01-01T01:00:00.1234567+01:00',
      validUntil: '2099-01-02T00:00:00Z',
      pstnDialOutEnabled: null,
      lobbyEnabled: null,
      participants: null,
    })
    const { status, json } = await doors.askSigned({ method: 'POST', target: `/rooms?${version}`, body })
    expect([status, json]).toMatchObject([
      201,
      { validFrom: '2099-01-01T00:00:00.123Z', pstnDialOutEnabled: false, lobbyEnabled: false },
    ])
  })

  it('may be a merge patch, or plain JSON', async () => {
    const { id } = await doors.rooms().createRoom()
    for (const type of ['application/merge-patch+json', 'application/json']) {
      const ask = { method: 'PATCH', target: `/rooms/${id}?${version}`, body: '{}', headers: { 'content-type': type } }
      expect((await doors.askSigned(ask)).status).toBe(200)
    }
  })
})

describe('a lobby', () => {
  it("is asked for beside ACS's properties, shown to everyone, and disturbs no client", async () => {
    const ask = { method: 'POST', target: `/rooms?${version}`, body: '{"lobbyEnabled":true,"participants":{}}' }
    const { id } = (await doors.askSigned(ask)).json as { id: string }
    const room = await doors.rooms().getRoom(id)
    expect(room).toMatchObject({ id, lobbyEnabled: true })
    expect(await doors.rooms().updateRoom(id, { validUntil: inDays(2) })).toMatchObject({ lobbyEnabled: true })
    const patch = { method: 'PATCH', target: `/rooms/${id}?${version}`, body: '{"lobbyEnabled":false}' }
    expect((await doors.askSigned(patch)).json).toMatchObject({ lobbyEnabled: false })
  })

  it("can be asked for with Microsoft's own client by a policy, as docs/rooms.md shows", async () => {
    const withLobby = {
      name: 'lobby',
      sendRequest(request: { method: string; body?: unknown }, next: (request: never) => Promise<never>) {
        if (request.method === 'POST') {
          request.body = JSON.stringify({ ...JSON.parse(String(request.body)), lobbyEnabled: true })
        }
        return next(request as never)
      },
    }
    const rooms = doors.rooms({ additionalPolicies: [{ policy: withLobby, position: 'perCall' }] })
    expect(await rooms.createRoom()).toMatchObject({ lobbyEnabled: true })
  })
})

it('rooms of another resource are not there', async () => {
  const { id } = await others.rooms().createRoom({ participants: [asked(user(others.resourceId))] })
  const tries = [
    doors.rooms().getRoom(id),
    doors.rooms().updateRoom(id, {}),
    doors.rooms().deleteRoom(id),
    doors.rooms().listParticipants(id).next(),
    doors.rooms().addOrUpdateParticipants(id, [asked(user())]),
  ]
  for (const refusal of await Promise.all(tries.map(refusalOf))) expect(refusal).toMatchObject({ statusCode: 404 })
  const listed = []
  for await (const room of doors.rooms().listRooms()) listed.push(room.id)
  expect(listed).not.toContain(id)
  await expect(others.rooms().getRoom(id)).resolves.toMatchObject({ id })
  expect(others.roomChanges).toEqual([])
})
