import { createPublicKey, verify, sign } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { EpochMs } from '@parley/protocol'
import { createSigningKey, SigningKeys } from './signing-keys.ts'

const older = createSigningKey(EpochMs.parse(1))
const newer = createSigningKey(EpochMs.parse(2))

describe('signing keys', () => {
  it('sign with the newest and verify with each', () => {
    const keys = new SigningKeys([older, newer])
    expect(keys.newest.createdAt).toBe(2)
    for (const { kid } of keys.jwks().keys) expect(keys.find(kid)?.id).toBe(kid)
    expect(keys.jwks().keys).toHaveLength(2)
    expect(keys.find('another')).toBeUndefined()
  })

  it('have the same id wherever they are opened', () => {
    expect(new SigningKeys([older]).newest.id).toBe(new SigningKeys([older, newer]).jwks().keys[1]?.kid)
    expect(new SigningKeys([older]).newest.id).not.toBe(new SigningKeys([newer]).newest.id)
  })

  it('publish what others verify with, and nothing secret', () => {
    const keys = new SigningKeys([newer])
    const [jwk] = keys.jwks().keys
    expect(Object.keys(jwk ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
    const text = Buffer.from('said')
    const published = createPublicKey({ key: { ...jwk }, format: 'jwk' })
    expect(verify('sha256', text, published, sign('sha256', text, keys.newest.privateKey))).toBe(true)
    expect(JSON.stringify(keys.jwks())).not.toContain(newer.jwk.d)
  })

  it('are refused when there is none, or when the halves of one do not belong together', () => {
    expect(() => new SigningKeys([])).toThrow('There is no signing key.')
    expect(() => new SigningKeys([{ ...older, jwk: { ...older.jwk, d: newer.jwk.d } }])).toThrow('does not fit')
  })

  it('have the thumbprint of RFC 7638 as their id', () => {
    // The public half of RFC 7515 appendix A.3; its thumbprint by another implementation (jose).
    const jwk = {
      kty: 'EC' as const,
      crv: 'P-256' as const,
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
      d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
    }
    expect(new SigningKeys([{ createdAt: EpochMs.parse(0), jwk }]).newest.id).toBe(
      'oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U',
    )
  })
})
