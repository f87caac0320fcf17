/** Steps of calls: who wins, what shares a statement, and what becomes of the effects. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import type { Call, Effect, Step } from '@parley/call'
import type { NodeId } from '@parley/protocol'
import type { CallStore, EffectRow } from '../calls/call-store.ts'
import { accepted, committedIn, hungUp, me, openedIn, other, ringing } from './scratch-calls.ts'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

let database: ScratchDatabase
/** Leaves effects to their node for a minute, as one would in life; the other one's leases end at once. */
let patient: Stores
let hasty: Stores
let calls: CallStore

beforeAll(async () => {
  database = await scratchDatabase()
  const options = { databaseUrl: database.url, dataDir: 'unused', log: silent }
  patient = await Stores.create({ ...options, leaseMs: 60_000 })
  hasty = await Stores.create({ ...options, leaseMs: 0 })
  calls = patient.calls
}, 60_000)
afterAll(async () => {
  await Promise.all([patient.close(), hasty.close()])
  await database.stop()
}, 60_000)

const opened = (placing: Parameters<typeof openedIn>[1] = {}, store = calls) => openedIn(store, placing)
const committed = (step: Parameters<typeof committedIn>[1], store = calls) => committedIn(store, step)

describe('committing a step', () => {
  it('replaces the version before, and no other', async () => {
    const call = await opened()
    const next = accepted(call)
    expect(await calls.commit({ ...next.call, version: 3 }, next.effects, me)).toBe(false)
    expect(await calls.commit(next.call, next.effects, me)).toBe(true)
    expect(await calls.commit(next.call, next.effects, me)).toBe(false)
    expect(await calls.load(call.id)).toEqual(next.call)
  })

  it('of two of one version lets one win, and keeps the effects of that one only', async () => {
    for (let round = 0; round < 50; round++) {
      const call = await opened({}, hasty.calls)
      await forgetAll()
      const yes = accepted(call)
      const no = hungUp(call)
      const won = await Promise.all([
        hasty.calls.commit(yes.call, yes.effects, me),
        patient.calls.commit(no.call, no.effects, other),
      ])
      expect(won.filter(Boolean)).toHaveLength(1)
      const winner = won[0] ? yes : no
      expect(await calls.load(call.id)).toEqual(winner.call)
      const left = won[0] ? await hasty.calls.takeOver(me, 100) : []
      expect(left.map((row) => row.effect)).toEqual(won[0] ? yes.effects : [])
    }
  })

  it('shares a statement with others, and stands or falls by itself', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => opened()))
    const steps = all.map(accepted)
    const stale = all.map((call, n) => ({ ...hungUp(call), isFirst: n % 2 === 0 }))
    for (const { call, effects, isFirst } of stale) if (isFirst) await committed({ call, effects })
    const won = await Promise.all(steps.map(({ call, effects }) => calls.commit(call, effects, me)))
    expect(won).toEqual(stale.map(({ isFirst }) => !isFirst))
    for (const [n, { call }] of steps.entries()) {
      expect(await calls.load(call.id)).toEqual(won[n] ? call : stale[n]?.call)
    }
  })

  it('twice at once of one version through one store lets one win', async () => {
    const call = await opened()
    await Promise.all([opened(), opened()])
    const steps = [accepted(call), hungUp(call), accepted(call)]
    const won = await Promise.all(steps.map((next) => calls.commit(next.call, next.effects, me)))
    expect(won).toEqual([true, false, false])
  })

  it('fails alone when it cannot be stored', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => opened()))
    const steps = all.map(accepted)
    for (const leg of steps[3]?.call.legs ?? []) leg.displayName = '\ud800'
    const outcomes = await Promise.allSettled(steps.map(({ call, effects }) => calls.commit(call, effects, me)))
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ])
  })

  it('of the same calls by two processes, each in its own order, never makes them wait for each other', async () => {
    const all = await Promise.all(Array.from({ length: 9 }, () => opened()))
    const middle = all[4]
    // The plan of a large table, in which rows are met in the order in which they are asked for.
    const plan = '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off'
    const large = `${database.url}?options=${encodeURIComponent(plan)}`
    const options = { databaseUrl: large, dataDir: 'unused', log: silent }
    const [one, two] = await Promise.all([Stores.create(options), Stores.create(options)])
    const holder = new pg.Client(database.url)
    await holder.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT FROM call WHERE id = $1 FOR UPDATE', [middle?.id])
    const commit = (store: CallStore, { call, effects }: Step, by: NodeId) => store.commit(call, effects, by)
    // The first of each goes alone, and is of a call of its own: the others then share a statement.
    const [first, second] = [await opened(), await opened()]
    const mine = [first, ...all].map((call) => commit(one.calls, accepted(call), me))
    const theirs = [second, ...all.toReversed()].map((call) => commit(two.calls, hungUp(call), other))
    try {
      await waitingForRows(holder, 2)
    } finally {
      await holder.end()
    }
    const [[, ...won], [, ...lost]] = [await Promise.all(mine), await Promise.all(theirs)]
    await Promise.all([one.close(), two.close()])
    expect(won).toEqual(lost.toReversed().map((isWon) => !isWon))
  })

  it('of a call that does not exist does nothing', async () => {
    const { call, effects } = accepted(ringing().call)
    expect(await calls.commit(call, effects, me)).toBe(false)
  })
})

/** Waits until so many statements wait for rows that others hold. */
async function waitingForRows(client: pg.Client, count: number): Promise<void> {
  const endsAt = performance.now() + 2_000
  for (;;) {
    const { rows } = await client.query(`SELECT pid FROM pg_locks WHERE NOT granted`)
    if (rows.length === count) return
    if (performance.now() > endsAt) throw new Error(`${rows.length} statements wait for rows, not ${count}`)
  }
}

/** Takes and forgets whatever earlier tests left with leases that have run out. */
async function forgetAll(): Promise<void> {
  for (;;) {
    const rows = await hasty.calls.takeOver(me, 1_000)
    if (rows.length === 0) return
    await calls.forget(rows)
  }
}

describe('effects', () => {
  beforeEach(forgetAll)

  const named = (call: Call, effects: Effect[]): EffectRow[] =>
    effects.map((effect, n) => ({ callId: call.id, version: call.version, n, effect }))

  it('are left to the node that committed them while its lease runs', async () => {
    await committed(accepted(await opened({}, patient.calls)))
    expect(await patient.calls.takeOver(other, 100)).toEqual([])
  })

  it('are taken over in order when the lease has run out', async () => {
    const { call, effects } = ringing()
    await hasty.calls.open(call, effects, me)
    const next = accepted(call)
    await hasty.calls.commit(next.call, next.effects, me)
    expect(effects.length + next.effects.length).toBeGreaterThan(2)
    expect(await patient.calls.takeOver(other, 100)).toEqual([
      ...named(call, effects),
      ...named(next.call, next.effects),
    ])
  })

  it('are not given to two who take at once, nor again while the new lease runs', async () => {
    for (let n = 0; n < 20; n++) await opened({}, hasty.calls)
    const taken = await Promise.all([1, 2, 3, 4].map(() => patient.calls.takeOver(other, 1_000)))
    const names = taken.flat().map(({ callId, version, n }) => `${callId} ${version} ${n}`)
    expect(names.length).toBeGreaterThanOrEqual(20)
    expect(new Set(names).size).toBe(names.length)
    expect(await patient.calls.takeOver(me, 1_000)).toEqual([])
  })

  it('are taken the oldest first, and no more than asked for', async () => {
    const first = await opened({}, hasty.calls)
    await opened({}, hasty.calls)
    const [taken, ...more] = await patient.calls.takeOver(other, 1)
    expect(taken?.callId).toBe(first.id)
    expect(more).toEqual([])
  })

  it('are forgotten by name, many at once, and once is enough', async () => {
    const { call, effects } = ringing()
    await hasty.calls.open(call, effects, me)
    const next = accepted(call)
    await hasty.calls.commit(next.call, next.effects, me)
    const rows = named(next.call, next.effects)
    await calls.forget(rows)
    await calls.forget(rows)
    await calls.forget([])
    expect(await patient.calls.takeOver(other, 100)).toEqual(named(call, effects))
  })
})
