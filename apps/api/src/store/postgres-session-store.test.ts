import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { EpochMs, NodeId, ResourceId, SessionId, userIdOf } from '@parley/protocol'
import type { SessionRow, SessionStore } from '../agents/session-store.ts'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

const [one, two, three] = ['node_api-one-1', 'node_api-two-2', 'node_api-three-3'].map((id) => NodeId.parse(id)) as [
  NodeId,
  NodeId,
  NodeId,
]
const resourceId = ResourceId.parse(randomUUID())
const secondsFromNow = (s: number) => EpochMs.parse(Date.now() + 1_000 * s)

let database: ScratchDatabase
let stores: Stores
let sessions: SessionStore

beforeAll(async () => {
  database = await scratchDatabase()
  stores = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
  sessions = stores.sessions
}, 60_000)
afterAll(async () => {
  await stores.close()
  await database.stop()
}, 60_000)
beforeEach(async () => {
  for (const row of await sessions.orphan([], EpochMs.parse(0))) await sessions.close(row.id)
  for (const row of await sessions.lapsed()) await sessions.close(row.id)
})

function sessionOf(more: Partial<SessionRow> = {}): SessionRow {
  return {
    id: SessionId.parse(`ses_${randomUUID()}`),
    keyHash: 'ab'.repeat(32),
    resourceId,
    user: userIdOf(resourceId, randomUUID()),
    device: 'device-one',
    node: one,
    tokenEpoch: 3,
    mayStart: false,
    mayUsePlainMedia: true,
    ...more,
  }
}
async function opened(more: Partial<SessionRow> = {}): Promise<SessionRow> {
  const row = sessionOf(more)
  await sessions.open(row)
  return row
}
const idsOf = (rows: SessionRow[]) => rows.map(({ id }) => id).toSorted()

describe('a session', () => {
  it('is found as it was opened, with and without a name', async () => {
    const plain = await opened()
    const named = await opened({ displayName: 'Zoë 漢 😀' })
    expect(await sessions.find(plain.id)).toStrictEqual(plain)
    expect(await sessions.find(named.id)).toStrictEqual(named)
    expect(await sessions.find(SessionId.parse('ses_nobody-here'))).toBeUndefined()
  })

  it('moves to another node', async () => {
    const row = await opened()
    expect(await sessions.move(row.id, two)).toBe(true)
    expect(await sessions.find(row.id)).toStrictEqual({ ...row, node: two })
  })

  it('closes once, and is then not found, moved or counted', async () => {
    const row = await opened()
    expect(await sessions.countLive()).toBe(1)
    expect(await Promise.all([sessions.close(row.id), sessions.close(row.id)])).toContain(false)
    expect(await sessions.close(row.id)).toBe(false)
    expect(await sessions.find(row.id)).toBeUndefined()
    expect(await sessions.move(row.id, two)).toBe(false)
    expect(await sessions.liveSessionsOf(row.user)).toEqual([])
    expect(await sessions.countLive()).toBe(0)
  })

  it('is listed with the other live ones of its user', async () => {
    const laptop = await opened()
    const tablet = await opened({ user: laptop.user, device: 'device-two' })
    const gone = await opened({ user: laptop.user })
    await sessions.close(gone.id)
    await opened()
    expect(idsOf(await sessions.liveSessionsOf(laptop.user))).toEqual(idsOf([laptop, tablet]))
  })
})

describe('when a node dies', () => {
  it('its sessions lose it, wait until the moment given, and are told once', async () => {
    const [here, there] = [await opened({ node: one }), await opened({ node: two })]
    const closed = await opened({ node: two })
    await sessions.close(closed.id)
    const until = secondsFromNow(120)
    const { node: _, ...lost } = { ...there, lostUntil: until }
    expect(await sessions.orphan([one, three], until)).toStrictEqual([lost])
    expect(await sessions.orphan([one, three], until)).toEqual([])
    expect(await sessions.find(there.id)).toStrictEqual(lost)
    expect(await sessions.find(here.id)).toStrictEqual(here)
  })

  it('all sessions are lost when no node is alive', async () => {
    const rows = [await opened({ node: one }), await opened({ node: two })]
    expect(idsOf(await sessions.orphan([], secondsFromNow(120)))).toEqual(idsOf(rows))
  })

  it('a session that is taken up again has a node and waits no more', async () => {
    const row = await opened()
    await sessions.orphan([], secondsFromNow(-1))
    await sessions.move(row.id, two)
    expect(await sessions.find(row.id)).toStrictEqual({ ...row, node: two })
    expect(await sessions.lapsed()).toEqual([])
  })

  it('a session that nobody takes up lapses when its time has come', async () => {
    const row = await opened()
    await sessions.orphan([], secondsFromNow(-1))
    const waiting = await opened()
    await sessions.orphan([], secondsFromNow(120))
    await opened()
    expect(idsOf(await sessions.lapsed())).toEqual([row.id])
    await sessions.close(row.id)
    expect(await sessions.lapsed()).toEqual([])
    await sessions.close(waiting.id)
  })
})
