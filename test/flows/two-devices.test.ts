import { describe, expect, it } from '@jest/globals'
import { setStage } from '../support/stage.ts'

describe('somebody with two devices', () => {
  const stage = setStage()

  async function annCallsBob() {
    const { people } = stage
    const ann = await people.arrive('ann', { tone: 440 })
    const laptop = await people.arrive('bob-laptop', { tone: 660 })
    const tablet = await people.arrive('bob-tablet', { tone: 970, sameUserAs: laptop })
    await ann.calls(laptop)
    await Promise.all([laptop.isRung(), tablet.isRung(), ann.reaches('Ringing')])
    return { ann, laptop, tablet }
  }

  it('is rung on both, and answers on one: the other stops ringing and says so', async () => {
    const { ann, laptop, tablet } = await annCallsBob()
    await laptop.answers()
    expect(await tablet.ringEnds()).toMatchObject({ code: 487, subCode: 10003 })
    await Promise.all([ann.hears(laptop), laptop.hears(ann)])
    await ann.hearsNot(tablet)
    expect(await tablet.callCount()).toBe(0)
    expect(await tablet.devicesAsked()).toEqual({ audio: 0, video: 0 })
    await ann.hangsUp()
    expect(await laptop.ends()).toMatchObject({ code: 0, subCode: 0 })
  })

  it('goes on ringing on one when the other declines, and ends when both have', async () => {
    const { ann, laptop, tablet } = await annCallsBob()
    await laptop.declines()
    expect(await laptop.ringEnds()).toMatchObject({ code: 603, subCode: 0 })
    expect(ann.states.at(-1)).toBe('Ringing')
    await tablet.declines()
    expect(await tablet.ringEnds()).toMatchObject({ code: 603, subCode: 0 })
    expect(await ann.ends()).toMatchObject({ code: 603, subCode: 0 })
  })

  it('answers on one after the other has declined', async () => {
    const { ann, laptop, tablet } = await annCallsBob()
    await laptop.declines()
    await tablet.answers()
    await Promise.all([ann.hears(tablet), tablet.hears(ann)])
  })

  it('answers on both in the same moment: one of them wins, the other is told', async () => {
    const { ann, laptop, tablet } = await annCallsBob()
    const answers = await Promise.allSettled([laptop.answers(), tablet.answers()])
    const [winner, loser] = answers[0].status === 'fulfilled' ? [laptop, tablet] : [tablet, laptop]
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 400, subCode: 41006 } })
    expect(await loser.ringEnds()).toMatchObject({ code: 487, subCode: 10003 })
    await Promise.all([ann.hears(winner), winner.hears(ann)])
    await ann.hearsNot(loser)
  })

  it('is rung on a device that connects while it rings', async () => {
    const { people } = stage
    const ann = await people.arrive('ann', { tone: 440 })
    const laptop = await people.arrive('bob-laptop', { tone: 660 })
    await ann.calls(laptop)
    await laptop.isRung()
    const tablet = await people.arrive('bob-tablet', { tone: 970, sameUserAs: laptop })
    await tablet.isRung()
    await tablet.answers()
    expect(await laptop.ringEnds()).toMatchObject({ code: 487, subCode: 10003 })
    await Promise.all([ann.hears(tablet), tablet.hears(ann)])
  })
})
