import { afterEach, describe, expect, it } from '@jest/globals'
import { oneRings, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const ringLimitMs = 12_000

describe('when the whole process is killed and started again', () => {
  const stage = setStage({ RING_LIMIT_S: `${ringLimitMs / 1000}` })
  afterEach(async () => {
    // A test that failed in between leaves nobody to talk to for the next.
    if (!stage.platform.isRunning) await stage.platform.startAgain()
  })

  it('a call that rang goes on ringing and ends on time', async () => {
    const { ann, bob } = await oneRings(stage)
    const rangAt = performance.now()
    await stage.platform.kill9()
    await stage.platform.startAgain()
    const [annsEnd, bobsEnd] = await Promise.all([ann.ends(ringLimitMs + 5_000), bob.ringEnds(ringLimitMs + 5_000)])
    const rangMs = performance.now() - rangAt
    expect(annsEnd).toMatchObject({ code: 487, subCode: 10004 })
    expect(bobsEnd).toMatchObject({ code: 487, subCode: 10004 })
    expect(rangMs).toBeGreaterThan(ringLimitMs - 2_000)
    expect(rangMs).toBeLessThan(ringLimitMs + 3_000)
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnected'])
    expect(bob.ringCount).toBe(1)
  })

  it('a call that rang can be answered afterwards', async () => {
    const { ann, bob } = await oneRings(stage)
    await stage.platform.kill9()
    await stage.platform.startAgain()
    await bob.answers()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
  })

  it('a call that ran goes on: the same call, and both hear each other again', async () => {
    const { ann, bob } = await twoTalk(stage)
    const { callId } = ann
    await stage.platform.kill9()
    await Promise.all([ann.hearsNot(bob), bob.hearsNot(ann)])
    await stage.platform.startAgain()
    await Promise.all([ann.hears(bob, 30_000), bob.hears(ann, 30_000)])
    expect([ann.callId, bob.callId]).toEqual([callId, callId])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(bob.states).toEqual(['Connecting', 'Connected'])
    expect(ann.connectionStates).toEqual([])

    await bob.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 0 })
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
  })
})
