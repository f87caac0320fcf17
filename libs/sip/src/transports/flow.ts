/**
 * A way to one far end (RFC 5626 section 2 calls it a flow): a connection, or the pair of addresses between which
 * datagrams go. Whoever answers somebody behind a NAT answers on the flow on which he was heard.
 */
import type { Server, TransportName } from '../servers/server.ts'

export type SocketPlace = { address: string; port: number }

export interface Flow {
  /** Unique in the process. */
  readonly id: number
  readonly transport: TransportName
  readonly local: SocketPlace
  readonly remote: SocketPlace
  /** Whom we meant when we opened it; a flow that the other side has opened has none and cannot be opened again. */
  readonly server: Server | undefined
  /** Flows of UDP stay open as long as their socket does. */
  readonly isOpen: boolean
  /** Whether other hosts cannot read what travels on it: TLS below. */
  readonly isSecure: boolean
  /** Domains that the other side has proven with a certificate that we trust (RFC 5922 section 7.1), in small letters. */
  readonly provenDomains: readonly string[]
}

/** Whom we believe when we connect over TLS. Flows are shared only between those who give the same object. */
export type PeerTrust = {
  /** Certificates of CAs in PEM that count instead of the system's. */
  ca?: string | readonly string[]
  /** False believes everybody: for a far end with a certificate of its own making, and by explicit wish only. Default true. */
  isVerified?: boolean
}
