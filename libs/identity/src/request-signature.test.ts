import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { signRequest, verifyRequest, type ReceivedRequest } from './request-signature.ts'

const key = randomBytes(64)
const otherKey = randomBytes(64)
const now = Date.UTC(2026, 10, 21, 12, 0, 0)
const body = Buffer.from('{"scopes":["voip"]}')

/** A signed request as it would come in, with what a test changes afterwards. */
function received(change: Partial<{ method: string; target: string; host: string; body: Buffer; at: number }> = {}) {
  const { at, ...rest } = change
  const request = {
    method: 'POST',
    target: '/identities?api-version=2023-10-01',
    host: 'localhost:8080',
    body,
    ...rest,
  }
  const headers = { host: request.host, ...signRequest(request, key, at ?? now) }
  return { ...request, rawHeaders: Object.entries(headers).flat() } satisfies ReceivedRequest
}

function withHeader(request: ReceivedRequest, name: string, value: string | undefined): ReceivedRequest {
  const pairs = request.rawHeaders.flatMap((text, i) => (i % 2 === 0 ? [[text, request.rawHeaders[i + 1] ?? '']] : []))
  const kept = pairs.filter(([known]) => known?.toLowerCase() !== name)
  return { ...request, rawHeaders: [...kept, ...(value === undefined ? [] : [[name, value]])].flat() }
}

const check = (request: ReceivedRequest, keys: readonly Uint8Array[] = [key]) => verifyRequest(request, keys, now)
const problemOf = (request: ReceivedRequest, keys?: readonly Uint8Array[]) => {
  const checked = check(request, keys)
  return checked.ok ? 'none' : checked.problem
}

describe('a signed request', () => {
  it('is accepted', () => {
    expect(check(received())).toEqual({ ok: true })
    expect(check(received({ method: 'GET', body: Buffer.alloc(0) }))).toEqual({ ok: true })
  })

  it('is accepted with each of the keys that are valid now, and with no other', () => {
    expect(problemOf(received(), [key, otherKey])).toBe('none')
    expect(problemOf(received(), [otherKey, key])).toBe('none')
    expect(problemOf(received(), [otherKey])).toBe('wrongSignature')
    expect(problemOf(received(), [])).toBe('wrongSignature')
  })

  it('is accepted twice: clients retry with the same signature', () => {
    const request = received()
    expect([check(request), check(request)]).toEqual([{ ok: true }, { ok: true }])
  })

  it('holds the path and the query byte for byte', () => {
    for (const target of [
      '/identities/8%3Aacs%3Aa_b/:issueAccessToken?api-version=2023-10-01',
      '//a',
      '/?a&a',
      '/%2F',
    ]) {
      expect(problemOf(received({ target }))).toBe('none')
    }
    expect(problemOf({ ...received({ target: '/identities/8%3Aa' }), target: '/identities/8:a' })).toBe(
      'wrongSignature',
    )
    expect(problemOf({ ...received({ target: '/a' }), target: '//a' })).toBe('wrongSignature')
    expect(problemOf({ ...received({ target: '/a?b&b' }), target: '/a?b' })).toBe('wrongSignature')
  })

  it('may name Date in place of x-ms-date, and x-ms-date counts where both came', () => {
    const request = received()
    const headers = signRequest(request, key, now)
    const authorization = headers.authorization.replace('x-ms-date', 'date')
    const dated = withHeader(withHeader(request, 'authorization', authorization), 'x-ms-date', undefined)
    expect(problemOf(withHeader(dated, 'date', headers['x-ms-date']))).toBe('none')
    expect(problemOf(withHeader(request, 'date', 'Sat, 21 Nov 2026 10:00:00 GMT'))).toBe('none')
  })
})

describe('a request is refused when after signing', () => {
  // prettier-ignore
  const flips: [what: string, request: ReceivedRequest, problem: string][] = [
    ['the verb changed',             { ...received(), method: 'PUT' },                                    'wrongSignature'],
    ['the path changed',             { ...received(), target: '/identitieS?api-version=2023-10-01' },     'wrongSignature'],
    ['the query changed',            { ...received(), target: '/identities?api-version=2022-10-01' },     'wrongSignature'],
    ['the query grew',               { ...received(), target: '/identities?api-version=2023-10-01&a=b' }, 'wrongSignature'],
    ['the query went',               { ...received(), target: '/identities' },                            'wrongSignature'],
    ['the host changed',             withHeader(received(), 'host', 'localhost:8081'),                    'wrongSignature'],
    ['the host went',                withHeader(received(), 'host', undefined),                           'malformed'],
    ['the date changed',             withHeader(received(), 'x-ms-date', 'Sat, 21 Nov 2026 12:00:01 GMT'), 'wrongSignature'],
    ['the date went',                withHeader(received(), 'x-ms-date', undefined),                      'noDate'],
    ['the date became nonsense',     withHeader(received(), 'x-ms-date', '1'),                            'badDate'],
    ['the date became impossible',   withHeader(received(), 'x-ms-date', 'Sat, 41 Nov 2026 12:00:00 GMT'), 'badDate'],
    ['the body changed',             { ...received(), body: Buffer.from('{"scopes":["chat"]}') },         'bodyChanged'],
    ['the body went',                { ...received(), body: Buffer.alloc(0) },                            'bodyChanged'],
    ['a body came',                  { ...received({ body: Buffer.alloc(0) }), body },                    'bodyChanged'],
    ['body and hash changed',        { ...withHeader(received(), 'x-ms-content-sha256', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='), body: Buffer.alloc(0) }, 'wrongSignature'],
    ['the hash went',                withHeader(received(), 'x-ms-content-sha256', undefined),            'malformed'],
    ['the signature went',           withHeader(received(), 'authorization', undefined),                  'missing'],
    ['another scheme came',          withHeader(received(), 'authorization', 'Bearer abc'),               'malformed'],
    ['other headers were signed',    withHeader(received(), 'authorization', `HMAC-SHA256 SignedHeaders=x-ms-date&Signature=${'A'.repeat(43)}=`), 'malformed'],
    ['the signature was cut',        withHeader(received(), 'authorization', 'HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=AAAA'), 'malformed'],
    ['the signature became zeroes',  withHeader(received(), 'authorization', `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${'A'.repeat(43)}=`), 'wrongSignature'],
  ]
  it.each(flips)('%s', (_what, request, problem) => expect(problemOf(request)).toBe(problem))

  it.each(['Host', 'X-MS-Date', 'x-ms-content-sha256', 'Authorization'])('%s came a second time', (name) => {
    const request = received()
    const first = request.rawHeaders.indexOf(name.toLowerCase())
    const again = [...request.rawHeaders, name, request.rawHeaders[first + 1] ?? '']
    expect(problemOf({ ...request, rawHeaders: again })).toBe('duplicateHeader')
  })
})

describe('the date of a request', () => {
  // prettier-ignore
  const dates: [at: string, offMs: number, toleranceMin: number, problem: string][] = [
    ['4:59 ago',      -299_000, 5,  'none'],
    ['5:00 ago',      -300_000, 5,  'none'],
    ['5:01 ago',      -301_000, 5,  'dateTooFar'],
    ['4:59 ahead',     299_000, 5,  'none'],
    ['5:01 ahead',     301_000, 5,  'dateTooFar'],
    ['14:59 ago',     -899_000, 15, 'none'],
    ['15:01 ago',     -901_000, 15, 'dateTooFar'],
  ]
  it.each(dates)('%s (%d ms) with %d min of tolerance: %s', (_at, offMs, toleranceMin, problem) => {
    const checked = verifyRequest(received({ at: now + offMs }), [key], now, toleranceMin * 60_000)
    expect(checked.ok ? 'none' : checked.problem).toBe(problem)
  })
})

describe("Microsoft's own client", () => {
  const verify = (requests: readonly ReceivedRequest[]) =>
    requests.map((request) => verifyRequest(request, [key], Date.now()))

  async function withClient(
    use: (client: CommunicationIdentityClient) => Promise<unknown>,
    more: { query?: string; accessKey?: Buffer; failFirst?: number } = {},
  ): Promise<readonly ReceivedRequest[]> {
    const recorder = await recordRequests(more.failFirst ?? 0)
    const accessKey = (more.accessKey ?? key).toString('base64')
    const client = new CommunicationIdentityClient(`endpoint=${recorder.url};accesskey=${accessKey}`, {
      allowInsecureConnection: true,
      retryOptions: { retryDelayInMs: 1 },
      additionalPolicies: [
        {
          position: 'perCall',
          policy: {
            name: 'longerQuery',
            sendRequest: (request, next) => {
              request.url += more.query ?? ''
              return next(request)
            },
          },
        },
      ],
    })
    try {
      await use(client)
    } finally {
      await recorder.close()
    }
    return recorder.requests
  }

  it('signs what we accept: each of its operations', async () => {
    const user = { communicationUserId: '8:acs:0a_0b' }
    const requests = await withClient(async (client) => {
      await client.createUser()
      await client.createUserAndToken(['voip', 'chat'], { tokenExpiresInMinutes: 60 })
      await client.getToken(user, ['voip'])
      await client.revokeTokens(user)
      await client.deleteUser(user)
    })
    expect(requests.map(({ method, target }) => `${method} ${target.split('?')[0]}`)).toEqual([
      'POST /identities',
      'POST /identities',
      'POST /identities/8%3Aacs%3A0a_0b/:issueAccessToken',
      'POST /identities/8%3Aacs%3A0a_0b/:revokeAccessTokens',
      'DELETE /identities/8%3Aacs%3A0a_0b',
    ])
    expect(verify(requests)).toEqual(requests.map(() => ({ ok: true })))
  })

  it('is refused with another key', async () => {
    const requests = await withClient((client) => client.createUser(), { accessKey: otherKey })
    expect(verify(requests)).toEqual([{ ok: false, problem: 'wrongSignature' }])
  })

  it('signs its query as a form and sends it otherwise, and is accepted all the same', async () => {
    const requests = await withClient((client) => client.createUser(), { query: '&next=a%20b:c/d' })
    expect(requests[0]?.target).toContain('a%20b:c/d')
    expect(verify(requests)).toEqual([{ ok: true }])
  })

  it('retries with the same signature, and is accepted again', async () => {
    const requests = await withClient((client) => client.createUser(), { failFirst: 1 })
    const dates = requests.map(
      ({ rawHeaders }) => rawHeaders[rawHeaders.findIndex((h) => /^authorization$/i.test(h)) + 1],
    )
    expect(requests).toHaveLength(2)
    expect(new Set(dates).size).toBe(1)
    expect(verify(requests)).toEqual([{ ok: true }, { ok: true }])
  })
})

/** A server that notes what it is asked, answers as the identity doors do, and fails the first few times. */
async function recordRequests(failFirst: number) {
  const requests: ReceivedRequest[] = []
  const server = createServer((request, response) => {
    const { method = '', url: target = '', rawHeaders } = request
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({ method, target, rawHeaders, body: Buffer.concat(chunks) })
      answer(response, requests.length <= failFirst ? 503 : successOf(method, target))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.')
  return {
    url: `http://localhost:${address.port}/`,
    requests,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function successOf(method: string, target: string): number {
  if (method === 'DELETE' || target.includes(':revoke')) return 204
  return target.includes(':issue') ? 200 : 201
}

function answer(response: ServerResponse, status: number): void {
  const token = { token: 'a.b.c', expiresOn: '2026-11-21T12:00:00.000Z' }
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(
    status === 204 ? undefined : JSON.stringify({ identity: { id: '8:acs:0a_0b' }, accessToken: token, ...token }),
  )
}
