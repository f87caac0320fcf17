/** Digest authentication, both sides (RFC 7616 and 8760 as RFC 3261 section 22 uses them). Knows messages only. */
export { DigestClient, type Credentials, type CredentialsFor } from './client.ts'
export { DigestServer, type DigestAccount, type DigestServerOptions, type DigestVerdict } from './server.ts'
export { secretOf } from './response.ts'
export type { DigestAlgorithm } from './algorithms.ts'
