import { describe, expect, it } from '@jest/globals'
import { BareConnection } from '../support/bare-connection.ts'
import type { Person } from '../support/person.ts'
import { twoAreHere, twoTalk } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

describe('when a media worker is killed', () => {
  const stage = setStage({}, { mayLog: ['worker.died'] })

  it('its call goes on in a new router with sound back within a second, and other calls notice nothing', async () => {
    const { platform, people } = stage
    const { ann, bob } = await twoAreHere(stage)
    const cat = await people.arrive('cat', { tone: 970 })
    const dan = await people.arrive('dan', { tone: 1190 })
    const bare = await BareConnection.between(cat, dan)
    // Three times, because one hiccup of a busy machine says nothing about the platform.
    const gapsMs: number[] = []
    for (let round = 0; round < 3; round += 1) {
      await talk(ann, bob)
      await talk(cat, dan)
      const { callId } = ann
      const worker = await workerOf(ann)
      // Two calls on two workers: otherwise there would be nobody to notice nothing.
      expect(await workerOf(cat)).not.toBe(worker)
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
      const bearableMs = await bare.bearableGapMs()
      expect((await cat.hearing(dan)).longestGapMs).toBeLessThan(bearableMs)
      expect((await dan.hearing(cat)).longestGapMs).toBeLessThan(bearableMs)

      expect([ann.callId, bob.callId]).toEqual([callId, callId])
      await Promise.all([ann.hangsUp(), cat.hangsUp()])
      const ends = await Promise.all([ann, bob, cat, dan].map((person) => person.ends()))
      for (const end of ends) expect(end).toMatchObject({ code: 0, subCode: 0 })
      expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Connected', 'Disconnecting', 'Disconnected'])
      expect(bob.states).toEqual(['Connecting', 'Connected', 'Disconnected'])
    }
    expect(gapsMs.toSorted((one, other) => one - other)[1]).toBeLessThanOrEqual(1_000)
  })

  it('brings pictures and mutes back as they were', async () => {
    const { ann, bob } = await twoTalk(stage, { withPicture: true })
    await ann.seesCamera(true)
    await ann.viewsPicture()
    await ann.seesMovement()
    await bob.mutes()
    await ann.hearsNot(bob)
    const made = await ann.connectionsMade()
    process.kill(await workerOf(ann), 'SIGKILL')

    await ann.rebuildsMedia(made)
    await bob.hears(ann)
    await ann.seesMovement()
    await ann.hearsNot(bob)
    expect(ann.seenMutes).toEqual([true])
    await bob.unmutes()
    await ann.hears(bob)
  })

  async function talk(caller: Person, callee: Person): Promise<void> {
    await caller.calls(callee)
    await callee.isRung()
    await callee.answers()
    await Promise.all([caller.hears(callee), callee.hears(caller)])
  }

  /** The process that a person's media goes through. */
  async function workerOf(person: Person): Promise<number> {
    const ports = (await person.mediaPaths()).map((path) => Number(path.split(' ')[1]))
    const port = ports.find((port) => stage.platform.mediaPorts.includes(port))
    return stage.platform.workerOn(port ?? Number.NaN)
  }
})
