import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { CallId, NodeId, ResourceId, SessionId } from '@parley/protocol'
import type { CallStore } from '../calls/call-store.ts'
import {
  accepted,
  after,
  committedIn,
  hungUp,
  limits,
  me,
  openedIn,
  other,
  person,
  ringing,
  sfu,
} from './scratch-calls.ts'
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
    expect(await calls.open(same.call, same.effects, me)).toEqual({ outcome: 'claimTaken', callId: first.id })
    expect(await calls.open(glare.call, glare.effects, me)).toEqual({ outcome: 'claimTaken', callId: first.id })
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
      expect(outcomes).toContainEqual({ outcome: 'claimTaken', callId: winner.id })
    }
  })

  it('keeps names in any script', async () => {
    const { call, effects } = ringing()
    for (const leg of call.legs) leg.displayName = 'Zoë "😀" \\u0041 漢'
    await calls.open(call, effects, me)
    expect(await calls.load(call.id)).toEqual(call)
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
