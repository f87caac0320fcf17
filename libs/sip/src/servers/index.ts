/** From a URI to the servers that are to be tried for it, in order: RFC 3263. */
export type { Server, TransportName } from './server.ts'
