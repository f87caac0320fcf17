import { beforeAll, describe, expect, it } from '@jest/globals'
import { oneRings, twoTalk, type Two } from '../support/situations.ts'
import { setStageBehindProxy } from '../support/stage-behind-proxy.ts'
import { setStage } from '../support/stage.ts'

const ringLimitMs = 30_000

describe('when the whole process is killed and started again', () => {
  const stage = setStage({ RING_LIMIT_S: `${ringLimitMs / 1000}` }, { leaveAfter: 'all' })
  let talking: Two
  let ringing: Two
  let answering: Two
  let callIds: { talking: string; answering: string }
  let rangAt: number

  /** Three calls live through the same death. */
  beforeAll(async () => {
    talking = await twoTalk(stage)
    answering = await oneRings(stage, { as: ['eve', 'fay'] })
    ringing = await oneRings(stage, { as: ['cat', 'dan'] })
    rangAt = performance.now()
    callIds = { talking: talking.ann.callId, answering: answering.ann.callId }
    await stage.platform.kill9()
    const { ann, bob } = talking
    await Promise.all([ann.hearsNot(bob), bob.hearsNot(ann)])
    await stage.platform.startAgain()
  }, 90_000)

  it('a call that ran goes on: the same call, and both hear each other again', async () => {
    const { ann, bob } = talking
    await Promise.all([ann.hears(bob, 30_000), bob.hears(ann, 30_000)])
    expect([ann.callId, bob.callId]).toEqual([callIds.talking, callIds.talking])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(bob.states).toEqual(['Connecting', 'Connected'])
    expect(ann.connectionStates).toEqual([])

    await bob.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('a call that rang can be answered afterwards, and both hear each other', async () => {
    const { ann: eve, bob: fay } = answering
    await fay.answers()
    await Promise.all([eve.hears(fay), fay.hears(eve)])
    expect([eve.callId, fay.callId]).toEqual([callIds.answering, callIds.answering])
    expect(eve.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(fay.ringCount).toBe(1)
  })

  it('a call that rang and is not answered ends on time', async () => {
    const { ann: cat, bob: dan } = ringing
    const [catsEnd, dansEnd] = await Promise.all([cat.ends(ringLimitMs), dan.ringEnds(ringLimitMs)])
    expect(catsEnd).toMatchObject({ code: 487, subCode: 10004 })
    expect(dansEnd).toMatchObject({ code: 487, subCode: 10004 })
    const rangMs = cat.endedAt - rangAt
    expect(rangMs).toBeGreaterThan(ringLimitMs - 2_000)
    expect(rangMs).toBeLessThan(ringLimitMs + 3_000)
    expect(cat.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnected'])
    expect(dan.ringCount).toBe(1)
  })
})

describe('when the process is killed while the link of one side is cut', () => {
  const behind = setStageBehindProxy()

  it('and the call ends before the link is back, that side learns how it ended', async () => {
    const { stage, proxy } = behind
    const { ann, bob } = await twoTalk(stage)
    const annsPage = new URL(ann.page.url()).origin
    await proxy.carries(annsPage)
    proxy.destroy(annsPage)
    await stage.platform.kill9()
    await stage.platform.startAgain()
    await bob.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(ann.states.at(-1)).toBe('Connected')

    proxy.pass(annsPage)
    // By now it is tried every few seconds.
    expect(await ann.ends(20_000)).toMatchObject({ code: 0, subCode: 0 })
    expect(ann.connectionStates).toEqual([])
  })
})
