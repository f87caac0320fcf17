/**
 * What a call is: one row, holding legs. Only step() changes it; everything here is plain data that survives JSON.
 *
 *   caller    Calling ──answered──▶ Connecting ─media up─▶ Connected ◀──▶ Reconnecting
 *   callee    Ringing ──accept────▶ Connecting     │           │        link or media lost, until its deadline
 *                 └──────────── any state ── close(reason) ────┴──▶ Disconnected
 *
 * Every state that waits for someone carries the moment at which it stops waiting.
 */
import type { CallId, EpochMs, LegId, NodeId, ReasonName, ResourceId, SessionId, UserId } from '@parley/protocol'

/** What is true of a leg in every state. */
export type Endpoint = {
  id: LegId
  user: UserId
  displayName?: string
  /** Where messages for this leg go. */
  session: SessionId
  side: 'caller' | 'callee'
  isMuted: boolean
  /**
   * The newest build of this leg's media that was reported, as up or as lost; 0 before the first. The leg's state says
   * which: a leg with a generation and without media has lost it and must build anew.
   */
  generation: number
}

/** One participant at one endpoint. */
export type Leg = Endpoint &
  (
    | { state: 'Calling'; callsUntil: EpochMs; hasMedia: boolean }
    | { state: 'Ringing'; ringsUntil: EpochMs; hasMedia: boolean }
    | { state: 'Connecting'; connectsUntil: EpochMs }
    | { state: 'Connected'; connectedAt: EpochMs }
    /** At least one of the two is set: what is lost, and until when it may come back. */
    | { state: 'Reconnecting'; connectedAt: EpochMs; linkUntil?: EpochMs; mediaUntil?: EpochMs }
    | { state: 'Disconnected'; reason: ReasonName; endedAt: EpochMs }
  )

export type LegStateName = Leg['state']

/** A leg in this state. */
export type LegIn<S extends LegStateName> = Extract<Leg, { state: S }>

/** A call. `version` counts its changes, from 1. */
export type Call = {
  id: CallId
  resourceId: ResourceId
  kind: 'direct'
  version: number
  openedAt: EpochMs
  /** Set when the last leg has ended. */
  endedAt?: EpochMs
  /** Where the call's router is. */
  mediaNode: NodeId
  legs: Leg[]
}
