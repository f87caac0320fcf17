/** The hashes of digest authentication and how far each is to be trusted (RFC 7616 section 6.1, RFC 8760). */
import { createHash } from 'node:crypto'

export type DigestAlgorithm = 'SHA-512-256' | 'SHA-256' | 'MD5'

// The stronger first. MD5 stays because most trunks know nothing else.
const hashNames: Record<DigestAlgorithm, string> = { 'SHA-512-256': 'sha512-256', 'SHA-256': 'sha256', MD5: 'md5' }
const fromStrongest = Object.keys(hashNames) as DigestAlgorithm[]

/** What a challenge says in `algorithm`: a hash, and whether the session's nonces go into the secret. */
export type AlgorithmChoice = { hash: DigestAlgorithm; isSession: boolean; name: string }

/** Reads an algorithm's name; a challenge without one means MD5. Undefined when it is not spoken here. */
export function algorithmNamed(name = 'MD5'): AlgorithmChoice | undefined {
  const isSession = name.toLowerCase().endsWith('-sess')
  const plain = isSession ? name.slice(0, -'-sess'.length) : name
  const hash = fromStrongest.find((known) => known.toLowerCase() === plain.toLowerCase())
  return hash === undefined ? undefined : { hash, isSession, name }
}

/** 0 is the strongest. */
export function weakness({ hash }: AlgorithmChoice): number {
  return fromStrongest.indexOf(hash)
}

/** The hash of a text or of bytes, in hexadecimal digits. */
export function hashed(hash: DigestAlgorithm, content: string | Uint8Array): string {
  return createHash(hashNames[hash]).update(content).digest('hex')
}
