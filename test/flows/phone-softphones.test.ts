import { afterEach, describe, expect, it } from '@jest/globals'
import { setStage } from '../support/stage.ts'
import { Telephone } from '../support/telephone.ts'

describe('a number that a desk phone and a softphone both have', () => {
  const stage = setStage()
  const telephones: Telephone[] = []
  afterEach(async () => {
    await Promise.all(telephones.splice(0).map((one) => one.goes()))
  })

  async function telephone(name: string, toneHz: number): Promise<Telephone> {
    const registrar = stage.platform.sipPort
    const started = await Telephone.start({ number: '1001', name, toneHz, registrar, answers: 'manual' })
    telephones.push(started)
    return started
  }

  /** Ann calls the number, and both telephones ring. */
  async function annCalls() {
    const [ann, desk, soft] = await Promise.all([
      stage.people.arrive('ann', { tone: 1190 }),
      telephone('desk', 970),
      telephone('soft', 1510),
    ])
    await ann.calls({ phoneNumber: '1001' })
    await Promise.all([desk, soft].map((one) => one.isTold('CALL_INCOMING')))
    await ann.reaches('Ringing')
    return { ann, desk, soft }
  }

  it('rings at both, is in the call with the one that answers, and the other one shows no missed call', async () => {
    const { ann, desk, soft } = await annCalls()
    await soft.answers()
    await Promise.all([ann.reaches('Connected'), soft.isTold('CALL_ESTABLISHED'), desk.isTold('CALL_CLOSED')])
    await desk.speaksOf('Reason: SIP;cause=200;text="Call completed elsewhere"')
    await Promise.all([ann.hears(soft), soft.hears(ann)])
    await soft.hangsUp()
    expect(await ann.ends()).toMatchObject({ code: 0, subCode: 560_000 })
    expect([desk, soft].map((one) => one.timesTold('CALL_INCOMING'))).toEqual([1, 1])
    expect(desk.timesTold('CALL_ESTABLISHED')).toBe(0)
  })

  it('goes on ringing at one when the other one is busy', async () => {
    const { ann, desk, soft } = await annCalls()
    await desk.hangsUp()
    await desk.isTold('CALL_CLOSED')
    await soft.answers()
    await ann.reaches('Connected')
    await Promise.all([ann.hears(soft), soft.hears(ann)])
    await ann.hangsUp()
    await soft.isTold('CALL_CLOSED')
  })

  it('is busy when both are, and stops ringing at both when the caller gives up', async () => {
    const { ann, desk, soft } = await annCalls()
    await Promise.all([desk.hangsUp(), soft.hangsUp()])
    expect(await ann.ends()).toMatchObject({ code: 486, subCode: 560_486 })
    await ann.calls({ phoneNumber: '1001' })
    await Promise.all([desk, soft].map((one) => one.isTold('CALL_INCOMING')))
    await ann.hangsUp()
    await Promise.all([desk, soft].map((one) => one.speaksOf('CANCEL sip:')))
    expect(await ann.ends()).toMatchObject({ code: 487, subCode: 0 })
  })
})
