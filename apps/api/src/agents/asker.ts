/** Who asks something of a call: an agent with its session, or a sip node for a phone. */
import type { CallId, EpochMs, LegId, NodeId, PhoneCodec, RawId, ResourceId, SessionId, UserId } from '@parley/protocol'

export type Caller = {
  id: SessionId
  resourceId: ResourceId
  user: UserId | RawId
  displayName?: string
  /** Whether he may start calls, or only join where people meet. */
  mayStart: boolean
  /** Whether he may have media without a browser. */
  mayUsePlainMedia: boolean
  /** The sip node that holds a phone. */
  phone?: NodeId
  /** The id for his next leg, where it is in use already. */
  legId?: LegId
  codec?: PhoneCodec
}

export type Asker = {
  readonly row: Caller
  /** Calls that he was told of and that have not ended. */
  readonly liveCalls: Set<CallId>
  /** When the token that was handed in last runs out; a phone has none. */
  tokenExpiresAt: EpochMs | undefined
}
