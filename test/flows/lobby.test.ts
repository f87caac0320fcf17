import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Locator } from '../support/page/desk.ts'
import type { Person } from '../support/person.ts'
import { signedRest } from '../support/rest.ts'
import { allHearEachOther, allHearExactly, roomIsMade } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

const lobbyDenied = { code: 403, subCode: 5854 }
const nobodyThere = { code: 404 }

describe('call.lobby', () => {
  const stage = setStage()

  /** A room with a lobby: its Presenter is in it, and the others, who are Attendees, wait to be let in. */
  async function someWaitAtRoom<Name extends string>(...names: Name[]) {
    const roles = Object.fromEntries(names.map((name) => [name, 'Attendee'])) as Record<Name, 'Attendee'>
    const { roomId, here } = await roomIsMade(stage, { ann: 'Presenter', ...roles })
    await hasLobby(roomId)
    const { ann } = here as { ann: Person }
    await ann.joins({ roomId })
    await ann.reaches('Connected')
    await watchesLobby(ann)
    await Promise.all(names.map((name) => waits(here[name], { roomId })))
    await seesWaiting(ann, ...names.map((name) => here[name]))
    return { roomId, ...here, ann }
  }

  /** What Microsoft's client does not know of goes by the door itself. */
  async function hasLobby(roomId: string): Promise<void> {
    const target = `/rooms/${roomId}?api-version=2025-03-13`
    const { status } = await signedRest(stage.platform, 'PATCH', target, JSON.stringify({ lobbyEnabled: true }))
    expect(status).toBe(200)
  }

  /** A group with a lobby, which these people open to others. */
  async function groupHasLobby(...presenters: Person[]): Promise<string> {
    const groupId = randomUUID()
    const body = JSON.stringify({ lobbyEnabled: true, presenters: presenters.map(({ id }) => id) })
    expect(await signedRest(stage.platform, 'PUT', `/groups/${groupId}`, body)).toMatchObject({ status: 200 })
    return groupId
  }

  it('who waits is InLobby, hears and is heard by nobody, and is seen by the Presenter alone; admit lets him in', async () => {
    const { roomId, ann, bob, cat } = await someWaitAtRoom('bob', 'cat')
    expect(bob.states).toEqual(['None', 'Connecting', 'InLobby'])
    expect(await bob.people()).toEqual([])
    expect(await bob.does(({ call }) => call.lobby === undefined)).toBe(true)
    await allHearExactly([ann, bob, cat], [])
    expect(await ann.people()).toEqual([])

    await ann.does(({ call }, id) => call.lobby?.admit({ communicationUserId: id }), bob.id)
    await Promise.all([bob.reaches('Connected'), ann.seesPeople(bob), bob.seesPeople(ann)])
    expect(bob.states).toEqual(['None', 'Connecting', 'InLobby', 'Connected'])
    await ann.isToldOf('lobby', isSame({ added: [], removed: [bob.id] }))
    await seesWaiting(ann, cat)
    expect(await bob.does(({ call }) => call.lobby === undefined)).toBe(true)
    await allHearEachOther([ann, bob])
    await Promise.all([cat.hearsNot(ann), cat.hearsNot(bob), ann.hearsNot(cat), bob.hearsNot(cat)])
    // Nobody lets himself in, and an Attendee lets nobody in.
    expect(await mayManageLobby(ann)).toBe(true)
    expect(await mayManageLobby(bob)).toBe(false)
    expect(ann.states).toEqual(['None', 'Connecting', 'Connected'])
    await bob.hangsUp()
    await waits(bob, { roomId })
  })

  it('admitAll lets everybody in, and everybody hears everybody', async () => {
    const { ann, bob, cat } = await someWaitAtRoom('bob', 'cat')
    expect(await ann.does(({ call }) => call.lobby?.admitAll())).toEqual({ successCount: 2, failureCount: 0 })
    await Promise.all([bob.reaches('Connected'), cat.reaches('Connected')])
    await Promise.all([ann.seesPeople(bob, cat), bob.seesPeople(ann, cat), cat.seesPeople(ann, bob)])
    await seesWaiting(ann)
    await allHearEachOther([ann, bob, cat])
    expect(await ann.does(({ call }) => call.lobby?.admitAll())).toEqual({ successCount: 0, failureCount: 0 })
  })

  it('who is rejected ends with 403/5854, who hangs up is not there any more, and neither can be admitted', async () => {
    const { ann, bob, cat, dan } = await someWaitAtRoom('bob', 'cat', 'dan')
    await ann.does(({ call }, id) => call.lobby?.reject({ communicationUserId: id }), bob.id)
    expect(await bob.ends()).toMatchObject(lobbyDenied)
    expect(bob.states).toEqual(['None', 'Connecting', 'InLobby', 'Disconnected'])
    await cat.hangsUp()
    expect(await cat.ends()).toMatchObject({ code: 0, subCode: 0 })
    await seesWaiting(ann, dan)
    for (const { id } of [bob, cat]) {
      const admits = ann.does(({ call }, id) => call.lobby?.admit({ communicationUserId: id }), id)
      await expect(admits).rejects.toMatchObject(nobodyThere)
      const rejects = ann.does(({ call }, id) => call.lobby?.reject({ communicationUserId: id }), id)
      await expect(rejects).rejects.toMatchObject(nobodyThere)
    }
    expect(await ann.callCount()).toBe(1)
    expect(ann.comingsAndGoings(bob, cat)).toEqual([])
  })

  it('who waits and becomes a Presenter is in, and lets others in himself', async () => {
    const { roomId, ann, bob, cat } = await someWaitAtRoom('bob', 'cat')
    await stage.platform.rooms.addOrUpdateParticipants(roomId, [{ id: bob.user, role: 'Presenter' }])
    await Promise.all([bob.reaches('Connected'), ann.seesPeople(bob)])
    await seesWaiting(bob, cat)
    await bob.does(({ call }) => call.lobby?.admitAll())
    await allHearEachOther([ann, bob, cat])
  })

  it('people wait before the first Presenter has come, and he sees them when he does', async () => {
    const { roomId, here } = await roomIsMade(stage, { ann: 'Presenter', bob: 'Attendee' })
    await hasLobby(roomId)
    const { ann, bob } = here
    await waits(bob, { roomId })
    await ann.joins({ roomId })
    await ann.reaches('Connected')
    await seesWaiting(ann, bob)
    await ann.does(({ call }) => call.lobby?.admitAll())
    await allHearEachOther([ann, bob])
  })

  it('the one who waits stays the same participant when he comes in, with his name', async () => {
    const { ann, bob } = await someWaitAtRoom('bob')
    const [name, isSame] = await ann.does(async ({ call, participant }, id) => {
      const waiting = call.lobby?.participants[0]
      const state = waiting?.state
      const came = new Promise((resolve) => call.on('remoteParticipantsUpdated', resolve))
      await call.lobby?.admit({ communicationUserId: id })
      await came
      return [`${waiting?.displayName} ${state}`, waiting === participant(id)]
    }, bob.id)
    expect([name, isSame]).toEqual(['bob InLobby', true])
  })

  it('a group has a lobby, too: those whom the server app names enter at once and let the others in', async () => {
    const [ann, bob, cat] = await Promise.all(['ann', 'bob', 'cat'].map((name) => stage.people.arrive(name)))
    if (!ann || !bob || !cat) throw new Error('Three people were to arrive.')
    const groupId = await groupHasLobby(ann)
    await ann.joins({ groupId })
    await ann.reaches('Connected')
    expect(await ann.does(({ call }) => call.role)).toBe('Presenter')
    await Promise.all([waits(bob, { groupId }), waits(cat, { groupId })])
    await seesWaiting(ann, bob, cat)
    await allHearExactly([ann, bob, cat], [])
    await ann.does(({ call }, id) => call.lobby?.admit({ communicationUserId: id }), bob.id)
    await ann.does(({ call }, id) => call.lobby?.reject({ communicationUserId: id }), cat.id)
    expect(await cat.ends()).toMatchObject(lobbyDenied)
    await allHearEachOther([ann, bob])
    await seesWaiting(ann)
  })
})

describe('when nobody opens', () => {
  const lobbyLimitMs = 3_000
  const stage = setStage({ LOBBY_LIMIT_S: `${lobbyLimitMs / 1000}` })

  it('who waits ends with 403/5854 after the limit', async () => {
    const bob = await stage.people.arrive('bob')
    const groupId = randomUUID()
    await signedRest(stage.platform, 'PUT', `/groups/${groupId}`, JSON.stringify({ lobbyEnabled: true }))
    await waits(bob, { groupId })
    const since = performance.now()
    expect(await bob.ends(lobbyLimitMs + 5_000)).toMatchObject(lobbyDenied)
    expect(performance.now() - since).toBeGreaterThan(lobbyLimitMs - 1_000)
    expect(bob.states).toEqual(['None', 'Connecting', 'InLobby', 'Disconnected'])
  })
})

async function waits(person: Person, place: Locator): Promise<void> {
  await person.joins(place)
  await person.reaches('InLobby')
}

/** From now on someone is told of what changes in the lobby. */
function watchesLobby(person: Person): Promise<void> {
  return person.does(({ call, tell }) => {
    const idsOf = (list: { identifier: object }[]) =>
      list.map(({ identifier }) => ('communicationUserId' in identifier ? identifier.communicationUserId : ''))
    call.lobby?.on('lobbyParticipantsUpdated', ({ added, removed }) => {
      tell('lobby', { added: idsOf(added), removed: idsOf(removed) })
    })
  })
}

/** Waits until someone sees these people in the lobby of his call, and nobody else. */
async function seesWaiting(person: Person, ...others: Person[]): Promise<void> {
  const expected = others.map(({ id }) => `${id} InLobby`).toSorted()
  await until(`${others.map(({ name }) => name).join(', ') || 'nobody'} in the lobby of ${person.name}`, async () => {
    const seen = await person.does(({ call }) =>
      call.lobby?.participants.map(({ identifier, state }) =>
        'communicationUserId' in identifier ? `${identifier.communicationUserId} ${state}` : identifier.kind,
      ),
    )
    if (seen === undefined) return { sawOnly: 'no lobby' }
    return seen.toSorted().join() === expected.join() ? { found: true } : { sawOnly: seen.join(', ') || 'nobody' }
  })
}

function mayManageLobby(person: Person): Promise<boolean> {
  return person.does(({ call, sdk }) => call.feature(sdk.Features.Capabilities).capabilities.manageLobby.isPresent)
}

function isSame(expected: unknown): (data: unknown) => boolean {
  return (data) => JSON.stringify(data) === JSON.stringify(expected)
}
