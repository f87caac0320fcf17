/** Calls and their effects in PostgreSQL. */
import { indexOf, type Call, type Effect } from '@parley/call'
import { CallId, EpochMs, Refused, type NodeId, type RawId, type ResourceId, type SessionId } from '@parley/protocol'
import type { CallStore, EffectRow, Opened } from '../calls/call-store.ts'
import { statements } from './call-statements.ts'
import type { Database, Statement } from './database.ts'
import { SharedCommits } from './shared-commits.ts'

/** How often a call is opened whose claim was taken by one that ended before we could name it. */
const openAttempts = 4

/** The state and the effects are JSON that this store wrote out of the same types, so they are trusted as they come. */
type StateRow = { state: Call }
type StoredEffect = { call_id: string; version: number; n: number; body: Effect }

/** A call and its effects as the statements take them: the state, and what the row is found by. */
type StepRow = ReturnType<typeof rowOf>

export class PostgresCallStore implements CallStore {
  readonly #database: Database
  readonly #leaseMs: number
  /** Of each node that commits through here; in a process that is one. */
  readonly #commits = new Map<NodeId, SharedCommits<StepRow>>()

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
    const row = rowOf(call, effects)
    for (let attempt = 0; attempt < openAttempts; attempt++) {
      const [opened] = await this.#write(statements.open, [row], by)
      if (opened !== undefined) return { outcome: 'opened' }
      const inTheWay = await this.#idsBy(statements.inTheWay, [call.id, call.resourceId, row.claim ?? null])
      if (inTheWay.includes(call.id)) return { outcome: 'idTaken' }
      const [other] = inTheWay
      if (other !== undefined) return { outcome: 'claimTaken', callId: other }
    }
    throw new Refused('unavailable', { detail: 'Calls by this name come and go too quickly.' })
  }

  commit(call: Call, effects: Effect[], by: NodeId): Promise<boolean> {
    let commits = this.#commits.get(by)
    if (commits === undefined) {
      commits = new SharedCommits((rows) => this.#write(statements.commit, rows, by))
      this.#commits.set(by, commits)
    }
    return commits.commit(rowOf(call, effects))
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

  async callByClaim(resourceId: ResourceId, claim: string): Promise<CallId | undefined> {
    const [id] = await this.#idsBy(statements.byClaim, [resourceId, claim])
    return id
  }

  ringingFor(user: RawId): Promise<CallId[]> {
    return this.#idsBy(statements.ringingFor, [user])
  }

  callsOnNode(node: NodeId): Promise<Call[]> {
    return this.#callsBy(statements.onNode, [node])
  }

  callsNotOnNodes(nodes: readonly NodeId[]): Promise<Call[]> {
    return this.#callsBy(statements.notOnNodes, [nodes])
  }

  callsWithPhones(): Promise<Call[]> {
    return this.#callsBy(statements.withPhones, [])
  }

  async #callsBy(statement: Statement, values: unknown[]): Promise<Call[]> {
    const rows = await this.#database.query<StateRow>(statement, values)
    return rows.map((row) => row.state)
  }

  async #idsBy(statement: Statement, values: unknown[]): Promise<CallId[]> {
    const rows = await this.#database.query<{ id: string }>(statement, values)
    return rows.map((row) => CallId.parse(row.id))
  }

  #write(statement: Statement, rows: StepRow[], by: NodeId): Promise<CallId[]> {
    return this.#idsBy(statement, [JSON.stringify(rows), by, this.#leaseMs])
  }
}

function rowOf(call: Call, effects: Effect[]) {
  const { claim, sessions, ringing, nextDeadline } = indexOf(call)
  return {
    id: call.id,
    version: call.version,
    state: call,
    resource_id: call.resourceId,
    kind: call.kind,
    media_node: call.mediaNode,
    claim,
    sessions,
    ringing,
    next_deadline: nextDeadline,
    opened_at: call.openedAt,
    ended_at: call.endedAt,
    effects,
  }
}
