/** The keys that sign user tokens: ES256 (ECDSA on P-256), several at a time so that one can follow another. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { EpochMs } from '@parley/protocol'
import * as z from 'zod/mini'

const coordinate = z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/))

/** A public key as RFC 7517 writes it, with its id and its one use. */
export type PublicJwk = { kty: 'EC'; crv: 'P-256'; x: string; y: string; kid: string; alg: 'ES256'; use: 'sig' }

const PrivateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  d: coordinate,
})

/** One key as it is kept in a file. */
export const StoredSigningKey = z.object({ createdAt: EpochMs, jwk: PrivateJwk })
export type StoredSigningKey = z.infer<typeof StoredSigningKey>

/** One key, ready for use. `id` is its thumbprint (RFC 7638), so that the same key has the same id everywhere. */
export type SigningKey = {
  id: string
  createdAt: EpochMs
  privateKey: KeyObject
  publicKey: KeyObject
  publicJwk: PublicJwk
}

/** Makes new key material. */
export function createSigningKey(createdAt: EpochMs): StoredSigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return StoredSigningKey.parse({ createdAt, jwk: privateKey.export({ format: 'jwk' }) })
}

/** The keys of one platform. Each verifies; the newest signs. */
export class SigningKeys {
  readonly newest: SigningKey
  readonly #byId: ReadonlyMap<string, SigningKey>

  /** Throws when there is no key, or when one is not on the curve. */
  constructor(stored: readonly StoredSigningKey[]) {
    const keys = stored.map(open).toSorted((a, b) => b.createdAt - a.createdAt)
    const [newest] = keys
    if (newest === undefined) throw new Error('There is no signing key.')
    this.newest = newest
    this.#byId = new Map(keys.map((key) => [key.id, key]))
  }

  find(id: string): SigningKey | undefined {
    return this.#byId.get(id)
  }

  /** What others need to check our tokens (RFC 7517 section 5), newest first. Holds nothing secret. */
  jwks(): { keys: PublicJwk[] } {
    return { keys: [...this.#byId.values()].map((key) => key.publicJwk) }
  }
}

function open({ createdAt, jwk }: StoredSigningKey): SigningKey {
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' })
  const publicKey = createPublicKey(privateKey)
  // Node takes d, x and y as they come. Halves that do not belong together would sign tokens that nobody can verify.
  const probe = Buffer.from('parley')
  if (!verify('sha256', probe, publicKey, sign('sha256', probe, privateKey))) {
    throw new Error('A signing key does not fit its public half.')
  }
  const { x, y } = jwk
  const id = thumbprint(x, y)
  return {
    id,
    createdAt,
    privateKey,
    publicKey,
    publicJwk: { kty: 'EC', crv: 'P-256', x, y, kid: id, alg: 'ES256', use: 'sig' },
  }
}

/** RFC 7638 section 3: SHA-256 over the required members, in alphabetical order and without white space. */
function thumbprint(x: string, y: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y }))
    .digest('base64url')
}
