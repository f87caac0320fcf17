import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Person } from '../support/person.ts'
import { setStage } from '../support/stage.ts'
import { until } from '../support/until.ts'

const inARow = 50
const atOnce = 20
/** Longer than idle connections to the database and to HTTP clients are kept. */
const settlesWithinMs = 45_000

describe('calls leave nothing behind', () => {
  const stage = setStage({}, { leaveAfter: 'all' })
  let callers: Person[]
  let callees: Person[]

  /** Everybody connects first: what is counted is what calls leave, not what people do who are still there. */
  beforeAll(async () => {
    const { people } = stage
    const crowd = async (name: string) => {
      const heads = [await people.arrive(`${name}-a`), await people.arrive(`${name}-b`)]
      const others = Array.from({ length: atOnce - heads.length }, (_, n) => n)
      const seated = others.map((n) => {
        const beside = heads[n % heads.length]
        return people.arrive(`${name}-${n}`, beside === undefined ? {} : { beside })
      })
      return [...heads, ...(await Promise.all(seated))]
    }
    callers = await crowd('caller')
    callees = await crowd('callee')
    // Once for everything that is made at the first call and kept for good.
    await Promise.all(callers.map((caller, n) => callAndHangUp(caller, at(callees, n))))
  }, 90_000)

  it(`${inARow} one after another`, async () => {
    const before = await settled()
    const [ann, bob] = [at(callers, 0), at(callees, 0)]
    for (let n = 0; n < inARow; n += 1) await callAndHangUp(ann, bob)
    await isBackTo(before)
    expect(bob.ringCount).toBeGreaterThanOrEqual(inARow)
  }, 180_000)

  it(`${atOnce} at once`, async () => {
    const before = await settled()
    await Promise.all(callers.map((caller, n) => callAndHangUp(caller, at(callees, n))))
    await isBackTo(before)
  }, 120_000)

  it('counts what is there while somebody talks', async () => {
    const [ann, bob] = [at(callers, 0), at(callees, 0)]
    const none = await census()
    await ann.calls(bob)
    await bob.isRung()
    await bob.answers()
    await Promise.all([ann.reaches('Connected'), bob.reaches('Connected')])
    const { calls, media } = await census()
    expect(calls).toBe(none.calls + 1)
    expect(media.routers).toBe((none.media.routers ?? 0) + 1)
    // Two of each side, and the router's own that warms the others up.
    expect(media.transports).toBe((none.media.transports ?? 0) + 5)
    await ann.hangsUp()
    await Promise.all([ann.ends(), bob.ends()])
  })

  type Census = {
    /** Counted by the workers themselves. */
    media: Record<string, number>
    /** Rows in a live state, and effects that are still to be carried out. */
    calls: number
    effects: number
    listeners: string[]
    openSockets: number
    openFiles: number
  }

  async function census(): Promise<Census> {
    const { platform } = stage
    const { handles, listeners } = platform.holdings()
    return {
      media: await platform.mediaCounts(),
      calls: await platform.database.liveCalls(),
      effects: await platform.database.effects(),
      listeners,
      openSockets: handles.socket ?? 0,
      openFiles: Object.values(handles).reduce((sum, count) => sum + count, 0) - (handles.socket ?? 0),
    }
  }

  /** A count to compare with: nobody calls, and nothing changes any more. */
  async function settled(): Promise<Census> {
    let last = await census()
    return until(
      'count that stays the same',
      async () => {
        const now = await census()
        const isSettled = now.calls === 0 && now.effects === 0 && JSON.stringify(now) === JSON.stringify(last)
        last = now
        return isSettled ? { found: now } : { sawOnly: JSON.stringify(now) }
      },
      settlesWithinMs,
      1_000,
    )
  }

  async function isBackTo(before: Census): Promise<void> {
    await until(
      'return to the count before',
      async () => {
        const now = await census()
        const { openSockets, openFiles, ...exact } = now
        const { openSockets: socketsBefore, openFiles: filesBefore, ...exactBefore } = before
        const isBack = JSON.stringify(exact) === JSON.stringify(exactBefore)
        const holdsNoMore = openSockets <= socketsBefore && openFiles <= filesBefore
        return isBack && holdsNoMore
          ? { found: true }
          : { sawOnly: `${JSON.stringify(now)}, before: ${JSON.stringify(before)}` }
      },
      settlesWithinMs,
      500,
    )
  }
})

async function callAndHangUp(caller: Person, callee: Person): Promise<void> {
  await caller.calls(callee)
  await callee.isRung()
  await callee.answers()
  await Promise.all([caller.reaches('Connected', 30_000), callee.reaches('Connected', 30_000)])
  await caller.hangsUp()
  const ends = await Promise.all([caller.ends(), callee.ends()])
  expect(ends).toMatchObject([
    { code: 0, subCode: 0 },
    { code: 0, subCode: 0 },
  ])
}

function at(people: Person[], index: number): Person {
  const person = people[index]
  if (person === undefined) throw new Error(`There is no person number ${index}.`)
  return person
}
