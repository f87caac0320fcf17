import { describe, expect, it } from '@jest/globals'
import { setTimeout as lasts } from 'node:timers/promises'
import { BareConnection } from '../support/bare-connection.ts'
import { twoTalk, type Two } from '../support/situations.ts'
import { setStageBehindProxy } from '../support/stage-behind-proxy.ts'

const cutMs = 10_000

describe('when the link of one side is cut for 10 s', () => {
  const behind = setStageBehindProxy({ RECONNECT_LIMIT_S: '30' })

  /** One hears the other go on, presses mute meanwhile, and is back with it when the network is. */
  async function livesThrough(cut: 'destroy' | 'swallow', { ann, bob }: Two): Promise<void> {
    const { proxy } = behind
    const annsPage = new URL(ann.page.url()).origin
    await proxy.carries(annsPage)
    const linksBefore = proxy.connections(annsPage).length
    const stoppedBefore = proxy.stopped
    const bare = await BareConnection.between(ann, bob)
    const made = [await ann.connectionsMade(), await bob.connectionsMade()]
    await Promise.all([ann.listens(), bob.listens()])

    proxy[cut](annsPage)
    const cutAt = performance.now()
    await lasts(cutMs / 2) // half of the time that the fault lasts
    expect((await bob.hearing(ann)).longestGapMs).toBeLessThan(await bare.bearableGapMs())
    await ann.mutes()
    expect(await ann.isMuted()).toBe(true)
    await bob.hearsNot(ann, 2_000)
    await lasts(cutMs - (performance.now() - cutAt)) // the other half
    expect(bob.seenMutes).toEqual([])

    proxy.pass(annsPage)
    await bob.seesMuted(true)
    await proxy.carries(annsPage, linksBefore)
    expect((await ann.hearing(bob)).longestGapMs).toBeLessThan(await bare.bearableGapMs())
    expect([await ann.connectionsMade(), await bob.connectionsMade()]).toEqual(made)
    // The SDK did try, and the proxy did stop it.
    expect(proxy.stopped).toBeGreaterThan(stoppedBefore)

    await ann.unmutes()
    await Promise.all([bob.hears(ann), bob.seesMuted(false)])
    expect(bob.seenMutes).toEqual([true, false])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(bob.states).toEqual(['Connecting', 'Connected'])
    await ann.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
  }

  it('sound goes on, and a mute is heard at once and seen once, afterwards, whatever cuts it', async () => {
    const annAndBob = await twoTalk(behind.stage)
    const catAndDan = await twoTalk(behind.stage, { as: ['cat', 'dan'] })
    // Two calls at once, because each takes its ten seconds.
    await Promise.all([livesThrough('destroy', annAndBob), livesThrough('swallow', catAndDan)])
  })
})

describe('when the link of one side is cut for longer than it is waited for', () => {
  const reconnectLimitMs = 3_000
  const behind = setStageBehindProxy({ RECONNECT_LIMIT_S: `${reconnectLimitMs / 1000}` })

  it('he ends with 496/7 and the other with 0/4521, and they can call again', async () => {
    const { stage, proxy } = behind
    const { ann, bob } = await twoTalk(stage)
    const annsPage = new URL(ann.page.url()).origin
    proxy.destroy(annsPage)
    const cutAt = performance.now()
    expect(await bob.ends(reconnectLimitMs + 5_000)).toMatchObject({ code: 0, subCode: 4521 })
    expect(performance.now() - cutAt).toBeGreaterThan(reconnectLimitMs - 1_000)
    await ann.hearsNot(bob)
    proxy.pass(annsPage)
    expect(await ann.ends()).toMatchObject({ code: 496, subCode: 7 })

    await ann.calls(bob)
    await bob.isRung()
    await bob.answers()
    await Promise.all([ann.hears(bob), bob.hears(ann)])
  })

  it('the other ends with 0/4521, too, when a page dies without a word', async () => {
    const { ann, bob } = await twoTalk(behind.stage)
    await ann.crashes()
    const diedAt = performance.now()
    expect(await bob.ends(reconnectLimitMs + 5_000)).toMatchObject({ code: 0, subCode: 4521 })
    expect(performance.now() - diedAt).toBeGreaterThan(reconnectLimitMs - 1_000)
  })
})
