import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { RestDoors } from './rest-doors.ts'

let built: string
let doors: RestDoors
beforeAll(async () => {
  // A clone may stand in a folder of this name; the page in it is no asset.
  built = join(await mkdtemp(join(tmpdir(), 'parley-pages-')), 'assets')
  await mkdir(join(built, 'web/assets'), { recursive: true })
  await mkdir(join(built, 'sdk'), { recursive: true })
  await writeFile(join(built, 'web/index.html'), '<!doctype html><title>Parley</title>')
  await writeFile(join(built, 'web/assets/index-abc123.js'), 'export {}')
  await writeFile(join(built, 'sdk/calling-sdk.js'), 'export const CallClient = 1')
  doors = await RestDoors.open({ webDir: join(built, 'web'), sdkFile: join(built, 'sdk/calling-sdk.js') })
})
afterAll(async () => {
  await doors.close()
  await rm(join(built, '..'), { recursive: true })
})

describe('every refusal has the form of ACS', () => {
  // prettier-ignore
  const refusals: [what: string, method: string, target: string, status: number, code: string][] = [
    ['an unknown path',            'GET',    '/nothing',                           404, 'NotFound'],
    ['an unknown verb',            'PUT',    '/identities?api-version=2023-10-01', 404, 'NotFound'],
    ['no id',                      'DELETE', '/identities/',                       404, 'NotFound'],
    ['a path that cannot be read', 'GET',    '/identities/%E0%A4%A',               400, 'BadRequest'],
    ['a path that climbs',         'GET',    '/sdk/../../etc/passwd',              404, 'NotFound'],
    ['one that climbs encoded',    'GET',    '/sdk/%2e%2e%2f%2e%2e%2fetc/passwd',  404, 'NotFound'],
    ['an id without end',          'DELETE', `/identities/${'x'.repeat(2000)}`,    414, 'UriTooLong'],
  ]
  it.each(refusals)('%s: %s %s', async (_what, method, target, status, code) => {
    const answer = await doors.ask({ method, target })
    expect([answer.status, answer.json]).toMatchObject([
      status,
      { error: { code, message: expect.stringMatching(/\.$/) } },
    ])
    expect(answer.headers['x-ms-error-code']).toBe(code)
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  })

  it('and none says more of us than it must', async () => {
    const { headers } = await doors.ask({ target: '/nothing' })
    expect(headers).not.toHaveProperty('server')
    expect(headers).not.toHaveProperty('x-powered-by')
  })
})

describe('the doors for operators', () => {
  it('say that the process is there', async () => {
    expect(await doors.ask({ target: '/health' })).toMatchObject({ status: 200, json: { status: 'ok' } })
  })

  it('say whether what it depends on is there, and name what is not', async () => {
    expect(await doors.ask({ target: '/ready' })).toMatchObject({ status: 200, json: { status: 'ready', failed: [] } })
    doors.checks.push(
      { name: 'database', check: () => Promise.reject(new Error('secret-host refused')) },
      { name: 'bus', check: () => Promise.resolve() },
    )
    const away = await doors.ask({ target: '/ready' })
    doors.checks.length = 0
    expect(away).toMatchObject({ status: 503, json: { status: 'notReady', failed: ['database'] } })
    expect(away.text).not.toContain('secret-host')
    expect(doors.logged).toContain('ready.check_failed')
    expect((await doors.ask({ target: '/health' })).status).toBe(200)
  })

  it('do not wait for what gives no answer', async () => {
    doors.checks.push({ name: 'database', check: () => Promise.withResolvers<void>().promise })
    const stuck = await doors.ask({ target: '/ready' })
    doors.checks.length = 0
    expect(stuck).toMatchObject({ status: 503, json: { failed: ['database'] } })
  })

  it('show metrics to this machine', async () => {
    await doors.ask({ target: '/identities/8%3Aacs%3Asomebody' })
    const { status, headers, text } = await doors.ask({ target: '/metrics' })
    expect(status).toBe(200)
    expect(headers['content-type']).toContain('text/plain')
    expect(text).toMatch(/^parley_http_request_seconds_count\{method="GET",route="\/health",status="200"\} \d+$/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(text).not.toContain('somebody')
  })

  it('show metrics to others with the access key only', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9' }
    const bearer = (key: Buffer) => ({ ...forwarded, authorization: `Bearer ${key.toString('base64')}` })
    const target = '/metrics'
    expect((await doors.ask({ target, headers: forwarded })).status).toBe(401)
    expect((await doors.ask({ target, headers: { forwarded: 'for=203.0.113.9' } })).status).toBe(401)
    expect((await doors.ask({ target, headers: bearer(Buffer.alloc(64)) })).status).toBe(401)
    expect((await doors.ask({ target, headers: { ...forwarded, authorization: 'Bearer ' } })).status).toBe(401)
    expect((await doors.ask({ target, headers: bearer(doors.accessKey) })).status).toBe(200)
    expect((await doors.ask({ target, headers: bearer(doors.secondKey) })).status).toBe(200)
    expect((await doors.askSigned({ target, headers: forwarded })).status).toBe(200)
    expect((await doors.askSigned({ target, headers: forwarded }, { key: Buffer.alloc(64) })).status).toBe(401)
  })

  it('publish the keys that tokens are signed with, and nothing secret', async () => {
    const { json, text } = await doors.ask({ target: '/.well-known/jwks.json' })
    expect(json).toEqual(doors.signingKeys.jwks())
    expect(text).not.toContain('"d"')
  })
})

describe('OpenAPI', () => {
  it('is 3.1, names the doors as they are asked, and shows what they check', async () => {
    const { json } = await doors.ask({ target: '/docs-json' })
    const { openapi, paths } = json as { openapi: string; paths: Record<string, object> }
    expect(openapi).toBe('3.1.0')
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining([
        '/identities',
        '/identities/{id}',
        '/identities/{id}/:issueAccessToken',
        '/identities/{id}/:revokeAccessTokens',
        '/rooms',
        '/rooms/{id}',
        '/rooms/{id}/participants',
        '/groups/{id}',
        '/surveys',
        '/sip',
        '/sip:testRoutesWithNumber',
        '/phones/trunks/{fqdn}',
        '/phones/numbers/{number}',
        '/phones/settings',
        '/phones/calls',
        '/demo/identities',
        '/demo/people',
        '/health',
      ]),
    )
    expect(JSON.stringify(paths['/identities/{id}/:issueAccessToken'])).toContain('"minimum":60')
    expect(JSON.stringify(paths['/rooms/{id}/participants'])).toContain('application/merge-patch+json')
  })

  it('says how requests are proven, which versions there are, and how each door of the phone network refuses', async () => {
    const { json } = await doors.ask({ target: '/docs-json' })
    const { paths } = json as { paths: Record<string, Record<string, Door>> }
    const refusals = Object.entries(paths).flatMap(([path, byMethod]) =>
      Object.entries(byMethod).flatMap(([method, { responses, security }]) => {
        if (!/^\/(sip|phones)\b/.test(path)) return []
        expect([path, method, security]).toEqual([path, method, [{ 'HMAC-SHA256': [] }]])
        return [
          `${method} ${path} ${Object.keys(responses)
            .filter((status) => /^[45]/.test(status))
            .join(' ')}`,
        ]
      }),
    )
    expect(refusals.toSorted()).toEqual([
      'delete /phones/numbers/{number} 400 401 404 409',
      'get /phones/calls 400 401',
      'get /phones/numbers 400 401',
      'get /phones/numbers/{number} 400 401 404',
      'get /phones/settings 401',
      'get /phones/trunks 401',
      'get /phones/trunks/{fqdn} 401 404',
      'get /sip 400 401',
      'patch /phones/settings 400 401',
      'patch /phones/trunks/{fqdn} 400 401 404 409',
      'patch /sip 400 401 422',
      'post /sip:testRoutesWithNumber 400 401 422',
      'put /phones/numbers/{number} 400 401',
    ])
    expect(paths['/sip']?.['get']?.parameters).toEqual([
      expect.objectContaining({ name: 'api-version', in: 'query', required: true }),
    ])
    // What may be left out is not asked for.
    expect(paths['/sip:testRoutesWithNumber']?.['post']?.requestBody?.required).toBe(false)
    expect(paths['/demo/identities']?.['post']?.requestBody?.required).toBe(true)
  })

  it('has a page, whose styles alone may be inline', async () => {
    const page = await doors.ask({ target: '/docs' })
    expect([page.status, page.headers['content-type']]).toEqual([200, expect.stringContaining('text/html')])
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("style-src 'self' 'unsafe-inline'")
    expect(policy).toContain("script-src 'self';")
    expect((await doors.ask({ target: '/docs/swagger-ui-bundle.js' })).status).toBe(200)
    expect((await doors.ask({ target: '/docs/swagger-ui-init.js' })).status).toBe(200)
  })
})

describe('the pages', () => {
  it('are the built page, its assets and the SDK, with their types and how long they keep', async () => {
    // prettier-ignore
    const files = [
      ['/',                       'text/html; charset=utf-8',       'no-cache'],
      ['/assets/index-abc123.js', 'application/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
      ['/sdk/calling-sdk.js',     'application/javascript; charset=utf-8', 'no-cache'],
    ]
    for (const [target = '', type, cache] of files) {
      const { status, headers } = await doors.ask({ target })
      expect([target, status, headers['content-type'], headers['cache-control']]).toEqual([target, 200, type, cache])
      const again = await doors.ask({ target, headers: { 'if-none-match': headers['etag'] } })
      expect([target, again.status]).toEqual([target, 304])
    }
  })

  it('may run what we serve and nothing inline', async () => {
    const policy = String((await doors.ask({ target: '/' })).headers['content-security-policy'])
    expect(policy).not.toContain('unsafe')
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("connect-src 'self' http://localhost:8080 ws: wss:")
    expect(policy).toContain("frame-ancestors 'none'")
  })

  it('are no pages to frame, sniff or run where they are data', async () => {
    const { headers } = await doors.ask({ target: '/health' })
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('say in a sentence when they are not built', async () => {
    const bare = await RestDoors.open({ webDir: join(built, 'none'), sdkFile: join(built, 'none.js') })
    const [page, sdk] = [await bare.ask({ target: '/' }), await bare.ask({ target: '/sdk/calling-sdk.js' })]
    await bare.close()
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('npm run build')])
    expect(sdk.status).toBe(404)
  })

  it('never hold the access key', async () => {
    for (const target of ['/', '/docs', '/docs-json', '/docs/swagger-ui-init.js', '/health', '/ready', '/metrics']) {
      expect((await doors.ask({ target })).text).not.toContain(doors.accessKey.toString('base64'))
    }
  })
})

describe('pages of other origins', () => {
  const asked = 'authorization,content-type,x-ms-date,x-ms-content-sha256,x-ms-client-request-id,x-ms-useragent'
  const preflight = (target: string, origin: string, method = 'POST') =>
    doors.ask({
      method: 'OPTIONS',
      target,
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': asked },
    })

  it('may use the identity API', async () => {
    const { status, headers } = await preflight('/identities?api-version=2023-10-01', 'https://app.example.com')
    expect([status, headers['access-control-allow-origin']]).toEqual([204, '*'])
    expect(headers['access-control-allow-methods']).toBe('GET, POST, PUT, PATCH, DELETE')
    expect(headers).not.toHaveProperty('access-control-allow-credentials')
    const allowed = String(headers['access-control-allow-headers']).split(', ')
    expect(allowed).toEqual(expect.arrayContaining(asked.split(',')))
  })

  it('may settle who meets in a group', async () => {
    const group = '/groups/29228d3e-040e-4656-a70e-890ab4e173e5'
    const { status, headers } = await preflight(group, 'https://app.example.com', 'PUT')
    expect([status, headers['access-control-allow-origin']]).toEqual([204, '*'])
    expect(String(headers['access-control-allow-methods']).split(', ')).toContain('PUT')
  })

  it('may read its refusals, and when to come back', async () => {
    const target = '/identities?api-version=2023-10-01'
    const { status, headers } = await doors.ask({
      method: 'POST',
      target,
      headers: { origin: 'https://app.example.com' },
    })
    expect([status, headers['access-control-allow-origin']]).toEqual([401, '*'])
    expect(headers['access-control-expose-headers']).toBe('x-ms-error-code, x-ms-client-request-id, retry-after')
  })

  it('may load the SDK', async () => {
    const { headers } = await doors.ask({
      target: '/sdk/calling-sdk.js',
      headers: { origin: 'https://app.example.com' },
    })
    expect(headers['access-control-allow-origin']).toBe('*')
  })

  it("may not use the demo's doors", async () => {
    const { headers } = await preflight('/demo/identities', 'https://app.example.com')
    expect(headers).not.toHaveProperty('access-control-allow-origin')
    expect((await preflight('/demo/identities', 'http://localhost:5173')).headers['access-control-allow-origin']).toBe(
      '*',
    )
  })
})

describe('strict transport security', () => {
  // prettier-ignore
  it.each([
    ['http://localhost:8080',     false],
    ['https://localhost:8443',    false],
    ['https://calls.example.com', true ],
  ])('for %s is asked for: %s', async (publicUrl, isAsked) => {
    const there = await RestDoors.open({ publicUrl })
    const { headers } = await there.ask({ target: '/health' })
    await there.close()
    expect('strict-transport-security' in headers).toBe(isAsked)
  })
})

it('a socket that does not say what it wants is closed', async () => {
  const { headersTimeout, requestTimeout } = doors.app.getHttpServer()
  expect([headersTimeout, requestTimeout]).toEqual([10_000, 30_000])
  const hasty = await RestDoors.open({}, { headersTimeout: 100, requestTimeout: 300, connectionsCheckingInterval: 20 })
  const silent = connect(hasty.port, '127.0.0.1')
  const slow = connect(hasty.port, '127.0.0.1')
  slow.write('GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  expect(await text(silent)).toMatch(/^HTTP\/1\.1 408 /)
  expect(await text(slow)).toMatch(/^HTTP\/1\.1 408 /)
  await hasty.close()
})

/** What OpenAPI says of a door. */
type Door = {
  responses: Record<string, object>
  security?: object[]
  parameters?: object[]
  requestBody?: { required: boolean }
}
