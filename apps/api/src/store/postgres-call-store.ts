/** Calls and their effects in PostgreSQL. */
import { indexOf, type Call, type Effect } from '@parley/call'
import { CallId, EpochMs, Refused, type NodeId, type SessionId, type UserId } from '@parley/protocol'
import type { CallStore, EffectRow, Opened } from '../calls/call-store.ts'
import { statements } from './call-statements.ts'
import type { Database } from './database.ts'

/** How often a call is opened whose pair was taken by one that ended before we could name it. */
const openAttempts = 4

/** The state and the effects are JSON that this store wrote out of the same types, so they are trusted as they come. */
type StateRow = { state: Call }
type StoredEffect = { call_id: string; version: number; n: number; body: Effect }

export class PostgresCallStore implements CallStore {
  readonly #database: Database
  readonly #leaseMs: number

  /** @param leaseMs how long effects are left to the node that committed or took them */
  constructor(database: Database, leaseMs: number) {
    this.#database = database
    this.#leaseMs = leaseMs
  }

  async now(): Promise<EpochMs> {
    const [row] = await this.#database.query<{ now: number }>(statements.now, [])
    return EpochMs.parse(row?.now)
  }

  async load(callId: CallId): Promise<Call | undefined> {
    const [row] = await this.#database.query<StateRow>(statements.load, [callId])
    return row?.state
  }

  async open(call: Call, effects: Effect[], by: NodeId): Promise<Opened> {
    for (let attempt = 0; attempt < openAttempts; attempt++) {
      const values = [...this.#stepOf(call, effects, by), call.resourceId, call.kind, call.openedAt]
      const opened = await this.#database.query(statements.open, values)
      if (opened.length > 0) return { outcome: 'opened' }
      const inTheWay = await this.#idsBy(statements.inTheWay, [call.id, call.resourceId, indexOf(call).pair ?? null])
      if (inTheWay.includes(call.id)) return { outcome: 'idTaken' }
      const [other] = inTheWay
      if (other !== undefined) return { outcome: 'pairTaken', callId: other }
    }
    throw new Refused('unavailable', { detail: 'Calls between the two come and go too quickly.' })
  }

  async commit(call: Call, effects: Effect[], by: NodeId): Promise<boolean> {
    const stepped = await this.#database.query(statements.commit, this.#stepOf(call, effects, by))
    return stepped.length > 0
  }

  async forget(effects: readonly EffectRow[]): Promise<void> {
    const columns = [effects.map((row) => row.callId), effects.map((row) => row.version), effects.map((row) => row.n)]
    await this.#database.query(statements.forget, columns)
  }

  async takeOver(by: NodeId, most: number): Promise<EffectRow[]> {
    const rows = await this.#database.query<StoredEffect>(statements.takeOver, [by, most, this.#leaseMs])
    return rows.map(({ call_id, version, n, body }) => ({ callId: CallId.parse(call_id), version, n, effect: body }))
  }

  overdue(most: number): Promise<CallId[]> {
    return this.#idsBy(statements.overdue, [most])
  }

  async nextDeadline(): Promise<EpochMs | undefined> {
    const [row] = await this.#database.query<{ next: number | null }>(statements.nextDeadline, [])
    return row === undefined || row.next === null ? undefined : EpochMs.parse(row.next)
  }

  callsOfSession(session: SessionId): Promise<Call[]> {
    return this.#callsBy(statements.ofSession, [session])
  }

  ringingFor(user: UserId): Promise<CallId[]> {
    return this.#idsBy(statements.ringingFor, [user])
  }

  callsOnNode(node: NodeId): Promise<Call[]> {
    return this.#callsBy(statements.onNode, [node])
  }

  callsNotOnNodes(nodes: readonly NodeId[]): Promise<Call[]> {
    return this.#callsBy(statements.notOnNodes, [nodes])
  }

  async #callsBy(...[statement, values]: Parameters<Database['query']>): Promise<Call[]> {
    const rows = await this.#database.query<StateRow>(statement, values)
    return rows.map((row) => row.state)
  }

  async #idsBy(...[statement, values]: Parameters<Database['query']>): Promise<CallId[]> {
    const rows = await this.#database.query<{ id: string }>(statement, values)
    return rows.map((row) => CallId.parse(row.id))
  }

  /** $1 to $12 of the statements that write a step. */
  #stepOf(call: Call, effects: Effect[], by: NodeId): unknown[] {
    const { pair, sessions, ringing, nextDeadline } = indexOf(call)
    const found = [pair ?? null, sessions, ringing, nextDeadline ?? null, call.endedAt ?? null]
    const row = [call.id, call.version, JSON.stringify(call), call.mediaNode, ...found]
    return [...row, JSON.stringify(effects), by, this.#leaseMs]
  }
}
