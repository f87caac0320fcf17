import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { allHearEachOther, groupMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

describe('join({ groupId })', () => {
  it('the first one creates the call, each one hears all others, and the last one out ends it', async () => {
    const { groupId, all } = await groupMeets(stage, ['ann', 'bob', 'cat'])
    const [ann, bob, cat] = all as [(typeof all)[0], (typeof all)[0], (typeof all)[0]]
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

  it('a GUID that is none is refused by join() itself, and no call is there', async () => {
    const ann = await stage.people.arrive('ann')
    await expect(ann.joins({ groupId: 'my group' })).rejects.toMatchObject({ code: 400, subCode: 5751 })
    expect(await ann.callCount()).toBe(0)
    await ann.joins({ groupId: randomUUID().toUpperCase() })
    await ann.reaches('Connected')
  })
})
