/** How messages travel (RFC 3261 section 18): UDP, TCP, TLS, WebSocket. */
export type { Flow, PeerTrust, SocketPlace } from './flow.ts'
export type { Notice } from './notice.ts'
export type { TransportLimits } from './limits.ts'
export { OwnAddresses, type Listening } from './places.ts'
export type { TlsIdentity } from './tls.ts'
