/** What a transport bears of others, and how long it waits for them. */

export type TransportLimits = {
  /** Connections that others may have open to us, all together and from one address, or one /64 of IPv6. */
  connections: number
  connectionsPerAddress: number
  /** Messages that one address may send in a second; more are dropped. */
  messagesPerSecond: number
  /** A connection on which nothing has come or gone for so long is closed. */
  idleMs: number
  /** A connection that somebody has opened of whose requests none was let in by then is closed (`OpenFlow.welcome`). */
  strangerMs: number
  /** Until a connection that we open must be there, TLS and WebSocket included. */
  connectMs: number
  /** On connections that we have opened, a keep-alive is sent so often (RFC 5626 section 4.4.1). */
  pingMs: number
  /** Who has answered a keep-alive once must answer the next ones in this time. */
  pongMs: number
  /** What may wait for a reader that is slow; above it he is taken for gone. */
  bufferedBytes: number
}

export const transportLimits: TransportLimits = {
  connections: 2000,
  connectionsPerAddress: 100,
  messagesPerSecond: 2000,
  // Longer than any keep-alive that phones use; calls may be silent for long, and their BYE has to find its way.
  idleMs: 600_000,
  strangerMs: 10_000,
  connectMs: 4000,
  // RFC 5626 section 4.4.1: at most 120 s, and less than that where NATs forget sooner.
  pingMs: 60_000,
  pongMs: 10_000,
  bufferedBytes: 1_048_576,
}
