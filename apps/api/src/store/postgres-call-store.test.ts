import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { open, step, type Call, type CallEvent, type Effect } from '@parley/call'
import { CallId, defaultLimits, EpochMs, LegId, NodeId, ResourceId, SessionId, userIdOf } from '@parley/protocol'
import type { CallStore, EffectRow } from '../calls/call-store.ts'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

const limits = defaultLimits
const me = NodeId.parse('node_api-one-1')
const other = NodeId.parse('node_api-two-2')
const sfu = NodeId.parse('node_sfu-one-1')

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

type Placing = { resourceId?: ResourceId; from?: string; to?: string; at?: number; node?: NodeId; callId?: CallId }

const oneResource = ResourceId.parse(randomUUID())
const guids = new Map<string, string>()
function person(name: string, resourceId = oneResource) {
  const guid = guids.get(name) ?? randomUUID()
  guids.set(name, guid)
  const user = userIdOf(resourceId, guid)
  return { user, session: SessionId.parse(`ses_${guid}`), legId: LegId.parse(`leg_${randomUUID()}`) }
}

/** A call that rings, as the rules make it. */
function ringing({ resourceId = oneResource, from = randomUUID(), to = randomUUID(), at, node, callId }: Placing = {}) {
  const placed = {
    id: callId ?? CallId.parse(randomUUID()),
    resourceId,
    mediaNode: node ?? sfu,
    caller: { ...person(from, resourceId), isMuted: false },
    devices: [person(to, resourceId)],
  }
  return open(placed, EpochMs.parse(at ?? Date.now()), limits)
}

function after(call: Call, event: CallEvent) {
  return step(call, event, EpochMs.parse(Date.now()), limits)
}

const sessionOf = (call: Call, side: 'caller' | 'callee') => legOf(call, side).session
function legOf(call: Call, side: 'caller' | 'callee') {
  const leg = call.legs.find((one) => one.side === side)
  if (leg === undefined) throw new Error(`no ${side}`)
  return leg
}
const accepted = (call: Call) => after(call, { type: 'accepted', session: sessionOf(call, 'callee'), isMuted: false })
const hungUp = (call: Call) => after(call, { type: 'hungUp', session: sessionOf(call, 'caller') })

async function opened(placing: Placing = {}, store = calls): Promise<Call> {
  const { call, effects } = ringing(placing)
  expect(await store.open(call, effects, me)).toEqual({ outcome: 'opened' })
  return call
}
async function committed({ call, effects }: { call: Call; effects: Effect[] }, store = calls): Promise<Call> {
  expect(await store.commit(call, effects, me)).toBe(true)
  return call
}

describe('opening a call', () => {
  it('keeps the call as it is', async () => {
    const call = await opened()
    expect(await calls.load(call.id)).toEqual(call)
    expect(await calls.load(CallId.parse(randomUUID()))).toBeUndefined()
  })

  it('is refused for an id that is taken, of a live call or an ended one', async () => {
    const call = await opened()
    const again = ringing({ callId: call.id })
    expect(await calls.open(again.call, again.effects, me)).toEqual({ outcome: 'idTaken' })
    await committed(hungUp(call))
    expect(await calls.open(again.call, again.effects, me)).toEqual({ outcome: 'idTaken' })
    expect((await calls.load(call.id))?.legs).not.toEqual(again.call.legs)
  })

  it('names the call that rings between the same two, whoever called', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()]
    const first = await opened({ from: ann, to: bob })
    const same = ringing({ from: ann, to: bob })
    const glare = ringing({ from: bob, to: ann })
    expect(await calls.open(same.call, same.effects, me)).toEqual({ outcome: 'pairTaken', callId: first.id })
    expect(await calls.open(glare.call, glare.effects, me)).toEqual({ outcome: 'pairTaken', callId: first.id })
    expect(await calls.load(glare.call.id)).toBeUndefined()
  })

  it('may pair two again once their call is answered or over', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()]
    await committed(accepted(await opened({ from: ann, to: bob })))
    await committed(hungUp(await opened({ from: ann, to: bob })))
    await opened({ from: bob, to: ann })
  })

  it('pairs per resource', async () => {
    const [ann, bob] = [randomUUID(), randomUUID()]
    await opened({ from: ann, to: bob })
    await opened({ from: ann, to: bob, resourceId: ResourceId.parse(randomUUID()) })
  })

  it('of two that call each other in the same moment lets one in, and names it to the other', async () => {
    for (let round = 0; round < 50; round++) {
      const [ann, bob] = [randomUUID(), randomUUID()]
      const there = ringing({ from: ann, to: bob })
      const back = ringing({ from: bob, to: ann })
      const outcomes = await Promise.all([
        patient.calls.open(there.call, there.effects, me),
        hasty.calls.open(back.call, back.effects, other),
      ])
      const winner = outcomes[0].outcome === 'opened' ? there.call : back.call
      expect(outcomes).toContainEqual({ outcome: 'opened' })
      expect(outcomes).toContainEqual({ outcome: 'pairTaken', callId: winner.id })
    }
  })

  it('keeps names in any script', async () => {
    const { call, effects } = ringing()
    for (const leg of call.legs) leg.displayName = 'Zoë "😀" \\u0041 漢'
    await calls.open(call, effects, me)
    expect(await calls.load(call.id)).toEqual(call)
  })
})

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

  it('of a call that does not exist does nothing', async () => {
    const { call, effects } = accepted(ringing().call)
    expect(await calls.commit(call, effects, me)).toBe(false)
  })
})

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

describe('deadlines', () => {
  it("are compared with the database's clock", async () => {
    const before = Date.now()
    const now = await calls.now()
    expect(now).toBeGreaterThanOrEqual(before - 2)
    expect(now).toBeLessThanOrEqual(Date.now() + 2)
  })

  it('name the live calls that are overdue, the longest waiting first', async () => {
    const long = await opened({ at: Date.now() - 2 * limits.ringMs })
    const longer = await opened({ at: Date.now() - 3 * limits.ringMs })
    const over = await opened({ at: Date.now() - 2 * limits.ringMs })
    await committed(hungUp(over))
    const due = await opened()
    expect(await calls.overdue(100)).toEqual([longer.id, long.id])
    expect(await calls.overdue(1)).toEqual([longer.id])
    expect(await calls.overdue(100)).not.toContain(due.id)
    for (const call of [long, longer]) await committed(after(call, { type: 'fellDue' }))
    expect(await calls.overdue(100)).toEqual([])
  })

  it('tell the nearest of all', async () => {
    const soonest = await opened({ at: Date.now() - limits.ringMs + 1_000 })
    const next = await calls.nextDeadline()
    expect(next).toBeCloseTo(soonest.openedAt + limits.ringMs, 0)
    await committed(hungUp(soonest))
    expect(await calls.nextDeadline()).toBeGreaterThan(next ?? Infinity)
  })
})

describe('looking for calls', () => {
  it('finds those in which a session has a live leg', async () => {
    const ann = randomUUID()
    const one = await opened({ from: ann })
    const two = await committed(accepted(await opened({ to: ann })))
    const { session } = person(ann)
    const found = await calls.callsOfSession(session)
    expect(found).toHaveLength(2)
    expect(found).toEqual(expect.arrayContaining([one, two]))
    await committed(hungUp(one))
    expect(await calls.callsOfSession(session)).toEqual([two])
    expect(await calls.callsOfSession(SessionId.parse('ses_nobody-here'))).toEqual([])
  })

  it('finds those that ring for a user', async () => {
    const bob = randomUUID()
    const [one, two] = [await opened({ to: bob }), await opened({ to: bob })]
    await opened({ from: bob })
    const { user } = person(bob)
    expect((await calls.ringingFor(user)).toSorted()).toEqual([one.id, two.id].toSorted())
    await committed(accepted(one))
    await committed(hungUp(two))
    expect(await calls.ringingFor(user)).toEqual([])
  })

  it('finds those whose media is on a node, or on none of some', async () => {
    const [here, there] = [`node_${randomUUID()}`, `node_${randomUUID()}`].map((id) => NodeId.parse(id)) as [
      NodeId,
      NodeId,
    ]
    const onHere = await opened({ node: here })
    const onThere = await opened({ node: there })
    await committed(hungUp(await opened({ node: here })))
    expect(await calls.callsOnNode(here)).toEqual([onHere])
    const elsewhere = await calls.callsNotOnNodes([sfu, here])
    expect(elsewhere).toEqual([onThere])
    const all = await calls.callsNotOnNodes([])
    expect(all).toEqual(expect.arrayContaining([onHere, onThere]))
    await committed(after(onThere, { type: 'placed', mediaNode: here }))
    expect((await calls.callsOnNode(here)).map(({ id }) => id).toSorted()).toEqual([onHere.id, onThere.id].toSorted())
  })
})
