import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from '@jest/globals'
import type { SipTrunkRoute } from '@azure/communication-phone-numbers'
import { SipRoutingClient } from '@azure/communication-phone-numbers'
import { sipApiVersions } from '../../src/rest/phones/sip.controller.ts'
import { scratchFolder, silent } from '../../src/store/scratch.ts'
import { authorityFile, OwnCertificate } from '../../src/tls/certificates.ts'
import { HttpsDoor } from '../../src/tls/https-door.ts'
import { setDatabase } from './set-doors.ts'

const database = setDatabase()
const doors = database.doors()
const others = database.doors()
beforeEach(async () => {
  await doors.sip().setRoutes([])
  await doors.sip().setTrunks([])
})

const version = 'api-version=2023-03-01'
const one = { fqdn: 'one.sbc.example.com', sipSignalingPort: 5061 }
const two = { fqdn: 'two.sbc.example.com', sipSignalingPort: 8239 }
const route = (name: string, more: Partial<SipTrunkRoute> = {}): SipTrunkRoute => ({
  name,
  description: 'calls to Berlin',
  numberPattern: '^\\+4930\\d+$',
  trunks: [],
  ...more,
})
const listed = async <T>(list: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const item of list) all.push(item)
  return all
}
const trunksOf = (at = doors) => listed(at.sip().listTrunks())
const routesOf = (at = doors) => listed(at.sip().listRoutes())
/** What Microsoft's client makes of a refusal. */
const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => 'was not refused',
    ({ statusCode, code, details }) => ({ statusCode, code, inner: details?.error?.innerError?.code }),
  )
const patch = (body: unknown, query = version) =>
  doors.askSigned({
    method: 'PATCH',
    target: `/sip?${query}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/merge-patch+json' },
  })
const innerOf = ({ status, json }: { status: number; json: unknown }) => {
  const { error } = json as { error: { code: string; innererror?: { code: string } } }
  return { statusCode: status, code: error.code, inner: error.innererror?.code }
}
const unprocessable = (inner: string, statusCode = 422) => ({ statusCode, code: 'UnprocessableConfiguration', inner })

describe("trunks that Microsoft's own client sets", () => {
  it('are there as they were set, and none before', async () => {
    expect(await trunksOf()).toEqual([])
    expect(await doors.sip().setTrunks([one, two])).toEqual([one, two])
    expect(await trunksOf()).toEqual([one, two])
    expect(await doors.sip().getTrunk(two.fqdn)).toEqual(two)
    await expect(doors.sip().getTrunk('other.example.com')).rejects.toMatchObject({ code: 'NotFound' })
  })

  it('change one by one, the others stay', async () => {
    await doors.sip().setTrunks([one, two])
    expect(await doors.sip().setTrunk({ ...one, sipSignalingPort: 5062 })).toEqual({ ...one, sipSignalingPort: 5062 })
    expect(await trunksOf()).toEqual([{ ...one, sipSignalingPort: 5062 }, two])
  })

  it('go when others take their place, or one by one; and may be told to go who never came', async () => {
    await doors.sip().setTrunks([one])
    expect(await doors.sip().setTrunks([two])).toEqual([two])
    await doors.sip().deleteTrunk(two.fqdn)
    await doors.sip().deleteTrunk(two.fqdn)
    expect(await trunksOf()).toEqual([])
  })

  it('are the same trunk in small and in large letters', async () => {
    await doors.sip().setTrunk({ fqdn: 'SBC.Example.com', sipSignalingPort: 5061 })
    await patch({ trunks: { 'sbc.example.com': { sipSignalingPort: 5065 } } })
    expect(await trunksOf()).toEqual([{ fqdn: 'SBC.Example.com', sipSignalingPort: 5065 }])
  })

  it('are told to the sip nodes after each change, and not after a refusal', async () => {
    doors.trunksChanged = 0
    await doors.sip().setTrunk(one)
    expect(doors.trunksChanged).toBe(1)
    await doors
      .sip()
      .setTrunk({ fqdn: '-1', sipSignalingPort: 5061 })
      .catch(() => undefined)
    await doors.sip().getTrunk(one.fqdn)
    expect(doors.trunksChanged).toBe(1)
  })

  it('come over https as well, to who trusts our authority', async () => {
    const dataDir = scratchFolder()
    const door = await HttpsDoor.open({
      host: '127.0.0.1',
      port: 0,
      certificates: new OwnCertificate(dataDir, ['localhost'], Date.now),
      serve: (request, response) => doors.app.getHttpAdapter().getInstance().routing(request, response),
      log: silent,
    })
    try {
      const endpoint = `endpoint=https://localhost:${door.port}/;accesskey=${doors.accessKey.toString('base64')}`
      const tlsOptions = { ca: await readFile(authorityFile(dataDir), 'utf8') }
      const client = new SipRoutingClient(endpoint, { tlsOptions, retryOptions: { maxRetries: 0 } })
      expect(await client.setTrunks([one, two])).toEqual([one, two])
      expect(await client.setRoutes([route('all', { trunks: [two.fqdn] })])).toHaveLength(1)
      expect(await listed(client.listTrunks())).toEqual([one, two])
      const wary = new SipRoutingClient(endpoint, { retryOptions: { maxRetries: 0 } })
      await expect(listed(wary.listTrunks())).rejects.toMatchObject({
        code: expect.stringMatching(/CERT|SIGNATURE|ISSUER/),
      })
    } finally {
      await door.close()
    }
  })

  it('are those of one resource, and of who has its key', async () => {
    await doors.sip().setTrunk(one)
    expect(await trunksOf(others)).toEqual([])
    const stranger = new SipRoutingClient(`endpoint=${doors.url}/;accesskey=${randomBytes(64).toString('base64')}`, {
      allowInsecureConnection: true,
      retryOptions: { maxRetries: 0 },
    })
    expect(await refusalOf(listed(stranger.listTrunks()))).toMatchObject({ statusCode: 401, code: 'Denied' })
    for (const method of ['GET', 'PATCH']) {
      expect((await doors.ask({ method, target: `/sip?${version}` })).status).toBe(401)
    }
  })

  it.each(['-1', 'sbc', '', 'sbc..example.com', 'a b.example.com', `${'a'.repeat(64)}.com`, `${'a.'.repeat(125)}com`])(
    'are not named %j',
    async (fqdn) => {
      expect(await refusalOf(doors.sip().setTrunk({ fqdn, sipSignalingPort: 5061 }))).toEqual(
        unprocessable('InvalidTrunkFqdn'),
      )
      expect(await trunksOf()).toEqual([])
    },
  )

  it.each([0, -1, 65_536, 5061.5])('do not listen at port %d', async (sipSignalingPort) => {
    const refused = await refusalOf(doors.sip().setTrunk({ ...one, sipSignalingPort }))
    expect(refused).toEqual(unprocessable('InvalidTrunkSipSignalingPort'))
  })

  it('have a port when they are new', async () => {
    expect(innerOf(await patch({ trunks: { [one.fqdn]: {} } }))).toEqual(unprocessable('InvalidTrunkSipSignalingPort'))
  })

  it('are 250 at most', async () => {
    const crowd = Array.from({ length: 250 }, (_, n) => ({ fqdn: `sbc${n}.example.com`, sipSignalingPort: 5061 }))
    await doors.sip().setTrunks(crowd)
    expect(await refusalOf(doors.sip().setTrunk(one))).toEqual(unprocessable('TooManyTrunks'))
    expect(await trunksOf()).toHaveLength(250)
  })
})

describe("routes that Microsoft's own client sets", () => {
  beforeEach(async () => void (await doors.sip().setTrunks([one, two])))

  it('are there in their order, and take the place of those before', async () => {
    const routes = [route('Berlin', { trunks: [two.fqdn, one.fqdn] }), route('all', { numberPattern: '^\\+\\d+$' })]
    expect(await doors.sip().setRoutes(routes)).toEqual(routes)
    expect(await routesOf()).toEqual(routes)
    expect(await doors.sip().setRoutes(routes.toReversed())).toEqual(routes.toReversed())
    expect(await doors.sip().setRoutes([])).toEqual([])
    expect(await trunksOf()).toEqual([one, two])
  })

  it('may say no more than a name and a pattern', async () => {
    await doors.sip().setRoutes([{ name: 'all', numberPattern: '^\\+[1-9][0-9]{3,23}$' }])
    expect(await routesOf()).toEqual([{ name: 'all', numberPattern: '^\\+[1-9][0-9]{3,23}$', trunks: [] }])
  })

  it('hold the trunks that they lead to', async () => {
    await doors.sip().setRoutes([route('Berlin', { trunks: [one.fqdn] })])
    expect(await refusalOf(doors.sip().deleteTrunk(one.fqdn))).toEqual(unprocessable('MissingTrunk'))
    expect(await refusalOf(doors.sip().setTrunks([two]))).toEqual(unprocessable('MissingTrunk'))
    expect(await trunksOf()).toEqual([one, two])
    const both = await patch({ trunks: { [one.fqdn]: null }, routes: [] })
    expect(both.json).toEqual({ trunks: { [two.fqdn]: { sipSignalingPort: 8239 } }, routes: [] })
  })

  const hostile = '(?=(a+)+)b'
  // prettier-ignore
  it.each<[why: string, inner: string, status: number, routes: SipTrunkRoute[]]>([
    ['a trunk that is not there',  'MissingTrunk',              422, [route('Berlin', { trunks: ['gone.example.com'] })]],
    ['no name',                    'InvalidRouteName',          422, [route('')]],
    ['a name that is too long',    'InvalidRouteName',          422, [route('n'.repeat(257))]],
    ['a long description',         'InvalidRouteDescription',   422, [route('Berlin', { description: 'd'.repeat(1025) })]],
    ['the name of another',        'DuplicatedRoute',           400, [route('Berlin'), route('Berlin')]],
    ['a trunk twice',              'RouteWithDuplicatedTrunk',  400, [route('Berlin', { trunks: [one.fqdn, one.fqdn.toUpperCase()] })]],
    ['no pattern',                 'InvalidRouteNumberPattern', 422, [route('Berlin', { numberPattern: '' })]],
    ['a pattern that is none',     'InvalidRouteNumberPattern', 422, [route('Berlin', { numberPattern: '^\\+49[' })]],
    ['a pattern that looks ahead', 'InvalidRouteNumberPattern', 422, [route('Berlin', { numberPattern: hostile })]],
    ['a pattern too long',         'InvalidRouteNumberPattern', 422, [route('Berlin', { numberPattern: '1'.repeat(1025) })]],
    ['too many others',            'TooManyRoutes',             422, Array.from({ length: 251 }, (_, n) => route(`${n}`))],
  ])('are refused that have %s', async (_, inner, status, routes) => {
    expect(await refusalOf(doors.sip().setRoutes(routes))).toEqual(unprocessable(inner, status))
    expect(await routesOf()).toEqual([])
  })

  it('are refused in little time when their patterns are as large as can be', async () => {
    const routes = Array.from({ length: 250 }, (_, n) => route(`${n}`, { numberPattern: `(?:\\d?\\d?\\d?){333}${n}` }))
    const before = process.cpuUsage()
    expect(await refusalOf(doors.sip().setRoutes(routes))).toEqual(unprocessable('InvalidRouteNumberPattern'))
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(5_000_000)
  })
})

describe('a patch', () => {
  it('that says nothing is refused', async () => {
    for (const body of [{}, { trunks: {} }, { unknown: 1 }]) {
      expect(innerOf(await patch(body))).toEqual(unprocessable('EmptyPatch'))
    }
  })

  // prettier-ignore
  it.each(['[]', '"x"', '{"trunks":[]}', '{"trunks":{"a.example.com":5061}}', '{"trunks":{"a.example.com":{"sipSignalingPort":"x"}}}', '{"routes":{}}', '{"routes":[{}]}', '{"routes":[{"name":1,"numberPattern":"x"}]}', '{"routes":[{"name":"x","numberPattern":"x","trunks":"x"}]}', '{'])(
    'is refused as %s',
    async (body) => {
      expect(await patch(body)).toMatchObject({ status: 400, json: { error: { code: 'BadRequest' } } })
    },
  )

  it('names a version that is known', async () => {
    expect((await patch({ routes: [] }, 'api-version=2020-01-01')).json).toMatchObject({
      error: { code: 'UnsupportedApiVersionValue' },
    })
    expect((await doors.askSigned({ target: '/sip' })).json).toMatchObject({
      error: { code: 'MissingApiVersionParameter' },
    })
    const { headers } = await doors.askSigned({ target: `/sip?${version}` })
    expect(headers['api-supported-versions']).toBe(sipApiVersions.join(', '))
  })

  it('of one does not undo that of another, however many come at once', async () => {
    const patches = Array.from({ length: 12 }, (_, n) =>
      patch({ trunks: { [`sbc${n}.example.com`]: { sipSignalingPort: 5061 } } }),
    )
    for (const { status } of await Promise.all(patches)) expect(status).toBe(200)
    expect(await trunksOf()).toHaveLength(12)
  })
})

describe('the routes of a number', () => {
  const seattle = route('Seattle', { numberPattern: '^\\+1(425|206)\\d{7}$' })
  const us = route('US', { numberPattern: '^\\+1\\d{10}$' })
  const german = route('German', { numberPattern: '^\\+49\\d+$' })
  const all = route('Global', { numberPattern: '^\\+\\d+$' })
  const test = (number: string, body?: unknown, query = version) =>
    doors.askSigned({
      method: 'POST',
      target: `/sip:testRoutesWithNumber?targetPhoneNumber=${encodeURIComponent(number)}&${query}`,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })

  it('are those that match, in their order, of a configuration that is tried', async () => {
    const routes = [seattle, german, us, all]
    for (const query of [version, 'api-version=2023-04-01-preview', 'api-version=2024-11-15-preview']) {
      const tried = await test('+14251234567', { trunks: {}, routes }, query)
      expect(tried).toMatchObject({ status: 200, json: { matchingRoutes: [seattle, us, all] } })
    }
    expect(await routesOf()).toEqual([])
  })

  it('are those of the resource when none are given', async () => {
    await doors.sip().setRoutes([seattle, german])
    expect((await test('+4930123456')).json).toEqual({ matchingRoutes: [german] })
    expect((await test('+4312345678')).json).toEqual({ matchingRoutes: [] })
  })

  it.each(['', '4930123456', '+49 30 123456', '+0930123456', 'x', '+1'])(
    'are not asked for with %j',
    async (number) => {
      expect(await test(number)).toMatchObject({ status: 400, json: { error: { code: 'BadRequest' } } })
    },
  )

  it('are not tried with patterns that are none', async () => {
    const tried = await test('+4930123456', { routes: [route('bad', { numberPattern: '(' })] })
    expect(innerOf(tried)).toEqual(unprocessable('InvalidRouteNumberPattern'))
  })

  it('are for who has the access key', async () => {
    const target = `/sip:testRoutesWithNumber?targetPhoneNumber=%2B4930123456&${version}`
    expect(
      (await doors.ask({ method: 'POST', target, headers: { 'x-ms-client-request-id': randomUUID() } })).status,
    ).toBe(401)
  })
})
