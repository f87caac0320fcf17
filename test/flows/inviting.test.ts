import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { BareConnection } from '../support/bare-connection.ts'
import type { Person } from '../support/person.ts'
import { allHearEachOther, groupMeets, twoInACall, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const ringLimitMs = 4_000

const stage = setStage({ RING_LIMIT_S: `${ringLimitMs / 1000}` })

async function arrive(...names: string[]): Promise<Person[]> {
  return Promise.all(names.map((name) => stage.people.arrive(name, { displayName: name })))
}

/** One calls all others at once, and it rings at each of them. */
async function oneCallsMany(...names: [string, string, string, ...string[]]): Promise<[Person, Person, ...Person[]]> {
  const [caller, ...callees] = (await arrive(...names)) as [Person, Person, ...Person[]]
  await caller.calls(callees)
  await Promise.all([...callees.map((one) => one.isRung()), caller.reaches('Ringing')])
  return [caller, ...callees] as [Person, Person, ...Person[]]
}

/** Adds someone to his call and follows him from the first moment, as an app would that keeps what it was given. */
async function addsAndFollows(one: Person, id: string): Promise<void> {
  await one.does(({ call, tell, kept }, id) => {
    const added = call.addParticipant({ communicationUserId: id })
    kept.set(id, added)
    tell(`state of ${id}`, added.state)
    added.on('stateChanged', () => tell(`state of ${id}`, added.state))
  }, id)
}

function followed(one: Person, id: string): unknown[] {
  return one.journal.notes.flatMap((note) =>
    note.what === 'told' && note.event === `state of ${id}` ? [note.data] : [],
  )
}

/** What the one who added someone reads on him after he has gone. */
function endOf(one: Person, id: string): Promise<{ state: string; code?: number; subCode?: number }> {
  return one.does(({ kept }, id) => {
    const { state, callEndReason } = kept.get(id) as {
      state: string
      callEndReason?: { code: number; subCode: number }
    }
    return { state, ...callEndReason }
  }, id)
}

describe('startCall([a, b, c])', () => {
  it('rings all of them; one declines, one does not answer, and the call goes on with the one who answers', async () => {
    const [ann, bob, cat, dan] = (await oneCallsMany('ann', 'bob', 'cat', 'dan')) as [Person, Person, Person, Person]
    expect((await ann.people()).map(({ state }) => state)).toEqual(['Ringing', 'Ringing', 'Ringing'])
    await bob.declines()
    expect(await bob.ringEnds()).toMatchObject({ code: 603, subCode: 0 })
    await cat.answers()
    await ann.reaches('Connected')
    await Promise.all([ann.hears(cat), cat.hears(ann)])
    expect(await dan.ringEnds(ringLimitMs + 5_000)).toMatchObject({ code: 487, subCode: 10004 })
    await Promise.all([ann.seesPeople(cat), cat.seesPeople(ann)])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(ann.statesOf(bob).at(-1)).toBe('Disconnected')
    expect(ann.statesOf(dan).at(-1)).toBe('Disconnected')
    expect(ann.statesOf(cat)).toEqual(['Connecting', 'Ringing', 'Connected'])
    await Promise.all([ann.hears(cat), cat.hears(ann)])
  })

  it('ends with 487/0 for all when the caller hangs up first', async () => {
    const [ann, ...callees] = await oneCallsMany('ann', 'bob', 'cat')
    await ann.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 487, subCode: 0 })
    for (const one of callees) expect(await one.ringEnds()).toMatchObject({ code: 487, subCode: 0 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnecting', 'Disconnected'])
  })

  it('ends with 603/0 for the caller when all decline', async () => {
    const [ann, bob, cat] = (await oneCallsMany('ann', 'bob', 'cat')) as [Person, Person, Person]
    await bob.declines()
    await ann.sees(cat, { state: 'Ringing' })
    expect(ann.states.at(-1)).toBe('Ringing')
    await cat.declines()
    expect(await ann.ends()).toMatchObject({ code: 603, subCode: 0 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnected'])
  })

  it('goes on for the others when the caller leaves', async () => {
    const [ann, bob, cat] = (await oneCallsMany('ann', 'bob', 'cat')) as [Person, Person, Person]
    await Promise.all([bob.answers(), cat.answers()])
    await allHearEachOther([ann, bob, cat])
    await ann.hangsUp()
    await Promise.all([bob.seesPeople(cat), cat.seesPeople(bob)])
    await Promise.all([bob.hears(cat), cat.hears(bob), bob.hearsNot(ann)])
  })

  it('does not begin with nobody, or with an identifier that cannot be read', async () => {
    const [ann, bob] = (await arrive('ann', 'bob')) as [Person, Person]
    await expect(ann.calls([])).rejects.toMatchObject({ code: 400, subCode: 10044 })
    await expect(ann.calls([bob, 'not an identifier'])).rejects.toMatchObject({ code: 400, subCode: 10044 })
    expect(await ann.callCount()).toBe(0)
    const many = Array.from({ length: 10_000 }, () => `${ann.id.slice(0, -36)}${randomUUID()}`)
    await expect(ann.calls([bob.id, ...many])).rejects.toMatchObject({ code: 400 })
    expect(await ann.callCount()).toBe(0)
    expect(bob.ringCount).toBe(0)
  })
})

describe('addParticipant', () => {
  it('makes a 1:1 call a group call, without a gap in the sound', async () => {
    const { ann, bob } = await twoTalk(stage)
    const [cat] = (await arrive('cat')) as [Person]
    const bare = await BareConnection.between(ann, bob)
    const made = [await ann.connectionsMade(), await bob.connectionsMade()]
    await Promise.all([ann.listens(), bob.listens()])

    await addsAndFollows(ann, cat.id)
    const { from, displayName } = await cat.isRung()
    expect([from, displayName]).toEqual([ann.id, 'Ann'])
    await bob.sees(cat, { state: 'Ringing' })
    await cat.answers()
    await Promise.all([ann.seesPeople(bob, cat), bob.seesPeople(ann, cat), cat.seesPeople(ann, bob)])
    await allHearEachOther([ann, bob, cat])

    expect((await ann.hearing(bob)).longestGapMs).toBeLessThan(await bare.bearableGapMs())
    expect((await bob.hearing(ann)).longestGapMs).toBeLessThan(await bare.bearableGapMs())
    expect([await ann.connectionsMade(), await bob.connectionsMade()]).toEqual(made)
    expect(followed(ann, cat.id)).toEqual(['Connecting', 'Ringing', 'Connected'])
    expect(bob.statesOf(cat).at(-1)).toBe('Connected')
    expect(ann.comingsAndGoings(bob, cat)).toEqual(['+bob', '+cat'])
    expect([ann.states, bob.states]).toEqual([
      ['None', 'Connecting', 'Ringing', 'Connected'],
      ['Connecting', 'Connected'],
    ])

    // A group goes on when one of the first two leaves, and is still one with two.
    await ann.hangsUp()
    await Promise.all([bob.seesPeople(cat), cat.seesPeople(bob)])
    await Promise.all([bob.hears(cat), cat.hears(bob)])
    await cat.hangsUp()
    await bob.seesPeople()
    expect(bob.states.at(-1)).toBe('Connected')
  })

  it('says to the one who added someone, and to nobody else, why he did not come', async () => {
    const { ann, bob } = await twoInACall(stage)
    const [cat, dan] = (await arrive('cat', 'dan')) as [Person, Person]
    const absent = (await stage.platform.identities.createUser()).communicationUserId
    await bob.does(({ call, tell }) => {
      call.on('remoteParticipantsUpdated', ({ removed }) => {
        for (const { callEndReason } of removed) tell('removed', callEndReason ?? null)
      })
    })

    await addsAndFollows(ann, cat.id)
    await addsAndFollows(ann, dan.id)
    await addsAndFollows(ann, absent)
    await Promise.all([cat.isRung(), dan.isRung()])
    await cat.declines()
    expect(await bob.isToldOf('removed')).toBeNull()
    await ann.isToldOf(`state of ${absent}`, (state) => state === 'Disconnected')
    expect(await endOf(ann, absent)).toMatchObject({ state: 'Disconnected', code: 480, subCode: 10037 })
    await ann.isToldOf(`state of ${cat.id}`, (state) => state === 'Disconnected')
    expect(await endOf(ann, cat.id)).toMatchObject({ state: 'Disconnected', code: 603, subCode: 0 })
    expect(followed(ann, cat.id)).toEqual(['Connecting', 'Ringing', 'Disconnected'])

    await ann.isToldOf(`state of ${dan.id}`, (state) => state === 'Disconnected', ringLimitMs + 5_000)
    expect(await endOf(ann, dan.id)).toMatchObject({ state: 'Disconnected', code: 487, subCode: 10004 })
    expect(await dan.ringEnds()).toMatchObject({ code: 487, subCode: 10004 })
    await Promise.all([ann.seesPeople(bob), bob.seesPeople(ann)])
    await Promise.all([ann.hears(bob), bob.hears(ann)])
  })

  it('a 1:1 call stays one when nobody could be rung', async () => {
    const { ann, bob } = await twoInACall(stage)
    const absent = (await stage.platform.identities.createUser()).communicationUserId
    await addsAndFollows(ann, absent)
    await ann.isToldOf(`state of ${absent}`, (state) => state === 'Disconnected')
    expect(await endOf(ann, absent)).toMatchObject({ code: 480, subCode: 10037 })
    await bob.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('gives the same object for someone who is there, or rings, already', async () => {
    const { ann, bob } = await twoInACall(stage)
    const [cat] = (await arrive('cat')) as [Person]
    const isSame = (id: string) =>
      ann.does(({ call }, id) => {
        const added = call.addParticipant({ communicationUserId: id })
        return added === call.addParticipant({ communicationUserId: id }) && call.remoteParticipants.includes(added)
      }, id)
    expect(await isSame(bob.id)).toBe(true)
    expect(await isSame(cat.id)).toBe(true)
    await cat.isRung()
    expect(await isSame(cat.id)).toBe(true)
    await cat.answers()
    await ann.seesPeople(bob, cat)
    expect(await isSame(cat.id)).toBe(true)
    expect([cat.ringCount, bob.ringCount]).toEqual([1, 1])
    expect(ann.comingsAndGoings(bob, cat)).toEqual(['+bob', '+cat'])
  })

  it('throws at once for an identifier that cannot be read, and in a call that is over', async () => {
    const { ann, bob } = await twoInACall(stage)
    await expect(ann.adds('not an identifier')).rejects.toMatchObject({ code: 400, subCode: 10044 })
    expect(await ann.people()).toHaveLength(1)
    await bob.hangsUp()
    await ann.ends()
    await expect(ann.adds(bob)).rejects.toMatchObject({ code: 400 })
  })
})

describe('removeParticipant', () => {
  it("ends the other's call with 0/5300, takes him out of everybody's, and the call goes on", async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    await ann.removes(bob)
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 5300 })
    expect(bob.states.at(-1)).toBe('Disconnected')
    await Promise.all([ann.seesPeople(cat), cat.seesPeople(ann)])
    expect([ann.statesOf(bob).at(-1), cat.statesOf(bob).at(-1)]).toEqual(['Disconnected', 'Disconnected'])
    await Promise.all([ann.hears(cat), cat.hears(ann), ann.hearsNot(bob), cat.hearsNot(bob)])
    await expect(ann.removes(bob)).rejects.toMatchObject({ code: 404 })
    await expect(ann.removes('not an identifier')).rejects.toMatchObject({ code: 400, subCode: 10044 })
  })

  it('takes an invitation back, and he rings no more', async () => {
    const { ann, bob } = await twoInACall(stage)
    const [cat] = (await arrive('cat')) as [Person]
    await addsAndFollows(ann, cat.id)
    await cat.isRung()
    await ann.removes(cat)
    expect(await cat.ringEnds()).toMatchObject({ code: 487, subCode: 0 })
    await Promise.all([ann.seesPeople(bob), bob.seesPeople(ann)])
  })
})

describe('hangUp({ forEveryone: true })', () => {
  it('ends the call for all with 0/4097, for those who still ring as well', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    const [dan] = (await arrive('dan')) as [Person]
    await bob.adds(dan)
    await dan.isRung()
    await ann.endsForAll()
    for (const one of [ann, bob, cat]) expect(await one.ends()).toMatchObject({ code: 0, subCode: 4097 })
    expect(await dan.ringEnds()).toMatchObject({ code: 0, subCode: 4097 })
    expect(bob.states.at(-1)).toBe('Disconnected')
    expect(await ann.callCount()).toBe(0)
  })
})
