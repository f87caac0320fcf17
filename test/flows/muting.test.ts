import { describe, expect, it } from '@jest/globals'
import type { Person } from '../support/person.ts'
import { allHearEachOther, allHearExactly, groupMeets, roomMeets, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

describe('mute() and unmute()', () => {
  it('change isMuted here and there, each once, and are heard', async () => {
    const { all, ann, bob, cat } = await threeMeet()
    await allHearEachOther(all)
    await bob.mutes()
    expect(await bob.isMuted()).toBe(true)
    await Promise.all([ann.sees(bob, { isMuted: true }), cat.sees(bob, { isMuted: true })])
    await allHearExactly(all, [ann, cat])
    await bob.mutes()
    await bob.unmutes()
    expect(await bob.isMuted()).toBe(false)
    await Promise.all([ann.sees(bob, { isMuted: false }), cat.sees(bob, { isMuted: false })])
    await allHearEachOther(all)
    expect(bob.ownMutes).toEqual([true, false])
    expect([ann.mutesOf(bob), cat.mutesOf(bob)]).toEqual([
      [true, false],
      [true, false],
    ])
    expect([ann.ownMutes, ann.mutesOf(cat), bob.toldOf('mutedByOthers')]).toEqual([[], [], []])
  })
})

describe('remoteParticipant.mute()', () => {
  it('mutes one participant, who is told by mutedByOthers, and may unmute himself', async () => {
    const { all, ann, bob, cat } = await threeMeet()
    await allHearEachOther(all)
    await bob.does(({ call, tell }) => call.on('mutedByOthers', () => tell('isMuted then', call.isMuted)))
    await mutes(ann, bob)
    expect(await bob.isToldOf('isMuted then')).toBe(true)
    await Promise.all([ann.sees(bob, { isMuted: true }), cat.sees(bob, { isMuted: true })])
    await allHearExactly(all, [ann, cat])
    expect([bob.ownMutes, ann.ownMutes, cat.ownMutes]).toEqual([[true], [], []])
    expect([ann.toldOf('mutedByOthers'), cat.toldOf('mutedByOthers')]).toEqual([[], []])

    await bob.unmutes()
    await Promise.all([ann.sees(bob, { isMuted: false }), cat.sees(bob, { isMuted: false })])
    await allHearEachOther(all)

    // Who is muted already is not told again.
    await bob.mutes()
    await ann.sees(bob, { isMuted: true })
    await mutes(cat, bob)
    await bob.unmutes()
    await allHearEachOther(all)
    expect(bob.toldOf('mutedByOthers')).toHaveLength(1)
    expect(bob.ownMutes).toEqual([true, false, true, false])
    expect(cat.mutesOf(bob)).toEqual([true, false, true, false])
  })

  it('reaches who is on hold as well: he is muted when he resumes', async () => {
    const { all, ann, bob, cat } = await threeMeet()
    await allHearEachOther(all)
    await bob.holds()
    await mutes(ann, bob)
    await bob.isToldOf('mutedByOthers')
    await bob.resumes()
    await allHearExactly(all, [ann, cat])
    await bob.unmutes()
    await allHearEachOther(all)
  })

  it('of somebody who has left rejects', async () => {
    const { ann, bob, cat } = await threeMeet()
    await ann.does(({ kept, participant }, id) => void kept.set('bob', participant(id)), bob.id)
    await bob.hangsUp()
    await ann.seesPeople(cat)
    const muting = ann.does(({ kept }) => (kept.get('bob') as { mute(): Promise<void> }).mute())
    await expect(muting).rejects.toMatchObject({ code: 404 })
    expect(cat.ownMutes).toEqual([])
  })
})

describe('muteAllRemoteParticipants()', () => {
  it('mutes everybody else, who are told, and may unmute themselves', async () => {
    const { all, ann, bob, cat } = await threeMeet()
    await allHearEachOther(all)
    await mutesAll(ann)
    await Promise.all([bob.isToldOf('mutedByOthers'), cat.isToldOf('mutedByOthers')])
    await Promise.all([ann.sees(bob, { isMuted: true }), ann.sees(cat, { isMuted: true })])
    await Promise.all([bob.sees(cat, { isMuted: true }), cat.sees(ann, { isMuted: false })])
    await allHearExactly(all, [ann])
    expect([ann.ownMutes, bob.ownMutes, cat.ownMutes]).toEqual([[], [true], [true]])

    // Who was muted by it may do the same, muted as he is.
    await mutesAll(bob)
    await ann.isToldOf('mutedByOthers')
    await allHearExactly(all, [])
    await Promise.all(all.map((one) => one.unmutes()))
    await allHearEachOther(all)
    expect([ann.mutesOf(bob), bob.mutesOf(ann), cat.mutesOf(ann)]).toEqual([
      [true, false],
      [true, false],
      [true, false],
    ])
    expect(await Promise.all(all.map((one) => one.isMuted()))).toEqual([false, false, false])
  })
})

describe('muting others is refused', () => {
  it('to Attendees and Consumers of a room, and everybody is heard as before', async () => {
    const { here } = await roomMeets(stage, { ann: 'Presenter', bob: 'Attendee', cat: 'Consumer' })
    const { ann, bob, cat } = here
    const all = [ann, bob, cat]
    const roleForbids = { code: 403, subCode: 0 }
    for (const one of [bob, cat]) {
      await expect(mutes(one, ann)).rejects.toMatchObject(roleForbids)
      await expect(mutesAll(one)).rejects.toMatchObject(roleForbids)
      expect(await mayMuteOthers(one)).toEqual({ isPresent: false, reason: 'RoleRestricted' })
    }
    await allHearExactly(all, [ann, bob])
    expect(ann.ownMutes).toEqual([])

    expect(await mayMuteOthers(ann)).toEqual({ isPresent: true, reason: 'Capable' })
    await mutesAll(ann)
    await bob.isToldOf('mutedByOthers')
    await allHearExactly(all, [ann])
    // Who may not speak was muted all the time.
    await expect(cat.unmutes()).rejects.toMatchObject({ code: 400, subCode: 41016 })
    expect([cat.ownMutes, cat.toldOf('mutedByOthers')]).toEqual([[true], []])
    await bob.unmutes()
    await allHearExactly(all, [ann, bob])
  })

  it('in a call of two', async () => {
    const { ann, bob } = await twoTalk(stage)
    await expect(mutes(ann, bob)).rejects.toMatchObject({ code: 400 })
    await expect(mutesAll(bob)).rejects.toMatchObject({ code: 400 })
    await allHearEachOther([ann, bob])
    expect([ann.ownMutes, bob.ownMutes]).toEqual([[], []])
  })
})

async function threeMeet(): Promise<{ all: Person[]; ann: Person; bob: Person; cat: Person }> {
  const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
  const [ann, bob, cat] = all as [Person, Person, Person]
  return { all, ann, bob, cat }
}

function mutes(person: Person, other: Person): Promise<void> {
  return person.does(({ participant }, id) => participant(id).mute(), other.id)
}

function mutesAll(person: Person): Promise<void> {
  return person.does(({ call }) => call.muteAllRemoteParticipants())
}

function mayMuteOthers(person: Person): Promise<unknown> {
  return person.does(({ call, sdk }) => call.feature(sdk.Features.Capabilities).capabilities.muteOthers)
}
