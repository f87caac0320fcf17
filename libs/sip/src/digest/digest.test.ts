import { expect, it } from '@jest/globals'
import { parseUri } from '../grammar/index.ts'
import {
  Authorization,
  Headers,
  ProxyAuthenticate,
  responseTo,
  WwwAuthenticate,
  type AuthValues,
  type Request,
  type Response,
} from '../messages/index.ts'
import { algorithmNamed } from './algorithms.ts'
import { DigestClient, DigestServer, secretOf, type DigestServerOptions } from './index.ts'
import { digestResponse } from './response.ts'

const ann = { username: 'ann', password: 'secret of ann' }

function request(body = '', method = 'REGISTER'): Request {
  const headers = new Headers()
    .setText('Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1')
    .setText('From', '<sip:ann@example.com>;tag=1')
    .setText('To', '<sip:ann@example.com>')
    .setText('Call-ID', 'c')
    .setText('CSeq', `1 ${method}`)
  return {
    kind: 'request',
    method,
    uri: parseUri('sip:example.com'),
    headers,
    body: new TextEncoder().encode(body),
  }
}

function serverOf(accounts: Record<string, string>, options: Partial<DigestServerOptions> = {}) {
  const clock = { now: 1_000_000 }
  const server = new DigestServer({
    realm: 'example.com',
    accountOf: (name) => (accounts[name] === undefined ? undefined : { password: accounts[name] }),
    now: () => clock.now,
    ...options,
  })
  return { server, clock }
}

const ours = { ann: ann.password }

/** A challenge as another server may send it. */
function challenged(to: Request, status: 401 | 407, ...challenges: Record<string, string>[]): Response {
  const response = responseTo(to, status)
  const values = challenges.map((one): AuthValues => ({ scheme: 'Digest', values: new Map(Object.entries(one)) }))
  response.headers.setAll(status === 401 ? WwwAuthenticate : ProxyAuthenticate, values)
  return response
}

const proofIn = (from: Request) => Object.fromEntries(from.headers.first(Authorization)?.values ?? [])

it.each([
  ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
  ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
])('computes what RFC 7616 section 3.9.1 computes with %s', (name, expected) => {
  const algorithm = algorithmNamed(name)
  if (algorithm === undefined) throw new Error(`${name} is not known`)
  const response = digestResponse({
    algorithm,
    secret: secretOf(algorithm.hash, 'Mufasa', 'http-auth@example.org', 'Circle of Life'),
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    protection: { qop: 'auth', nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' },
    body: new Uint8Array(0),
  })
  expect(response).toBe(expected)
})

for (const algorithm of ['MD5', 'SHA-256', 'SHA-512-256'] as const) {
  for (const qop of ['auth', 'auth-int'] as const) {
    it(`lets ann in with ${algorithm} and ${qop}`, async () => {
      const { server } = serverOf(ours, { algorithms: [algorithm], qop: [qop] })
      const client = new DigestClient(() => ann)
      const first = request('a body')
      expect(await server.verify(first)).toEqual({ is: 'unproven', isStale: false })
      expect(client.learn(first, server.challenge(first))).toBe(true)
      client.authorize(first)
      expect(proofIn(first)).toMatchObject({ algorithm, qop, nc: '00000001' })
      expect(await server.verify(first)).toEqual({ is: 'accepted', username: 'ann' })
    })
  }
}

it('takes the strongest of several challenges, wherever it stands, and passes over what it does not know', () => {
  const client = new DigestClient(() => ann)
  const first = request()
  const realm = 'example.com'
  const response = challenged(
    first,
    401,
    { realm, nonce: 'weak', algorithm: 'MD5', qop: 'auth' },
    { realm, nonce: 'strange', algorithm: 'SHA-9000', qop: 'auth' },
    { realm, nonce: 'strong', algorithm: 'SHA-256', qop: 'auth', opaque: 'give this back' },
  )
  expect(client.learn(first, response)).toBe(true)
  client.authorize(first)
  expect(proofIn(first)).toMatchObject({ nonce: 'strong', algorithm: 'SHA-256', opaque: 'give this back' })
})

it('answers a proxy and a server, each in its own header', () => {
  const client = new DigestClient((realm) => ({ username: realm, password: 'x' }))
  const first = request()
  client.learn(first, challenged(first, 407, { realm: 'proxy', nonce: 'p' }))
  client.learn(first, challenged(first, 401, { realm: 'server', nonce: 's' }))
  client.authorize(first)
  expect(first.headers.text('Proxy-Authorization')).toContain('username="proxy"')
  expect(first.headers.text('Authorization')).toContain('username="server"')
})

it('does not offer a refused password again', () => {
  const client = new DigestClient(() => ann)
  const first = request()
  client.learn(first, challenged(first, 401, { realm: 'example.com', nonce: 'one', qop: 'auth' }))
  client.authorize(first)
  expect(client.learn(first, challenged(first, 401, { realm: 'example.com', nonce: 'two', qop: 'auth' }))).toBe(false)
})

it('says nothing to realms that are no business of ours', () => {
  const client = new DigestClient((realm) => (realm === 'example.com' ? ann : undefined))
  const first = request()
  expect(client.learn(first, challenged(first, 401, { realm: 'elsewhere', nonce: 'one' }))).toBe(false)
  client.authorize(first)
  expect(first.headers.has('Authorization')).toBe(false)
})

it('counts up while a nonce lasts, and begins again with the next one that the server names', () => {
  const client = new DigestClient(() => ann)
  const first = request()
  client.learn(first, challenged(first, 401, { realm: 'example.com', nonce: 'one', qop: 'auth' }))
  client.authorize(first)
  const second = request()
  client.authorize(second)
  expect(proofIn(second)).toMatchObject({ nonce: 'one', nc: '00000002' })
  const fine = responseTo(second, 200)
  fine.headers.setText('Authentication-Info', 'nextnonce="two", qop=auth')
  client.note(fine)
  const third = request()
  client.authorize(third)
  expect(proofIn(third)).toMatchObject({ nonce: 'two', nc: '00000001' })
})

it('a nonce that is too old is called stale, and the client goes on with the new one', async () => {
  const { server, clock } = serverOf(ours)
  const client = new DigestClient(() => ann)
  const first = request()
  client.learn(first, server.challenge(first))
  clock.now += 60_001
  client.authorize(first)
  expect(await server.verify(first)).toEqual({ is: 'unproven', isStale: true })
  expect(client.learn(first, server.challenge(first, { isStale: true }))).toBe(true)
  client.authorize(first)
  expect(await server.verify(first)).toMatchObject({ is: 'accepted' })
})

it('who repeats what he has overheard is not let in', async () => {
  const { server } = serverOf(ours)
  const client = new DigestClient(() => ann)
  const first = request()
  client.learn(first, server.challenge(first))
  client.authorize(first)
  expect(await server.verify(first)).toMatchObject({ is: 'accepted' })
  expect(await server.verify(first)).toEqual({ is: 'unproven', isStale: true })
})

it('a challenge is for the address to which it was given: nobody else can be wrong, or right, with it', async () => {
  const { server } = serverOf(ours)
  for (const password of ['guess', ann.password]) {
    const client = new DigestClient(() => ({ username: 'ann', password }))
    const first = request()
    client.learn(first, server.challenge(first, { to: '192.0.2.1' }))
    client.authorize(first)
    expect(await server.verify(first, '192.0.2.2')).toEqual({ is: 'unproven', isStale: false })
    expect(await server.verify(first, '192.0.2.1')).toMatchObject({ is: password === 'guess' ? 'wrong' : 'accepted' })
  }
})

it.each([
  ['of another user is none for this request', 'sip:+4930111@example.com', 'unproven'],
  ['that names him otherwise is one', 'sip:%2B4930222@192.0.2.1:5060;transport=tcp', 'accepted'],
  ['of the domain alone is one', 'sip:example.com', 'accepted'],
  ['whose URI is none is one', '+4930111', 'accepted'],
])('a proof %s', async (_, uri, is) => {
  const { server } = serverOf(ours)
  const call = { ...request('', 'INVITE'), uri: parseUri('sip:+4930222@example.com') }
  const nonce = server.challenge(call).headers.first(WwwAuthenticate)?.values.get('nonce') ?? ''
  const algorithm = algorithmNamed('MD5')
  if (algorithm === undefined) throw new Error('MD5 is not known')
  const secret = secretOf('MD5', 'ann', 'example.com', ann.password)
  const response = digestResponse({ algorithm, secret, method: 'INVITE', uri, nonce, body: call.body })
  const proof = { realm: 'example.com', username: 'ann', nonce, uri, response }
  call.headers.setAll(Authorization, [{ scheme: 'Digest', values: new Map(Object.entries(proof)) }])
  expect(await server.verify(call)).toMatchObject({ is })
})

it('what auth-int protects cannot be changed on the way', async () => {
  const { server } = serverOf(ours, { qop: ['auth-int'] })
  const client = new DigestClient(() => ann)
  const first = request('pay one')
  client.learn(first, server.challenge(first))
  client.authorize(first)
  const changed: Request = { ...first, body: new TextEncoder().encode('pay two') }
  expect(await server.verify(changed)).toEqual({ is: 'wrong', username: 'ann' })
})

it('a wrong password, a name that nobody has and a forged nonce are told apart from no proof at all, by us only', async () => {
  const { server } = serverOf(ours)
  const tries = async (username: string, password: string, nonce?: string) => {
    const client = new DigestClient(() => ({ username, password }))
    const first = request()
    const real = server.challenge(first)
    client.learn(
      first,
      nonce === undefined ? real : challenged(first, 401, { realm: 'example.com', nonce, qop: 'auth' }),
    )
    client.authorize(first)
    return (await server.verify(first)).is
  }
  expect(await tries('ann', 'guess')).toBe('wrong')
  expect(await tries('nobody', '')).toBe('wrong')
  expect(await tries('ann', ann.password, 'made up')).toBe('unproven')
})

it('accounts may be kept as hashes, and one that lacks a hash cannot be entered by it', async () => {
  const secrets = { 'SHA-256': secretOf('SHA-256', 'ann', 'example.com', ann.password) }
  const { server } = serverOf({}, { accountOf: () => ({ secrets }) })
  const client = new DigestClient(() => ann)
  const first = request()
  client.learn(first, server.challenge(first))
  client.authorize(first)
  expect(await server.verify(first)).toMatchObject({ is: 'accepted' })

  const old = serverOf({}, { accountOf: () => ({ secrets }), algorithms: ['MD5'] })
  const second = request()
  const other = new DigestClient(() => ann)
  other.learn(second, old.server.challenge(second))
  other.authorize(second)
  expect(await old.server.verify(second)).toMatchObject({ is: 'wrong' })
})

it('remembers only so many nonces, and calls those stale that it had to forget', async () => {
  const { server, clock } = serverOf(ours, { limits: { inUse: 2 } })
  const clients = [0, 1, 2].map(() => new DigestClient(() => ann))
  for (const client of clients) {
    clock.now += 1
    const first = request()
    client.learn(first, server.challenge(first))
    client.authorize(first)
    expect(await server.verify(first)).toMatchObject({ is: 'accepted' })
  }
  const again = request()
  clients[0]?.authorize(again)
  expect(await server.verify(again)).toEqual({ is: 'unproven', isStale: true })
})
