import { beforeEach, describe, expect, it } from '@jest/globals'
import { Refused, type CallId } from '@parley/protocol'
import { SharedCommits } from './shared-commits.ts'

type Step = { id: CallId; version: number }
const named = (name: string) => name as CallId // any string will do here
const step = (name: string, version = 2): Step => ({ id: named(name), version })

/** Statements that have been sent; each ends when the test says so. */
let sent: { steps: string[]; ends: PromiseWithResolvers<CallId[]> }[]
let commits: SharedCommits<Step>

beforeEach(() => {
  sent = []
  commits = new SharedCommits((steps) => {
    const ends = Promise.withResolvers<CallId[]>()
    sent.push({ steps: steps.map(({ id, version }) => `${id}${version}`), ends })
    return ends.promise
  })
})

const statements = () => sent.map(({ steps }) => steps)
async function end(n: number, written: string[]): Promise<void> {
  sent[n]?.ends.resolve(written.map(named))
  await settled()
}
async function fail(n: number, error: Error): Promise<void> {
  sent[n]?.ends.reject(error)
  await settled()
}
const settled = () => new Promise(setImmediate)
const outcome = (commit: Promise<boolean>) => commit.catch((error: Error) => error.message)

describe('commits', () => {
  it('go at once when none is under way, and otherwise together after it', async () => {
    const all = ['a', 'b', 'c'].map((id) => commits.commit(step(id)))
    expect(statements()).toEqual([['a2']])
    await end(0, ['a'])
    expect(statements()).toEqual([['a2'], ['b2', 'c2']])
    await end(1, ['c'])
    expect(await Promise.all(all)).toEqual([true, false, true])
    await settled()
    expect(sent).toHaveLength(2)
  })

  it('of one call do not share a statement', async () => {
    void commits.commit(step('a'))
    const all = [step('b', 2), step('b', 3), step('c', 2)].map((one) => commits.commit(one))
    await end(0, ['a'])
    await end(1, ['b', 'c'])
    await end(2, ['b'])
    expect(statements()).toEqual([['a2'], ['b2', 'c2'], ['b3']])
    expect(await Promise.all(all)).toEqual([true, true, true])
  })

  it('come a hundred in a statement at most', async () => {
    void commits.commit(step('first'))
    for (let n = 0; n < 150; n++) void commits.commit(step(`call${n}`))
    await end(0, ['first'])
    await end(1, [])
    expect(statements().map((steps) => steps.length)).toEqual([1, 100, 50])
    await end(2, [])
  })

  it('are tried one by one when the statement fails, so that a bad one harms no other', async () => {
    void commits.commit(step('first'))
    const [good, bad] = [outcome(commits.commit(step('good'))), outcome(commits.commit(step('bad')))]
    await end(0, ['first'])
    await fail(1, new Error('one of you'))
    await end(2, ['good'])
    await fail(3, new Error('you'))
    expect(statements().slice(1)).toEqual([['good2', 'bad2'], ['good2'], ['bad2']])
    expect(await Promise.all([good, bad])).toEqual([true, 'you'])
  })

  it('all fail, without another try, when the database is away; later ones are tried', async () => {
    const first = outcome(commits.commit(step('first')))
    const others = ['a', 'b'].map((id) => outcome(commits.commit(step(id))))
    const away = new Refused('unavailable')
    await fail(0, away)
    await fail(1, away)
    expect(await Promise.all([first, ...others])).toEqual([away.message, away.message, away.message])
    void commits.commit(step('later'))
    expect(statements()).toEqual([['first2'], ['a2', 'b2'], ['later2']])
    await end(2, ['later'])
  })
})
