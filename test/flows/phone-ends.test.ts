import { beforeAll, describe, expect, it } from '@jest/globals'
import { setFarEnds } from '../support/far-ends/far-ends.ts'
import { SilentTrunk } from '../support/far-ends/silent-trunk.ts'
import { Sipp, type Answering } from '../support/far-ends/sipp.ts'
import type { Person } from '../support/person.ts'
import { phoneCalls, settleNumber, settleTrunks } from '../support/phone-network.ts'
import { freePorts } from '../support/ports.ts'
import { setStage } from '../support/stage.ts'

const showing = '+4930900'

// prettier-ignore
const answers = [
  { last: '0486', is: { first: [180], answer: { status: 486, phrase: 'Busy Here' } },       code: 486, subCode: 560486 },
  { last: '0603', is: { first: [180], answer: { status: 603, phrase: 'Decline' } },         code: 603, subCode: 560603 },
  { last: '0600', is: { answer: { status: 600, phrase: 'Busy Everywhere' } },               code: 486, subCode: 560486 },
  { last: '0404', is: { answer: { status: 404, phrase: 'Not Found' } },                     code: 404, subCode: 560404 },
  { last: '0480', is: { first: [180], answer: { status: 480, phrase: 'Unavailable' } },     code: 480, subCode: 560480 },
  { last: '0484', is: { answer: { status: 484, phrase: 'Address Incomplete' } },            code: 484, subCode: 560484 },
  { last: '0403', is: { answer: { status: 403, phrase: 'Forbidden' } },                     code: 403, subCode: 560403 },
  { last: '0500', is: { answer: { status: 500, phrase: 'Server Internal Error' } },         code: 500, subCode: 560500 },
  { last: '0503', is: { answer: { status: 503, phrase: 'Service Unavailable' } },           code: 503, subCode: 560503 },
  { last: '0302', is: { answer: { status: 302, phrase: 'Moved Temporarily',
                                  headers: ['Contact: <sip:+4930999@127.0.0.1:9>'] } },     code: 410, subCode: 560302 },
] satisfies { last: string; is: Answering; code: number; subCode: number }[]

describe('a phone that is called and does not come', () => {
  const stage = setStage({ RING_LIMIT_S: '12' })
  const farEnds = setFarEnds()
  const far = new Map<string, Sipp>()
  let silent: SilentTrunk
  let second: Sipp
  let alone: SilentTrunk
  beforeAll(async () => {
    const ringing = { last: '0999', is: { first: [180] } satisfies Answering }
    const busy = { first: [180], answer: { status: 486, phrase: 'Busy Here' } } satisfies Answering
    const started = [...answers, ringing].map(async ({ last, is }) => {
      far.set(last, await farEnds.add(Sipp.start(`the far end ${last}`, is)))
    })
    await Promise.all(started)
    second = await farEnds.add(Sipp.start('the second trunk', busy))
    silent = await farEnds.add(SilentTrunk.open())
    alone = await farEnds.add(SilentTrunk.open())
    const down = await freePorts(1)
    const trunks = [
      ...[...far].map(([last, { port }]) => ({ fqdn: `t${last}.pbx.test`, port })),
      { fqdn: 'silent.pbx.test', port: silent.port },
      { fqdn: 'second.pbx.test', port: second.port },
      { fqdn: 'alone.pbx.test', port: alone.port },
      { fqdn: 'down.pbx.test', port: down, more: { transport: 'tcp' } },
    ]
    const routes = [...far.keys()].map((last) => ({ pattern: `${last}$`, over: [`t${last}.pbx.test`] }))
    await settleNumber(stage.platform, { number: showing })
    await settleTrunks(stage.platform, trunks, [
      ...routes,
      { pattern: '0001$', over: ['silent.pbx.test', 'second.pbx.test'] },
      { pattern: '0002$', over: ['alone.pbx.test'] },
      { pattern: '0003$', over: ['down.pbx.test'] },
    ])
  }, 60_000)

  /** Calls a number and waits for the end. */
  async function endOf(person: Person, last: string) {
    await person.calls({ phoneNumber: `+493011${last}` }, { showing })
    return person.ends(20_000)
  }

  it('ends the call with what its network said, and says it in the record', async () => {
    const ann = await stage.people.arrive('ann')
    for (const { last, is, code, subCode } of answers) {
      expect({ last, ...(await endOf(ann, last)) }).toMatchObject({ last, code, subCode })
      const ringing = 'first' in is ? ['Ringing'] : []
      expect({ last, states: ann.states }).toEqual({ last, states: ['None', 'Connecting', ...ringing, 'Disconnected'] })
      const [record] = await phoneCalls(stage.platform, `+493011${last}`)
      expect(record).toMatchObject({ direction: 'out', end: { code, subCode }, sipStatus: is.answer.status })
      expect(record?.answeredAt).toBeUndefined()
      expect(far.get(last)?.calls).toHaveLength(1)
    }
  })

  it('is called over the second trunk within four seconds when the first one swallows everything', async () => {
    const ann = await stage.people.arrive('ann')
    await ann.calls({ phoneNumber: '+4930110001' }, { showing })
    const tried = await silent.isCalled()
    await second.isCalled(1)
    expect(performance.now() - tried).toBeLessThan(4000)
    expect(await ann.ends()).toMatchObject({ code: 486, subCode: 560486 })
    expect([silent.calls, second.calls.length]).toEqual([1, 1])
  })

  it('rings until the limit, and is not even called while its only trunk is down or swallows everything', async () => {
    const [ann, bob, cat] = (await Promise.all(['ann', 'bob', 'cat'].map((name) => stage.people.arrive(name)))) as [
      Person,
      Person,
      Person,
    ]
    const ends = [endOf(ann, '0999'), endOf(bob, '0002'), endOf(cat, '0003')]
    const [unanswered, ...away] = await Promise.all(ends)
    expect(unanswered).toMatchObject({ code: 487, subCode: 10_004 })
    expect(ann.states).toEqual(['None', 'Connecting', 'Ringing', 'Disconnected'])
    await far.get('0999')?.isTold('CANCEL')
    for (const end of away) expect(end).toMatchObject({ code: 503, subCode: 560503 })
    expect(alone.calls).toBe(1)
  })

  it('is not dialled again by a server that was killed while it rang', async () => {
    const ann = await stage.people.arrive('ann')
    const phone = far.get('0999')
    const before = phone?.calls.length ?? 0
    await ann.calls({ phoneNumber: '+4930110999' }, { showing })
    await ann.reaches('Ringing')
    await stage.platform.kill9()
    await stage.platform.startAgain()
    // Whose link comes back after the end learns only that the call is gone.
    expect([503, 496]).toContain((await ann.ends(20_000)).code)
    const [record] = await phoneCalls(stage.platform, '+4930110999')
    expect(record).toMatchObject({ end: { code: 503, subCode: 500_001 } })
    expect(phone?.calls).toHaveLength(before + 1)
  })
})
