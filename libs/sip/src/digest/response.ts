/** The value that proves the knowledge of a password: RFC 7616 section 3.4, with RFC 3261 section 22.4 for SIP. */
import { hashed, type AlgorithmChoice, type DigestAlgorithm } from './algorithms.ts'

/** What both sides must agree about before their values are equal. */
export type DigestFacts = {
  algorithm: AlgorithmChoice
  /** H(username:realm:password), see `secretOf`. */
  secret: string
  method: string
  /** The `uri` of the credentials, as it stands there. */
  uri: string
  nonce: string
  /** Absent for those who answer as RFC 2069 did. */
  protection?: { qop: 'auth' | 'auth-int'; nc: string; cnonce: string }
  body: Uint8Array
}

/** What is kept of a password: RFC 7616 section 3.4.2, H(A1) before the nonces of a session go in. */
export function secretOf(hash: DigestAlgorithm, username: string, realm: string, password: string): string {
  return hashed(hash, `${username}:${realm}:${password}`)
}

export function digestResponse(facts: DigestFacts): string {
  const { algorithm, nonce, protection } = facts
  const hash = (text: string): string => hashed(algorithm.hash, text)
  const ha1 = algorithm.isSession ? hash(`${facts.secret}:${nonce}:${protection?.cnonce ?? ''}`) : facts.secret
  const ha2 = hash(covered(facts))
  if (protection === undefined) return hash(`${ha1}:${nonce}:${ha2}`)
  return hash(`${ha1}:${nonce}:${protection.nc}:${protection.cnonce}:${protection.qop}:${ha2}`)
}

/** RFC 7616 section 3.4.3: with auth-int the body is protected as well. */
function covered({ algorithm, method, uri, protection, body }: DigestFacts): string {
  const request = `${method}:${uri}`
  return protection?.qop === 'auth-int' ? `${request}:${hashed(algorithm.hash, body)}` : request
}
