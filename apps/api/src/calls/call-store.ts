/** What carrying out the rules of a call asks of a store. */
import type { Call, Effect } from '@parley/call'
import type { CallId, EpochMs, NodeId, RawId, ResourceId, SessionId } from '@parley/protocol'

/** An effect on its way: (callId, version, n) is its name, and receivers carry out each name once. */
export type EffectRow = { callId: CallId; version: number; n: number; effect: Effect }

/** The outcome of opening a call. `claimTaken` names the call that has what this one claims: its pair, or its place. */
export type Opened = { outcome: 'opened' } | { outcome: 'idTaken' } | { outcome: 'claimTaken'; callId: CallId }

export interface CallStore {
  /** The database's clock. */
  now(): Promise<EpochMs>
  load(callId: CallId): Promise<Call | undefined>
  /** Inserts the row (version 1) and its effects, leased to `by`, in one transaction. */
  open(call: Call, effects: Effect[], by: NodeId): Promise<Opened>
  /** Replaces the row when its version is `call.version - 1`; false when another node was quicker. Effects as in open. */
  commit(call: Call, effects: Effect[], by: NodeId): Promise<boolean>
  /** Forgets effects that have been carried out. */
  forget(effects: readonly EffectRow[]): Promise<void>
  /** Takes effects whose lease has run out, oldest first, ordered by call, version and n. At most `most`. */
  takeOver(by: NodeId, most: number): Promise<EffectRow[]>
  /** Live calls whose next deadline has passed. At most `most`. */
  overdue(most: number): Promise<CallId[]>
  /** The nearest deadline of all live calls. */
  nextDeadline(): Promise<EpochMs | undefined>
  /** Live calls with a live leg of this session. */
  callsOfSession(session: SessionId): Promise<Call[]>
  /** The live call that has this claim (CallIndex.claim). */
  callByClaim(resourceId: ResourceId, claim: string): Promise<CallId | undefined>
  /** Live calls that ring for this user. */
  ringingFor(user: RawId): Promise<CallId[]>
  /** Live calls whose media is on this node, or, with `not`, on none of these nodes. */
  callsOnNode(node: NodeId): Promise<Call[]>
  callsNotOnNodes(nodes: readonly NodeId[]): Promise<Call[]>
  /** Live calls that a phone is in, or was. */
  callsWithPhones(): Promise<Call[]>
}
