import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import type { Person } from '../support/person.ts'
import { allHearEachOther, allHearExactly, groupMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

describe('join({ groupId })', () => {
  it('the first one creates the call, each one hears all others, and the last one out ends it', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [Person, Person, Person]
    await allHearEachOther(all)
    expect(ann.states).toEqual(['None', 'Connecting', 'Connected'])
    expect(await ann.does(({ call }) => [call.direction, call.info.groupId, call.role])).toEqual([
      'Outgoing',
      groupId,
      'Unknown',
    ])

    await bob.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    await ann.seesPeople(cat)
    await ann.hearsNot(bob)
    await cat.hangsUp()
    await ann.seesPeople()
    expect(ann.states.at(-1)).toBe('Connected')
    await ann.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('who comes later is heard and seen by those who are there, and sees them', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob'])
    const cat = await stage.people.arrive('cat')
    await cat.joins({ groupId })
    await cat.seesPeople(...all)
    await allHearEachOther([...all, cat])
  })

  it('five people hear each other, all at once', async () => {
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat', 'dan', 'eve'])
    await allHearEachOther(all)
  })

  it('of eight people three speak, and each one hears exactly them', async () => {
    const listeners = ['dan', 'eve', 'fay', 'gus', 'hal']
    const { all } = await groupMeets(stage, ['ann', 'bob', 'cat', ...listeners], { muted: listeners })
    const speakers = all.slice(0, 3)
    await allHearExactly(all, speakers)
    const [ann, , , dan] = all as [Person, Person, Person, Person]
    await Promise.all([ann.mutes(), dan.unmutes()])
    await allHearExactly(all, [...speakers.slice(1), dan])
  })

  it('a GUID that is none is refused by join() itself, and no call is there', async () => {
    const ann = await stage.people.arrive('ann')
    await expect(ann.joins({ groupId: 'my group' })).rejects.toMatchObject({ code: 400, subCode: 5751 })
    expect(await ann.callCount()).toBe(0)
    await ann.joins({ groupId: randomUUID().toUpperCase() })
    await ann.reaches('Connected')
  })
})

describe('remoteParticipants', () => {
  it('come with displayName, isMuted and an endpoint, and remoteParticipantsUpdated says who came and who left', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob'])
    const [ann, bob] = all as [Person, Person]
    const cat = await stage.people.arrive('cat', { displayName: 'Cat the Third' })
    await cat.joins({ groupId }, { muted: true })
    await ann.sees(cat, { displayName: 'Cat the Third', state: 'Connected', isMuted: true, endpoints: 1 })
    await cat.sees(bob, { displayName: 'bob', state: 'Connected', isMuted: false, endpoints: 1 })
    await cat.unmutes()
    await Promise.all([ann.sees(cat, { isMuted: false }), bob.sees(cat, { isMuted: false })])

    await cat.hangsUp()
    await Promise.all([ann.seesPeople(bob), bob.seesPeople(ann)])
    expect(ann.comingsAndGoings(bob, cat)).toEqual(['+bob', '+cat', '-cat'])
    expect(ann.statesOf(cat).at(-1)).toBe('Disconnected')
    // What one who has left was told last is the end of his own call.
    await cat.ends()
    expect(cat.comingsAndGoings(ann, bob).toSorted()).toEqual(['+ann', '+bob', '-ann', '-bob'])
  })

  it('several agents of one user are one participant with two endpoints, and each one hears and is heard', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob'])
    const [ann, bob] = all as [Person, Person]
    const tablet = await stage.people.arrive('tablet', { sameUserAs: bob })
    await tablet.joins({ groupId })
    await ann.sees(bob, { state: 'Connected', endpoints: 2 })
    expect(await ann.people()).toHaveLength(1)
    // One's own other device is nobody else.
    await Promise.all([tablet.seesPeople(ann), bob.seesPeople(ann)])
    await Promise.all([ann.hears(bob), ann.hears(tablet), tablet.hears(ann), bob.hears(ann)])

    await bob.hangsUp()
    await ann.sees(tablet, { state: 'Connected', endpoints: 1 })
    await ann.hearsNot(bob)
    await ann.hears(tablet)
    expect(ann.comingsAndGoings(bob)).toEqual(['+bob'])
    expect(ann.statesOf(bob)).not.toContain('Disconnected')
    await tablet.hangsUp()
    await ann.seesPeople()
    expect(ann.comingsAndGoings(bob)).toEqual(['+bob', '-bob'])
  })

  it('who leaves and comes again is there anew, once, and is heard', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob'])
    const [ann, bob] = all as [Person, Person]
    await bob.hangsUp()
    await bob.ends()
    await ann.seesPeople()
    await bob.joins({ groupId })
    await ann.seesPeople(bob)
    expect(ann.comingsAndGoings(bob)).toEqual(['+bob', '-bob', '+bob'])
    await allHearEachOther(all)
    expect(bob.callId).toBe(ann.callId)
  })

  it('who comes again after his page has died is the same participant', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob'])
    const [ann, bob] = all as [Person, Person]
    await ann.does(({ kept, participant }, id) => void kept.set('bob', participant(id)), bob.id)
    await bob.crashes()
    const again = await stage.people.arrive('bobs-new-page', { sameUserAs: bob })
    await again.joins({ groupId })
    await ann.sees(again, { state: 'Connected' })
    await Promise.all([ann.hears(again), again.hears(ann)])
    expect(await ann.does(({ kept, participant }, id) => kept.get('bob') === participant(id), bob.id)).toBe(true)
    expect(ann.comingsAndGoings(bob)).toEqual(['+bob'])
  })
})
