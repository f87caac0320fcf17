import { createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { AzureCommunicationTokenCredential } from '@azure/communication-common'
import { EpochMs, ResourceId, userIdOf } from '@parley/protocol'
import { createSigningKey, SigningKeys } from './signing-keys.ts'
import { tokenScopes, Tokens } from './tokens.ts'

const now = Date.UTC(2026, 10, 21, 12, 0, 0)
const issuer = 'http://localhost:8080'
const keys = new SigningKeys([createSigningKey(EpochMs.parse(1))])
const otherKeys = new SigningKeys([createSigningKey(EpochMs.parse(1))])
const resourceId = ResourceId.parse(randomUUID())
const user = userIdOf(resourceId, randomUUID())

const tokensAt = (at: number, more: Partial<{ keys: SigningKeys; issuer: string }> = {}) =>
  new Tokens({ keys, issuer, ...more, now: () => at })
const tokens = tokensAt(now)
const hour = 3_600_000
const request = { user, resourceId, scopes: ['voip' as const], epoch: 3, lifetimeMs: hour }

const partOf = (token: string, n: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[n] ?? '', 'base64url').toString())
const verdict = (token: string, verifier = tokens) => {
  const checked = verifier.verify(token)
  return checked.ok ? 'ok' : checked.problem
}

describe('a token', () => {
  it('is accepted by the platform that issued it, and says whose it is', () => {
    const { token, expiresAt } = tokens.issue({ ...request, scopes: ['voip', 'chat'] })
    expect(expiresAt).toBe(now + hour)
    expect(tokens.verify(token)).toEqual({
      ok: true,
      access: { user, resourceId, scopes: ['voip', 'chat'], epoch: 3, mayUsePlainMedia: false, expiresAt },
    })
  })

  it('carries the claims that ACS clients and samples read', () => {
    const { token } = tokens.issue({ ...request, scopes: ['voip', 'chat'] })
    expect(partOf(token, 0)).toEqual({ alg: 'ES256', typ: 'JWT', kid: keys.newest.id })
    expect(partOf(token, 1)).toEqual({
      skypeid: user.replace(/^8:/, ''),
      acsScope: 'voip,chat',
      resourceId,
      scp: 1792,
      csi: String(now / 1000),
      iat: now / 1000,
      exp: (now + hour) / 1000,
      iss: issuer,
      aud: 'parley',
      sub: user,
      epoch: 3,
    })
  })

  it("is read by Microsoft's credential", async () => {
    const { token, expiresAt } = tokensAt(Date.now()).issue(request)
    const credential = new AzureCommunicationTokenCredential(token)
    expect(await credential.getToken()).toEqual({ token, expiresOnTimestamp: expiresAt })
    credential.dispose()
  })

  it.each(tokenScopes)('of the scope %s says so', (scope) => {
    const checked = tokens.verify(tokens.issue({ ...request, scopes: [scope] }).token)
    expect(checked).toMatchObject({ ok: true, access: { scopes: [scope] } })
  })

  it('lets its holder send media without a browser when it was issued for that, and in a claim of our own', () => {
    const { token } = tokens.issue({ ...request, mayUsePlainMedia: true })
    expect(partOf(token, 1)).toHaveProperty('parley_plain', true)
    expect(tokens.verify(token)).toMatchObject({ ok: true, access: { mayUsePlainMedia: true } })
  })

  it('outlives the change of the signing key, as long as the old one is kept', () => {
    const old = createSigningKey(EpochMs.parse(1))
    const { token } = tokensAt(now, { keys: new SigningKeys([old]) }).issue(request)
    const rotated = new SigningKeys([old, createSigningKey(EpochMs.parse(2))])
    expect(verdict(token, tokensAt(now, { keys: rotated }))).toBe('ok')
    expect(partOf(tokensAt(now, { keys: rotated }).issue(request).token, 0)).not.toEqual(partOf(token, 0))
  })

  // prettier-ignore
  const times: [when: string, offMs: number, verdict: string][] = [
    ['as it is issued',            0,                'ok'],
    ['a second before its end',    hour - 1000,      'ok'],
    ['59 s after its end (skew)',  hour + 59_000,    'ok'],
    ['60 s after its end',         hour + 60_000,    'expired'],
    ['a year after its end',       365 * 24 * hour,  'expired'],
    ['60 s before it was issued',  -60_000,          'ok'],
    ['61 s before it was issued',  -61_000,          'invalid'],
  ]
  it.each(times)('%s is %d: %s', (_when, offMs, expected) => {
    expect(verdict(tokens.issue(request).token, tokensAt(now + offMs))).toBe(expected)
  })
})

const encode = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const header = { alg: 'ES256', typ: 'JWT', kid: keys.newest.id }
const payload = partOf(tokens.issue(request).token, 1)
const without = (name: string) => Object.fromEntries(Object.entries(payload).filter(([known]) => known !== name))

/** Signs anything at all, correctly by RFC 7518 section 3.4, with our own key unless told otherwise. */
function signed(header: unknown, payload: unknown, key: KeyObject = keys.newest.privateKey): string {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

function hmacSigned(header: unknown, key: string | Buffer): string {
  const text = `${encode(header)}.${encode(payload)}`
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}

describe('a bad token is refused', () => {
  const good = tokens.issue(request).token
  const [goodHeader = '', goodPayload = '', goodSignature = ''] = good.split('.')
  const attacker = otherKeys.newest
  const attackerJwk = attacker.publicJwk
  const publicPem = String(keys.newest.publicKey.export({ type: 'spki', format: 'pem' }))
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const changed = (change: object) => signed(header, { ...payload, ...change })
  const foreign = ResourceId.parse(randomUUID())
  const flipped = goodSignature.startsWith('A') ? `B${goodSignature.slice(1)}` : `A${goodSignature.slice(1)}`
  const der = sign('sha256', Buffer.from(`${goodHeader}.${goodPayload}`), keys.newest.privateKey).toString('base64url')
  const rsaSigned = (alg: string) => {
    const text = `${encode({ ...header, alg })}.${encode(payload)}`
    return `${text}.${sign('sha256', Buffer.from(text), rsa).toString('base64url')}`
  }

  // prettier-ignore
  const bad: [what: string, token: string][] = [
    ['empty',                                     ''],
    ['one dot',                                   '.'],
    ['two dots',                                  '..'],
    ['no token',                                  'Bearer'],
    ['without a signature part',                  `${goodHeader}.${goodPayload}`],
    ['with an empty signature',                   `${goodHeader}.${goodPayload}.`],
    ['with an empty payload',                     `${goodHeader}..${goodSignature}`],
    ['with a signature of zeroes',                `${goodHeader}.${goodPayload}.${Buffer.alloc(64).toString('base64url')}`],
    ['with a changed signature',                  `${goodHeader}.${goodPayload}.${flipped}`],
    ['with a cut signature',                      good.slice(0, -4)],
    ['with a longer signature',                   `${good}AAAA`],
    ['with a DER signature',                      `${goodHeader}.${goodPayload}.${der}`],
    ['with a padded signature',                   `${good}==`],
    ['with white space around it',                ` ${good}\n`],
    ['with another payload under its signature',  `${goodHeader}.${encode({ ...payload, epoch: 4 })}.${goodSignature}`],
    ['alg none, unsigned',                        `${encode({ ...header, alg: 'none' })}.${goodPayload}.`],
    ['alg none, with a signature',                `${encode({ ...header, alg: 'none' })}.${goodPayload}.${goodSignature}`],
    ['alg NoNe',                                  `${encode({ ...header, alg: 'NoNe' })}.${goodPayload}.`],
    ['HS256 with our public key as the secret',   hmacSigned({ ...header, alg: 'HS256' }, publicPem)],
    ['HS256 with our JWK as the secret',          hmacSigned({ ...header, alg: 'HS256' }, JSON.stringify(keys.newest.publicJwk))],
    ['HS256 with an empty secret',                hmacSigned({ ...header, alg: 'HS256' }, '')],
    ['an HMAC that calls itself ES256',           hmacSigned(header, publicPem)],
    ['RS256',                                     rsaSigned('RS256')],
    ['an RSA signature that calls itself ES256',  rsaSigned('ES256')],
    ['ES384',                                     signed({ ...header, alg: 'ES384' }, payload, p384)],
    ['a P-384 signature that calls itself ES256', signed(header, payload, p384)],
    ['without alg',                               signed({ typ: 'JWT', kid: header.kid }, payload)],
    ["another platform's, by its own kid",        signed({ ...header, kid: attacker.id }, payload, attacker.privateKey)],
    ["another platform's, under our kid",         signed(header, payload, attacker.privateKey)],
    ['without kid',                               signed({ alg: 'ES256', typ: 'JWT' }, payload)],
    ['kid that is a path',                        signed({ ...header, kid: '../../data/signing-keys.json' }, payload)],
    ['kid that is SQL',                           signed({ ...header, kid: "' OR 1=1 --" }, payload)],
    ['kid __proto__',                             signed({ ...header, kid: '__proto__' }, payload)],
    ['kid that is a list',                        signed({ ...header, kid: [header.kid] }, payload)],
    ['jwk in the header',                         signed({ ...header, jwk: attackerJwk }, payload, attacker.privateKey)],
    ['jku in the header',                         signed({ ...header, jku: 'https://example.com/jwks.json' }, payload)],
    ['x5u in the header',                         signed({ ...header, x5u: 'https://example.com/cert.pem' }, payload)],
    ['x5c in the header',                         signed({ ...header, x5c: ['AAAA'] }, payload)],
    ['crit in the header',                        signed({ ...header, crit: ['exp'] }, payload)],
    ['another typ',                               signed({ ...header, typ: 'at+jwt' }, payload)],
    ['without typ',                               signed({ alg: 'ES256', kid: header.kid }, payload)],
    ['a header that is a list',                   signed([header], payload)],
    ['a header that is null',                     signed(null, payload)],
    ['a header that is no JSON',                  signed('{', payload)],
    ['a JWE with five parts',                     `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['a JWE with three parts filled',             `${good}.AAAA.AAAA`],
    ['longer than 8 KB',                          changed({ more: 'x'.repeat(8192) })],
    ['a payload that is a list',                  signed(header, [payload])],
    ['a payload that is a string',                signed(header, '"text"')],
    ['a payload that is no JSON',                 signed(header, '{"sub":')],
    ['another issuer',                            changed({ iss: 'http://localhost:8081' })],
    ['an issuer that only begins like ours',      changed({ iss: `${issuer}.example.com` })],
    ['without iss',                               signed(header, without('iss'))],
    ['another audience',                          changed({ aud: 'another' })],
    ['without aud',                               signed(header, without('aud'))],
    ['without sub',                               signed(header, without('sub'))],
    ['a sub that is no user',                     changed({ sub: '4:+15551234' })],
    ['a skypeid of someone else',                 changed({ skypeid: userIdOf(resourceId, randomUUID()).slice(2) })],
    ['a user of another resource',                changed({ resourceId: foreign })],
    ['a resource that is no GUID',                changed({ resourceId: 'x' })],
    ['without exp',                               signed(header, without('exp'))],
    ['an exp that is text',                       changed({ exp: '9999999999' })],
    ['an exp that is null',                       changed({ exp: null })],
    ['without iat',                               signed(header, without('iat'))],
    ['an iat of tomorrow',                        changed({ iat: now / 1000 + 86_400 })],
    ['nbf of tomorrow',                           changed({ nbf: now / 1000 + 86_400 })],
    ['without epoch',                             signed(header, without('epoch'))],
    ['an epoch below zero',                       changed({ epoch: -1 })],
    ['an epoch between two',                      changed({ epoch: 2.5 })],
    ['plain media that is a word',                changed({ parley_plain: 'true' })],
    ['a scope that does not exist',               changed({ acsScope: 'voip,admin' })],
    ['scopes as a list',                          changed({ acsScope: ['voip'] })],
  ]

  it('in at least forty ways', () => expect(bad.length).toBeGreaterThanOrEqual(40))
  it.each(bad)('%s', (_what, token) => expect(verdict(token)).toBe('invalid'))

  it('while the same token, signed by the same code with nothing wrong, is accepted', () => {
    expect(verdict(signed(header, payload))).toBe('ok')
  })
})
