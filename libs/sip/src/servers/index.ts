/** From a URI to the servers that are to be tried for it, in order: RFC 3263. */
export { dnsBy, type Dns, type Naptr, type Srv } from './dns.ts'
export { findServers, type FindOptions } from './find-servers.ts'
export type { Server, TransportName } from './server.ts'
