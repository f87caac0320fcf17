import { describe, expect, it } from '@jest/globals'
import { RawClient } from '../support/raw-client.ts'
import { twoAreHere } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { within } from '../support/until.ts'

describe('two people who call each other at once', () => {
  const stage = setStage()

  it('are in one connected call and hear each other', async () => {
    const { ann, bob } = await twoAreHere(stage)
    await Promise.all([ann.calls(bob), bob.calls(ann)])
    await Promise.all([ann.reaches('Connected'), bob.reaches('Connected')])
    expect(ann.callId).toBe(bob.callId)
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    expect(await ann.callCount()).toBe(1)
    expect(await bob.callCount()).toBe(1)
    await ann.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it.each([
    ['ann', 'bob'],
    ['bob', 'ann'],
  ] as const)('are, too, when %s calls first and %s calls back instead of answering', async (first, second) => {
    const both = await twoAreHere(stage)
    await both[first].calls(both[second])
    await both[second].isRung()
    await both[second].calls(both[first])
    await Promise.all([both.ann.reaches('Connected'), both.bob.reaches('Connected')])
    expect(both.ann.callId).toBe(both.bob.callId)
    await Promise.all([both.ann.hears(both.bob), both.bob.hears(both.ann)])
    // The ringing is over: it was answered, in a way of its own.
    expect(await both[second].ringEnds()).toMatchObject({ code: 487, subCode: 10003 })
    expect(await both[second].callCount()).toBe(1)
  })

  it('are in one call in each of a hundred rounds, whichever order the server saw', async () => {
    const { platform } = stage
    const [one, other] = await Promise.all(
      ['one', 'other'].map(async (name) => {
        const { token, user } = await platform.identities.createUserAndToken(['voip'])
        return { client: await RawClient.hello(name, platform.url, token), id: user.communicationUserId }
      }),
    )
    if (one === undefined || other === undefined) throw new Error('Two were asked for.')
    for (let round = 0; round < 100; round += 1) {
      const [first, second] = round % 2 === 0 ? [one, other] : [other, one]
      const [hers, his] = await within(
        10_000,
        `two replies in round ${round}`,
        Promise.all([first.client.startCall(second.id), second.client.startCall(first.id)]),
      )
      const { callId } = hers.call
      expect(his.call.callId).toBe(callId)
      const legs = await platform.database.liveLegs(callId)
      expect(legs).toEqual(['Connecting', 'Connecting'])
      await one.client.ask('call.hangUp', { callId })
      await Promise.all([
        one.client.hears('call.ended', ({ call }) => call.callId === callId),
        other.client.hears('call.ended', ({ call }) => call.callId === callId),
      ])
    }
    await Promise.all([one.client.close(), other.client.close()])
    expect(await platform.database.liveCalls()).toBe(0)
  })
})
