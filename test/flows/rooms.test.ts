import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Hands } from '../support/page/desk.ts'
import type { Person } from '../support/person.ts'
import { allHearEachOther, allHearExactly, roomIsMade, roomMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

const roleForbids = { code: 403, subCode: 0 }

describe('join({ roomId })', () => {
  it('people meet, each in his role: who may speak is heard, and who may not is muted and stays so', async () => {
    const { roomId, here } = await roomMeets(stage, {
      ann: 'Presenter',
      bob: 'Collaborator',
      cat: 'Attendee',
      dan: 'Consumer',
    })
    const { ann, bob, cat, dan } = here
    const all = [ann, bob, cat, dan]
    await allHearExactly(all, [ann, bob, cat])
    const shown = all.map((one) => one.does(({ call }) => [call.role, call.isMuted, call.info.roomId]))
    expect(await Promise.all(shown)).toEqual([
      ['Presenter', false, roomId],
      ['Collaborator', false, roomId],
      ['Attendee', false, roomId],
      ['Consumer', true, roomId],
    ])
    for (const one of all) expect(one.states).toEqual(['None', 'Connecting', 'Connected'])
    await Promise.all([ann.sees(dan, { isMuted: true }), dan.sees(ann, { isMuted: false })])
    expect(await rolesSeenBy(bob, ann, cat, dan)).toEqual(['Presenter', 'Attendee', 'Consumer'])

    await expect(dan.unmutes()).rejects.toMatchObject({ code: 400, subCode: 41016 })
    expect(await dan.isMuted()).toBe(true)
    await expect(dan.turnsCameraOn()).rejects.toMatchObject(roleForbids)
    await allHearExactly(all, [ann, bob, cat])
  })

  it('refuses who is not invited, comes too early, or names no room: the call ends with a reason', async () => {
    const tomorrow = { validFrom: new Date(Date.now() + 86_400_000), validUntil: new Date(Date.now() + 2 * 86_400_000) }
    const open = await roomIsMade(stage, { ann: 'Presenter' })
    const early = await roomIsMade(stage, { bob: 'Presenter' }, tomorrow)
    const cat = await stage.people.arrive('cat')
    const { ann } = open.here
    const { bob } = early.here
    const unknown = open.roomId.split('').toReversed().join('')
    await Promise.all([
      isRefused(cat, open.roomId, { code: 403, subCode: 5828 }),
      isRefused(bob, early.roomId, { code: 403, subCode: 5829 }),
      isRefused(ann, unknown, { code: 404, subCode: 5732 }),
    ])
  })

  it('the room of another resource is no room, though the one who comes is on its roster', async () => {
    const { roomId, here } = await roomIsMade(stage, { ann: 'Presenter' })
    const other = randomUUID()
    await stage.platform.database.query('insert into resource (id) values ($1)', [other])
    await stage.platform.database.query('update room set resource_id = $1 where id = $2', [other, roomId])
    await isRefused(here.ann, roomId, { code: 404, subCode: 5732 })
  })

  it('a room id that is none is refused by join() itself, and no call is there', async () => {
    const ann = await stage.people.arrive('ann')
    for (const roomId of ['', 'the blue room', randomUUID()]) {
      await expect(ann.joins({ roomId })).rejects.toMatchObject({ code: 400, subCode: 5751 })
    }
    expect(await ann.callCount()).toBe(0)
  })

  it('who leaves comes again into the same call, and so does who comes anew after his page has died', async () => {
    const { roomId, here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee' })
    const { ann, bob } = here
    await bob.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    await ann.seesPeople()
    await bob.joins({ roomId })
    await allHearEachOther([ann, bob])
    expect(bob.callId).toBe(ann.callId)

    await bob.crashes()
    const again = await stage.people.arrive('bob-again', { sameUserAs: bob })
    await again.joins({ roomId })
    await allHearEachOther([ann, again])
    expect(ann.comingsAndGoings(bob)).toEqual(['+bob', '-bob', '+bob'])
    expect(again.callId).toBe(ann.callId)
  })
})

describe('in a room', () => {
  it('an Attendee shares no screen, and mutes and removes nobody; a Presenter does', async () => {
    const { here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Attendee' })
    const { ann, bob, cat } = here
    await expect(bob.does(({ call }) => call.startScreenSharing())).rejects.toMatchObject(roleForbids)
    await expect(mutes(bob, cat)).rejects.toMatchObject(roleForbids)
    await expect(bob.does(({ call }) => call.muteAllRemoteParticipants())).rejects.toMatchObject(roleForbids)
    await expect(bob.removes(cat)).rejects.toMatchObject(roleForbids)
    await allHearEachOther([ann, bob, cat])

    await mutes(ann, cat)
    await cat.isToldOf('mutedByOthers')
    expect(await cat.isMuted()).toBe(true)
    await allHearExactly([ann, bob, cat], [ann, bob])
    await cat.unmutes()
    await allHearEachOther([ann, bob, cat])

    await ann.removes(bob)
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 5300 })
    await Promise.all([ann.seesPeople(cat), cat.seesPeople(ann)])
    await allHearEachOther([ann, cat])
  })

  it('hangUp({ forEveryone: true }) is refused to everybody, and everybody stays', async () => {
    const { here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee' })
    const { ann, bob } = here
    for (const one of [ann, bob]) {
      await expect(one.endsForAll()).rejects.toMatchObject({ code: 400 })
      expect(await mayDo(one, 'hangUpForEveryOne')).toEqual({
        isPresent: false,
        reason: 'CapabilityNotApplicableForTheCallType',
      })
    }
    await allHearEachOther([ann, bob])
    expect(ann.states).toEqual(['None', 'Connecting', 'Connected'])
  })

  it('addParticipant rings who is on the roster, in his role, and nobody else', async () => {
    const { here, roomId } = await roomIsMade(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Consumer' })
    const { ann, bob, cat } = here
    const dan = await stage.people.arrive('dan')
    await Promise.all([ann.joins({ roomId }), bob.joins({ roomId })])
    await ann.seesPeople(bob)

    await ann.adds(cat)
    expect(await cat.isRung()).toMatchObject({ from: ann.id, displayName: 'ann' })
    await cat.answers()
    await Promise.all([ann.seesPeople(bob, cat), cat.seesPeople(ann, bob)])
    expect(await cat.does(({ call }) => [call.role, call.isMuted])).toEqual(['Consumer', true])
    await allHearExactly([ann, bob, cat], [ann, bob])

    const addsInVain = ({ call, tell }: Hands, id: string) => {
      const added = call.addParticipant({ communicationUserId: id })
      added.on('stateChanged', () => tell('not added', [added.state, added.callEndReason?.code]))
    }
    await ann.does(addsInVain, dan.id)
    expect(await ann.isToldOf('not added')).toEqual(['Disconnected', 403])
    await bob.does(addsInVain, dan.id)
    expect(await bob.isToldOf('not added')).toEqual(['Disconnected', 403])
    await Promise.all([ann.seesPeople(bob, cat), bob.seesPeople(ann, cat)])
    expect(dan.ringCount).toBe(0)
  })
})

describe('what the server app changes during the call', () => {
  it('a new role counts at once: sound and picture of who becomes a Consumer vanish, until he may speak again', async () => {
    const { roomId, here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee' })
    const { ann, bob } = here
    await bob.turnsCameraOn()
    await ann.seesCamera(true)
    await ann.viewsPicture()
    await Promise.all([allHearEachOther([ann, bob]), ann.seesMovement()])
    await bob.does(({ call, sdk, tell }) => {
      const capabilities = call.feature(sdk.Features.Capabilities)
      capabilities.on('capabilitiesChanged', ({ reason, newValue }) => {
        tell('capabilitiesChanged', [reason, newValue.unmuteMic?.isPresent, newValue.turnVideoOn?.isPresent])
      })
    })

    await makes(roomId, bob, 'Consumer')
    await Promise.all([
      bob.isToldOf('roleChanged', (role) => role === 'Consumer'),
      bob.isToldOf('capabilitiesChanged', isSame(['RoleChanged', false, false])),
      ann.hearsNot(bob),
      ann.seesCamera(false),
      ann.sees(bob, { state: 'Connected', isMuted: true }),
      bob.hears(ann),
    ])
    expect(await bob.does(({ call }) => [call.isMuted, call.isLocalVideoStarted])).toEqual([true, false])
    expect(await rolesSeenBy(ann, bob)).toEqual(['Consumer'])
    await expect(bob.unmutes()).rejects.toMatchObject({ code: 400, subCode: 41016 })

    await makes(roomId, bob, 'Attendee')
    await Promise.all([
      bob.isToldOf('roleChanged', (role) => role === 'Attendee'),
      bob.isToldOf('capabilitiesChanged', isSame(['RoleChanged', true, true])),
    ])
    expect(await bob.isMuted()).toBe(true)
    await bob.unmutes()
    await bob.turnsCameraOn()
    await Promise.all([allHearEachOther([ann, bob]), ann.seesCamera(true), ann.sees(bob, { isMuted: false })])
    expect(bob.states).toEqual(['None', 'Connecting', 'Connected'])
  })

  it('who becomes a Presenter may moderate, and who is one no more may not', async () => {
    const { roomId, here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Attendee' })
    const { ann, bob, cat } = here
    await Promise.all([makes(roomId, bob, 'Presenter'), makes(roomId, ann, 'Attendee')])
    await Promise.all([
      bob.isToldOf('roleChanged', (role) => role === 'Presenter'),
      ann.isToldOf('roleChanged', (role) => role === 'Attendee'),
    ])
    await expect(ann.removes(cat)).rejects.toMatchObject(roleForbids)
    await mutes(bob, cat)
    await cat.isToldOf('mutedByOthers')
    await bob.removes(ann)
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 5300 })
  })

  it('who is taken off the roster leaves with 0/5317 and does not come in again; the others go on', async () => {
    const { roomId, here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Attendee' })
    const { ann, bob, cat } = here
    await stage.platform.rooms.removeParticipants(roomId, [bob.user])
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 5317 })
    expect(bob.states).toEqual(['None', 'Connecting', 'Connected', 'Disconnected'])
    await Promise.all([ann.seesPeople(cat), cat.seesPeople(ann)])
    await allHearEachOther([ann, cat])
    await Promise.all([ann.hearsNot(bob), cat.hearsNot(bob)])
    await isRefused(bob, roomId, { code: 403, subCode: 5828 })
  })

  it('a room whose time is over, or that is deleted, closes its call for all with 0/7000', async () => {
    const ending = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee' })
    const deleted = await roomMeets(stage, { cat: 'Presenter', dan: 'Attendee' })
    const { ann, bob } = ending.here
    const { cat, dan } = deleted.here
    await stage.platform.rooms.updateRoom(ending.roomId, { validUntil: new Date(Date.now() + 2_000) })
    await stage.platform.rooms.deleteRoom(deleted.roomId)
    for (const one of [ann, bob, cat, dan]) {
      expect(await one.ends()).toMatchObject({ code: 0, subCode: 7000 })
      expect(one.states.at(-1)).toBe('Disconnected')
      expect(await one.callCount()).toBe(0)
    }
    await isRefused(bob, ending.roomId, { code: 403, subCode: 5829 })
    await isRefused(dan, deleted.roomId, { code: 404, subCode: 5732 })
  })
})

async function isRefused(person: Person, roomId: string, end: { code: number; subCode: number }): Promise<void> {
  await person.joins({ roomId })
  expect(await person.ends()).toMatchObject(end)
  expect(person.states).toEqual(['None', 'Connecting', 'Disconnected'])
  expect(await person.callCount()).toBe(0)
}

async function makes(roomId: string, { user }: Person, role: 'Presenter' | 'Attendee' | 'Consumer'): Promise<void> {
  await stage.platform.rooms.addOrUpdateParticipants(roomId, [{ id: user, role }])
}

function mutes(person: Person, other: Person): Promise<void> {
  return person.does(({ participant }, id) => participant(id).mute(), other.id)
}

function rolesSeenBy(person: Person, ...others: Person[]): Promise<unknown[]> {
  const ids = others.map(({ id }) => id)
  return person.does(({ participant }, ids) => ids.map((id) => participant(id).role), ids)
}

function mayDo(person: Person, name: 'hangUpForEveryOne'): Promise<unknown> {
  return person.does(({ call, sdk }, name) => call.feature(sdk.Features.Capabilities).capabilities[name], name)
}

function isSame(expected: unknown): (data: unknown) => boolean {
  return (data) => JSON.stringify(data) === JSON.stringify(expected)
}
