import { randomBytes, randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from '@jest/globals'
import { signRequest } from '@parley/identity'
import { identityApiVersions } from '../../src/rest/identities/identities.controller.ts'
import { errorIn } from './refusals.ts'
import type { RestDoors } from './rest-doors.ts'
import { setDoors } from './set-doors.ts'

const doors = setDoors()

const version = 'api-version=2023-10-01'

describe('a request to the identity doors', () => {
  const create = { method: 'POST', target: `/identities?${version}` }
  const body = '{"createTokenWithScopes":["voip"]}'

  it.each(identityApiVersions)('may name the api-version %s', async (known) => {
    const answer = await doors.askSigned({ method: 'POST', target: `/identities?api-version=${known}` })
    expect(answer.status).toBe(201)
    expect(answer.headers['api-supported-versions']).toBe(identityApiVersions.join(', '))
  })

  it.each([
    ['', 'MissingApiVersionParameter'],
    ['?api-version=', 'MissingApiVersionParameter'],
    ['?api-version=2020-07-20-preview2', 'UnsupportedApiVersionValue'],
    [`?${version}&${version}`, 'UnsupportedApiVersionValue'],
  ])('with the query %j is refused', async (query, code) => {
    const { status, headers, json } = await doors.askSigned({ method: 'POST', target: `/identities${query}` })
    expect([status, errorIn(json).code, headers['x-ms-error-code']]).toEqual([400, code, code])
  })

  it('gets its x-ms-client-request-id back, and an answer that no cache keeps', async () => {
    const id = randomUUID()
    const { headers } = await doors.askSigned({ ...create, headers: { 'x-ms-client-request-id': id } })
    expect([headers['x-ms-client-request-id'], headers['cache-control']]).toEqual([id, 'no-store'])
  })

  it('may repeat itself within a second, and makes two users', async () => {
    const [one, other] = await Promise.all([doors.askSigned(create), doors.askSigned(create)])
    expect([one?.status, other?.status]).toEqual([201, 201])
    expect(one?.text).not.toBe(other?.text)
  })

  it('may write null for absent, as the Python client does', async () => {
    const answer = await doors.askSigned({
      ...create,
      body: '{"createTokenWithScopes":["voip"],"expiresInMinutes":null}',
    })
    expect(answer.status).toBe(201)
  })

  it('may carry repeatability headers', async () => {
    const headers = { 'repeatability-request-id': randomUUID(), 'repeatability-first-sent': new Date().toUTCString() }
    expect((await doors.askSigned({ ...create, headers })).status).toBe(201)
  })

  // prettier-ignore
  const altered: [what: string, ask: Parameters<RestDoors['askSigned']>[0], signed: Parameters<RestDoors['askSigned']>[1]][] = [
    ['another body',          { ...create, body },                                            { body: '{}' }],
    ['a body where none was', { ...create, body },                                            { body: '' }],
    ['no body where one was', { ...create },                                                  { body }],
    ['another path',          { method: 'DELETE', target: `/identities/a?${version}` },        { target: `/identities/b?${version}` }],
    ['an encoded path',       { ...create, target: `/%69dentities?${version}` },              { target: create.target }],
    ['another query',         { ...create, target: `${create.target}&a` },                    { target: create.target }],
    ['a repeated query',      { ...create, target: `/identities?${version}&a&a` },            { target: `/identities?${version}&a` }],
    ['an unencoded id',       { method: 'DELETE', target: `/identities/8:a?${version}` },      { target: `/identities/8%3Aa?${version}` }],
    ['another host',          { ...create, headers: { host: 'localhost' } },                  {}],
    ['another date',          { ...create, headers: { 'x-ms-date': new Date(0).toUTCString() } }, {}],
    ['no date',               { ...create, headers: { 'x-ms-date': '' } },                    {}],
    ['another hash',          { ...create, headers: { 'x-ms-content-sha256': 'AAAA' } },      {}],
    ['two dates',             { ...create, headers: { 'x-ms-date': [new Date().toUTCString(), new Date().toUTCString()] } }, {}],
    ['a bearer token',        { ...create, headers: { authorization: 'Bearer abc' } },        {}],
    ['another key',           { ...create },                                                  { key: randomBytes(64) }],
  ]
  it.each(altered)('that was signed for something else is refused: %s', async (_what, ask, signed) => {
    const { status, headers, json } = await doors.askSigned(ask, signed)
    expect([status, errorIn(json).code, headers['www-authenticate']]).toEqual([401, 'Denied', 'HMAC-SHA256'])
  })

  it('with another verb than it was signed for is refused', async () => {
    const target = `/identities/a?${version}`
    const signature = signRequest(
      { method: 'GET', target, host: doors.host, body: Buffer.alloc(0) },
      doors.accessKey,
      Date.now(),
    )
    expect((await doors.ask({ method: 'DELETE', target, headers: { ...signature } })).status).toBe(401)
  })

  it('to a doubled slash finds no door', async () => {
    expect((await doors.askSigned({ ...create, target: `//identities?${version}` })).status).toBe(404)
  })

  it('that is not signed is refused before anything else is looked at', async () => {
    const answer = await doors.ask({
      ...create,
      target: '/identities',
      headers: { 'content-type': 'application/json' },
      body: '{',
    })
    expect([answer.status, errorIn(answer.json).code]).toEqual([401, 'Denied'])
  })

  it('may come in chunks, and its hash is checked all the same', async () => {
    const headers = { 'transfer-encoding': 'chunked' }
    expect((await doors.askSigned({ ...create, body, headers })).status).toBe(201)
    expect((await doors.askSigned({ ...create, body, headers }, { body: '{}' })).status).toBe(401)
  })

  it('with a header twice in the wire is refused', async () => {
    const socket = connect(doors.port, '127.0.0.1')
    const lines = [
      'POST /identities HTTP/1.1',
      `Host: ${doors.host}`,
      `Host: ${doors.host}`,
      'Connection: close',
      '',
      '',
    ]
    socket.write(lines.join('\r\n'))
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 40[01] /)
  })

  type Bad = [what: string, body: string | Buffer, status: number, code: string, type?: string]
  // prettier-ignore
  const bad: Bad[] = [
    ['malformed JSON',                 '{"createTokenWithScopes":["voip"]',                    400, 'BadRequest'],
    ['two values',                     '{}{}',                                                 400, 'BadRequest'],
    ['no UTF-8',                       Buffer.from([0x22, 0xff, 0x22]),                        400, 'BadRequest'],
    ['a list',                         '[]',                                                   400, 'ValidationError'],
    ['a string',                       '"text"',                                               400, 'ValidationError'],
    ['scopes that are a string',       '{"createTokenWithScopes":"voip"}',                     400, 'ValidationError'],
    ['scopes of another type',         '{"createTokenWithScopes":[1]}',                        400, 'ValidationError'],
    ['a lifetime that is text',        '{"expiresInMinutes":"60"}',                            400, 'ValidationError'],
    ['a lifetime between two',         '{"expiresInMinutes":60.5}',                            400, 'ValidationError'],
    ['a lifetime without end',         '{"expiresInMinutes":1e999}',                           400, 'ValidationError'],
    ['__proto__',                      '{"__proto__":{"createTokenWithScopes":["voip"]}}',     400, 'BadRequest'],
    ['constructor',                    '{"constructor":{"prototype":{}}}',                     400, 'BadRequest'],
    ['a list of 1001',                 `{"a":[${'1,'.repeat(1000)}1]}`,                        400, 'BadRequest'],
    ['33 levels',                      `${'['.repeat(33)}${']'.repeat(33)}`,                   400, 'BadRequest'],
    ['10,000 levels',                  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,           400, 'BadRequest'],
    ['100,000 levels',                 `${'['.repeat(100_000)}${']'.repeat(100_000)}`,         400, 'BadRequest'],
    ['256 KiB and one byte',           ' '.repeat(256 * 1024 + 1),                             413, 'PayloadTooLarge'],
    ['a 1 MiB string',                 JSON.stringify({ a: 'x'.repeat(1024 * 1024) }),         413, 'PayloadTooLarge'],
    ['XML',                            '<a/>',                                                 415, 'UnsupportedMediaType', 'application/xml'],
    ['text',                           '{}',                                                   415, 'UnsupportedMediaType', 'text/plain'],
    ['a form',                         'a=b',                                                  415, 'UnsupportedMediaType', 'application/x-www-form-urlencoded'],
    ['no type',                        '{}',                                                   415, 'UnsupportedMediaType', ''],
  ]
  it.each(bad)('with a body of %s is refused in ACS form', async (...[, body, status, code, type]: Bad) => {
    const headers = type === undefined ? {} : { 'content-type': type }
    const answer = await doors.askSigned({ ...create, body, headers })
    expect([answer.status, errorIn(answer.json).code]).toEqual([status, code])
    expect(answer.headers['x-ms-error-code']).toBe(code)
    expect(errorIn(answer.json).message).toMatch(/\.$/)
  })

  it('of 256 KiB and 32 levels is read', async () => {
    const deep = `{"a":${'['.repeat(31)}${']'.repeat(31)}}`
    expect((await doors.askSigned({ ...create, body: deep })).status).toBe(201)
    expect((await doors.askSigned({ ...create, body: `{}${' '.repeat(256 * 1024 - 2)}` })).status).toBe(201)
  })

  it('names the field that was wrong', async () => {
    const { json } = await doors.askSigned({
      ...create,
      body: '{"createTokenWithScopes":["voip","admin"],"expiresInMinutes":1}',
    })
    expect(errorIn(json)).toMatchObject({
      target: 'createTokenWithScopes.1',
      details: [
        { code: 'BadArgument', target: 'createTokenWithScopes.1' },
        { code: 'BadArgument', target: 'expiresInMinutes' },
      ],
    })
  })
})
