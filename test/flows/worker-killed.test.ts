import { describe, expect, it } from '@jest/globals'
import { noticeableGapMs } from '../support/body.ts'
import { twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

describe('when a media worker is killed', () => {
  const stage = setStage()

  it('its call goes on in a new router with sound back within a second, and other calls notice nothing', async () => {
    const { platform, people } = stage
    const { ann, bob } = await twoTalk(stage)
    const cat = await people.arrive('cat', { tone: 970 })
    const dan = await people.arrive('dan', { tone: 1190 })
    await cat.calls(dan)
    await dan.isRung()
    await dan.answers()
    await Promise.all([cat.hears(dan), dan.hears(cat)])
    const { callId } = ann
    // Three times, because one hiccup of a busy machine says nothing about the platform.
    const gapsMs: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const [path = ''] = await ann.mediaPaths()
      // Two calls on two workers: otherwise there would be nobody to notice nothing.
      expect(await cat.mediaPaths()).not.toContain(path)
      const worker = platform.workerOn(Number(path.split(' ')[1]))
      const made = { ann: await ann.connectionsMade(), bob: await bob.connectionsMade() }
      await Promise.all([ann, bob, cat, dan].map((person) => person.listens()))
      process.kill(worker, 'SIGKILL')

      await until('new worker', () => {
        const pids = platform.workerPids()
        const isBack = pids.length === 2 && !pids.includes(worker)
        return isBack ? { found: true } : { sawOnly: `workers ${pids.join(', ')}` }
      })
      await Promise.all([ann.rebuildsMedia(made.ann), bob.rebuildsMedia(made.bob)])
      await Promise.all([ann.hears(bob), bob.hears(ann)])
      const [atAnn, atBob] = await Promise.all([ann.hearing(bob), bob.hearing(ann)])
      gapsMs.push(Math.max(atAnn.longestGapMs, atBob.longestGapMs))
      expect((await cat.hearing(dan)).longestGapMs).toBeLessThan(noticeableGapMs)
      expect((await dan.hearing(cat)).longestGapMs).toBeLessThan(noticeableGapMs)
    }
    expect(gapsMs.toSorted((one, other) => one - other)[1]).toBeLessThanOrEqual(1_000)
    expect([ann.callId, bob.callId]).toEqual([callId, callId])
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected'])
    expect(bob.states).toEqual(['Connecting', 'Connected'])

    await ann.hangsUp()
    expect(await bob.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('brings pictures and mutes back as they were', async () => {
    const { platform } = stage
    const { ann, bob } = await twoTalk(stage, { withPicture: true })
    await ann.seesCamera(true)
    await ann.viewsPicture()
    await ann.seesMovement()
    await bob.mutes()
    await ann.hearsNot(bob)
    const [path = ''] = await ann.mediaPaths()
    const made = await ann.connectionsMade()
    process.kill(platform.workerOn(Number(path.split(' ')[1])), 'SIGKILL')

    await ann.rebuildsMedia(made)
    await bob.hears(ann)
    await ann.seesMovement()
    await ann.hearsNot(bob)
    expect(ann.seenMutes).toEqual([true])
    await bob.unmutes()
    await ann.hears(bob)
  })
})
