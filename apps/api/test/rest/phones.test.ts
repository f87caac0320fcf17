import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CallId, EpochMs, LegId, NodeId, PhoneNumber, ResourceId, userIdOf, type UserId } from '@parley/protocol'
import { readFirstNumbers, readFirstTrunk } from '../../src/phones/first-trunk.ts'
import { setDatabase } from './set-doors.ts'

const firstTrunk = readFirstTrunk('sip:first.example.com;user=parley;password=from-the-environment')
const firstNumbers = readFirstNumbers('+49301000=group:11111111-1111-4111-8111-111111111111,+49309999')
if (typeof firstTrunk === 'string' || typeof firstNumbers === 'string') throw new Error('The environment is wrong.')

const database = setDatabase()
const doors = database.doors()
const others = database.doors()
/** Whose trunk and numbers come from the environment. */
const given = database.doors({ phones: { trunk: firstTrunk, numbers: firstNumbers } })

const sbc = 'sbc.example.com'
const send = (method: string, target: string, body: unknown, at = doors) =>
  at.askSigned({ method, target, body: typeof body === 'string' ? body : JSON.stringify(body) })
const show = (target: string, at = doors) => at.askSigned({ target })
const jsonOf = async <T>(asked: Promise<{ json: unknown }>) => (await asked).json as T
const bad = { status: 400, json: { error: { code: 'BadRequest' } } }
const user = (at = doors): UserId => userIdOf(at.resourceId, randomUUID())

describe('a trunk', () => {
  const change = (body: unknown) => send('PATCH', `/phones/trunks/${sbc}`, body)
  beforeEach(async () => void (await doors.sip().setTrunk({ fqdn: sbc, sipSignalingPort: 5061 })))
  afterEach(async () => {
    doors.trunkHealth.length = 0
    await doors.sip().deleteTrunk(sbc)
  })

  it('is at first as those of ACS are, and may call nothing', async () => {
    expect(await show(`/phones/trunks/${sbc}`)).toMatchObject({
      status: 200,
      json: {
        fqdn: sbc,
        sipSignalingPort: 5061,
        transport: 'tls',
        registers: false,
        codecs: ['PCMU', 'PCMA', 'G722'],
        srtp: 'optional',
        sources: [],
        numberFormat: '+E164',
        allowedPrefixes: [],
        takesForeignCallerIds: false,
        source: 'api',
        health: [],
      },
    })
  })

  it('is what it is told to be, and stays so when its port changes', async () => {
    const wish = {
      transport: 'udp',
      address: '192.0.2.7',
      registers: true,
      codecs: ['PCMA', 'opus'],
      srtp: 'off',
      symmetricRtp: 'on',
      sources: ['192.0.2.0/24', '2001:db8::/32', '198.51.100.4'],
      numberFormat: 'national',
      countryCode: '49',
      nationalPrefix: '0',
      allowedPrefixes: ['+49', '+43', '115'],
      callsAtOnce: 30,
      callsPerMinute: 60,
      isTrusted: false,
      takesForeignCallerIds: true,
      mayTransfer: true,
    }
    const changed = await change({ ...wish, account: { user: 'parley', password: 'secret', realm: 'example.com' } })
    expect(changed).toMatchObject({ status: 200, json: wish })
    await doors.sip().setTrunk({ fqdn: sbc, sipSignalingPort: 5065 })
    expect((await show(`/phones/trunks/${sbc}`)).json).toMatchObject({ ...wish, sipSignalingPort: 5065 })
  })

  it('changes in what is said; null sets back', async () => {
    await change({ srtp: 'required', callsAtOnce: 3, allowedPrefixes: ['+'] })
    await change({ srtp: null, callsAtOnce: null })
    const trunk = await jsonOf<Record<string, unknown>>(show(`/phones/trunks/${sbc}`))
    expect(trunk).toMatchObject({ srtp: 'optional', allowedPrefixes: ['+'] })
    expect(trunk).not.toHaveProperty('callsAtOnce')
  })

  it('never shows its password, and does not keep it readable', async () => {
    const account = { user: 'parley', password: 'gesperrt-4711' }
    const changed = await change({ account, registers: true })
    const everything = [changed, await show(`/phones/trunks/${sbc}`), await show('/phones/trunks')].map(
      ({ text }) => text,
    )
    expect(everything.join()).not.toContain('4711')
    expect(changed.json).toMatchObject({ account: { user: 'parley', hasPassword: true } })
    const { trunks } = await database.stores.phones.book(doors.resourceId)
    expect(JSON.stringify(trunks)).not.toContain('4711')
    expect(doors.sealing.unseal(trunks[0]?.account?.sealedPassword ?? '', sbc)).toBe('gesperrt-4711')
    expect(doors.logged).not.toContain('4711')
  })

  it('keeps its password while the user stays the same', async () => {
    await change({ account: { user: 'parley', password: 'secret' } })
    await change({ account: { user: 'parley', realm: 'example.com' } })
    const shown = () => jsonOf<{ account?: unknown }>(show(`/phones/trunks/${sbc}`))
    expect(await shown()).toMatchObject({ account: { user: 'parley', realm: 'example.com', hasPassword: true } })
    expect(await change({ account: { user: 'other' } })).toMatchObject({ status: 400 })
    await change({ account: { user: 'other', password: 'theirs' } })
    expect(await shown()).toMatchObject({ account: { user: 'other', hasPassword: true } })
    await change({ account: null })
    expect(await shown()).not.toHaveProperty('account')
  })

  it('is listed with how the sip nodes find it', async () => {
    const node = NodeId.parse('node_sip00001')
    const seen = { node, ping: 'expired', registration: 'none', says: 'No answer.', at: EpochMs.parse(5) } as const
    doors.trunkHealth.push({ ...seen, fqdn: sbc })
    expect((await show('/phones/trunks')).json).toMatchObject({ value: [{ fqdn: sbc, health: [seen] }] })
  })

  it('is told to the sip nodes when it has changed', async () => {
    doors.trunksChanged = 0
    await change({ srtp: 'off' })
    await change({ srtp: 'maybe' })
    expect(doors.trunksChanged).toBe(1)
  })

  it.each([
    [{ transport: 'sctp' }],
    [{ address: 'no host!' }],
    [{ account: { password: 'x' } }],
    [{ account: { user: 'parley' } }],
    [{ account: { user: 'a\r\nb', password: 'x' } }],
    [{ account: { user: 'a"b', password: 'x' } }],
    [{ account: 'parley' }],
    [{ registers: true }],
    [{ codecs: [] }],
    [{ codecs: ['G729'] }],
    [{ codecs: ['PCMA', 'PCMA'] }],
    [{ srtp: true }],
    [{ sources: ['sbc.example.com'] }],
    [{ sources: ['192.0.2.0/33'] }],
    [{ sources: ['192.0.2.0/24/7'] }],
    [{ numberFormat: 'national' }],
    [{ countryCode: '+49' }],
    [{ allowedPrefixes: ['+49*'] }],
    [{ allowedPrefixes: [''] }],
    [{ allowedPrefixes: Array.from({ length: 501 }, () => '+49') }],
    [{ callsAtOnce: 0 }],
    [{ callsPerMinute: 1.5 }],
    [{ isTrusted: 'yes' }],
    ['[]'],
  ])('is not changed by %j', async (body) => {
    const before = await show(`/phones/trunks/${sbc}`)
    expect(await change(body)).toMatchObject(bad)
    expect((await show(`/phones/trunks/${sbc}`)).json).toEqual(before.json)
  })

  it('is known in its own resource, to who has the key', async () => {
    expect((await show(`/phones/trunks/${sbc}`, others)).status).toBe(404)
    expect((await send('PATCH', `/phones/trunks/${sbc}`, {}, others)).status).toBe(404)
    for (const path of ['trunks', `trunks/${sbc}`, 'numbers', 'settings', 'calls']) {
      expect((await doors.ask({ target: `/phones/${path}` })).status).toBe(401)
    }
  })
})

describe('the trunk of the environment', () => {
  it('is shown without its password, and is not among those of ACS', async () => {
    const { text, json } = await show('/phones/trunks', given)
    const first = { fqdn: 'first.example.com', sipSignalingPort: 5060, transport: 'udp', allowedPrefixes: ['+'] }
    const account = { user: 'parley', hasPassword: true }
    expect(json).toMatchObject({ value: [{ ...first, registers: true, account, source: 'environment' }] })
    expect(text).not.toContain('from-the-environment')
    expect((await show('/sip?api-version=2023-03-01', given)).json).toEqual({ trunks: {}, routes: [] })
  })

  it('is changed where it comes from', async () => {
    const refused = await send('PATCH', '/phones/trunks/first.example.com', { srtp: 'off' }, given)
    expect(refused).toMatchObject({ status: 409, json: { error: { code: 'Conflict' } } })
  })

  it('makes way for one of that name that the API has', async () => {
    await given.sip().setTrunk({ fqdn: 'First.example.com', sipSignalingPort: 5070 })
    expect((await show('/phones/trunks', given)).json).toMatchObject({
      value: [{ sipSignalingPort: 5070, source: 'api' }],
    })
    await given.sip().setTrunks([])
  })
})

describe('a number', () => {
  const number = '+4930123456'
  const path = `/phones/numbers/${encodeURIComponent(number)}`
  const settle = (body: unknown) => send('PUT', path, body)
  afterEach(async () => void (await doors.askSigned({ method: 'DELETE', target: path })))

  const ann = () => user()
  it.each([
    ['a user', () => ({ user: ann() })],
    ['a group', () => ({ groupId: randomUUID() })],
    ['a room', () => ({ roomId: '99123456789012345' })],
    ['a server app', () => ({ webhook: 'https://app.example.com/incoming?x=1' })],
    ['a server app on this machine', () => ({ webhook: 'http://localhost:3000/incoming' })],
  ])('gives its calls to %s', async (_, make) => {
    const target = make()
    expect(await settle({ target })).toMatchObject({
      status: 200,
      json: { phoneNumber: number, target, source: 'api' },
    })
    expect((await show(path)).json).toEqual({ phoneNumber: number, target, source: 'api' })
  })

  it('may be there to be shown only, over all trunks or some', async () => {
    await doors.sip().setTrunks([{ fqdn: sbc, sipSignalingPort: 5061 }])
    expect((await settle({})).json).toEqual({ phoneNumber: number, source: 'api' })
    expect((await settle({ trunks: ['SBC.example.com'] })).json).toEqual({
      phoneNumber: number,
      trunks: [sbc],
      source: 'api',
    })
    expect((await settle({ target: null, trunks: null })).json).toEqual({ phoneNumber: number, source: 'api' })
  })

  it('may be hidden from whom it calls, until that is settled anew', async () => {
    expect((await settle({ isHidden: true })).json).toEqual({ phoneNumber: number, isHidden: true, source: 'api' })
    expect((await show(path)).json).toMatchObject({ isHidden: true })
    expect((await settle({ isHidden: false })).json).toEqual({ phoneNumber: number, source: 'api' })
  })

  it('goes', async () => {
    await settle({})
    expect((await doors.askSigned({ method: 'DELETE', target: path })).status).toBe(204)
    expect((await doors.askSigned({ method: 'DELETE', target: path })).status).toBe(404)
    expect((await show(path)).status).toBe(404)
  })

  it('belongs to one resource', async () => {
    await settle({})
    expect((await show(path, others)).status).toBe(404)
    expect((await others.askSigned({ method: 'DELETE', target: path })).status).toBe(404)
    expect((await show(path)).status).toBe(200)
  })

  const stranger = userIdOf(ResourceId.parse(randomUUID()), randomUUID())
  it.each([
    [{ target: {} }],
    [{ target: { groupId: randomUUID(), roomId: '99123456789012345' } }],
    [{ target: { groupId: 'lunch' } }],
    [{ target: { roomId: 'x' } }],
    [{ target: { user: '8:echo123' } }],
    [{ target: { user: stranger } }],
    [{ target: { webhook: 'http://app.example.com/' } }],
    [{ target: { webhook: 'file:///etc/passwd' } }],
    [{ target: { webhook: 'https://a:b@app.example.com/' } }],
    [{ target: 'ann' }],
    [{ trunks: ['gone.example.com'] }],
    [{ trunks: 'sbc.example.com' }],
    [{ isHidden: 'yes' }],
  ])('is not settled by %j', async (body) => {
    expect(await settle(body)).toMatchObject(bad)
    expect((await show(path)).status).toBe(404)
  })

  it.each(['4930123456', '+49 30 123456', 'x', '%2B0123456', '%2B123', '115', '%2B49123456789012345'])(
    'is not written %s',
    async (written) => {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const target = `/phones/numbers/${written.replaceAll(' ', '%20')}`
        const body = method === 'PUT' ? { body: '{}' } : {}
        expect(await doors.askSigned({ method, target, ...body })).toMatchObject(bad)
      }
    },
  )
})

describe('the numbers of a resource', () => {
  type List = { value: { phoneNumber: string; source: string }[]; nextLink?: string }

  it('are listed in their order, page by page to the end', async () => {
    const numbers = Array.from({ length: 9 }, (_, n) => PhoneNumber.parse(`+4940${String(n * 7).padStart(5, '0')}`))
    for (const number of numbers) await database.stores.phones.keepNumber(others.resourceId, { number })
    const pages: List[] = []
    for (let next: string | undefined = '/phones/numbers'; next !== undefined; next = pages.at(-1)?.nextLink) {
      pages.push(await jsonOf<List>(show(next, others)))
    }
    expect(pages.map(({ value }) => value.length)).toEqual([4, 4, 1])
    expect(pages.flatMap(({ value }) => value.map(({ phoneNumber }) => phoneNumber))).toEqual(numbers)
  })

  it('are those of the environment, until the API settles them anew', async () => {
    const listed = () => jsonOf<List>(show('/phones/numbers', given))
    expect(await listed()).toMatchObject({
      value: [
        {
          phoneNumber: '+49301000',
          target: { groupId: '11111111-1111-4111-8111-111111111111' },
          source: 'environment',
        },
        { phoneNumber: '+49309999', source: 'environment' },
      ],
    })
    const path = '/phones/numbers/%2B49301000'
    expect((await given.askSigned({ method: 'DELETE', target: path })).status).toBe(409)
    const target = { user: user(given) }
    await send('PUT', path, { target }, given)
    expect((await listed()).value[0]).toEqual({ phoneNumber: '+49301000', target, source: 'api' })
    expect((await given.askSigned({ method: 'DELETE', target: path })).status).toBe(204)
    expect((await listed()).value[0]).toMatchObject({ source: 'environment' })
  })

  it('go on where a page ended, and nowhere else', async () => {
    for (const query of ['after=x', 'after=', 'after=%2B49301000&after=%2B49301000']) {
      expect(await show(`/phones/numbers?${query}`)).toMatchObject(bad)
    }
  })
})

describe('what concerns all phones', () => {
  it('is settled, and told to the sip nodes', async () => {
    const before = { draining: false, callsAtOncePerUser: 5, callsPerMinutePerUser: 10 }
    expect((await show('/phones/settings')).json).toEqual(before)
    doors.trunksChanged = 0
    expect((await send('PATCH', '/phones/settings', { draining: true, callsAtOncePerUser: 0 })).json).toEqual({
      ...before,
      draining: true,
      callsAtOncePerUser: 0,
    })
    expect(doors.trunksChanged).toBe(1)
    expect((await send('PATCH', '/phones/settings', before)).json).toEqual(before)
  })

  it.each([[{ draining: 'yes' }], [{ callsAtOncePerUser: -1 }], [{ callsPerMinutePerUser: 1.5 }], ['[]']])(
    'is not settled by %j',
    async (body) => {
      expect(await send('PATCH', '/phones/settings', body)).toMatchObject(bad)
    },
  )
})

describe('the records of phone calls', () => {
  type List = { value: Record<string, unknown>[]; nextLink?: string }
  const listAt = (query: string, at = doors) => jsonOf<List>(show(`/phones/calls?${query}`, at))
  const newLeg = () => LegId.parse(`leg_${randomUUID()}`)
  const keep = async (more: { to: string; from?: string; trunk?: string; user?: UserId }, at = doors) => {
    const legId = newLeg()
    const callId = CallId.parse(randomUUID())
    const call = { resourceId: at.resourceId, callId, legId, direction: 'out' as const, ...more }
    await database.stores.phoneCalls.begin(at.resourceId, more.user, () => call)
    return { callId, legId }
  }

  it('say who called whom, over which trunk, when, and how it ended', async () => {
    const ann = user()
    const { callId, legId } = await keep({ to: '+4930200', from: '+493099990', trunk: sbc, user: ann })
    const instant = expect.stringMatching(/^\d{4}-.*Z$/)
    const begun = { callId, participantId: legId, direction: 'out', rawId: ann, from: '+493099990', to: '+4930200' }
    expect((await listAt(`user=${encodeURIComponent(ann)}`)).value).toEqual([
      { id: expect.any(String), ...begun, trunk: sbc, beganAt: instant },
    ])
    await database.stores.phoneCalls.change(legId, { trunk: 'two.example.com', isAnswered: true })
    await database.stores.phoneCalls.change(legId, { end: { reason: 'phoneBusy', sipStatus: 486 } })
    expect((await listAt('number=%2B4930200')).value).toEqual([
      {
        id: expect.any(String),
        ...begun,
        trunk: 'two.example.com',
        beganAt: instant,
        answeredAt: instant,
        endedAt: instant,
        end: { code: 486, subCode: 560486, message: expect.any(String) },
        sipStatus: 486,
      },
    ])
  })

  it('are found by the number on either side, and by the trunk', async () => {
    await keep({ to: '+4930300', from: '+4930301', trunk: 'only.example.com' })
    for (const query of ['number=%2B4930300', 'number=%2B4930301', 'trunk=only.example.com']) {
      expect((await listAt(query)).value).toHaveLength(1)
    }
    expect((await listAt('number=%2B4930301&trunk=other.example.com')).value).toEqual([])
  })

  it('are read page by page to the end, the newest first, and by their own resource', async () => {
    await Promise.all(Array.from({ length: 6 }, () => keep({ to: '+4930400', trunk: 'many.example.com' }, others)))
    const pages: List[] = [await listAt('trunk=many.example.com', others)]
    expect(pages[0]?.nextLink).toContain('trunk=many.example.com')
    pages.push(await jsonOf<List>(show(pages[0]?.nextLink ?? '', others)))
    expect(pages.map(({ value }) => value.length)).toEqual([4, 2])
    const times = pages.flatMap(({ value }) => value.map(({ beganAt }) => String(beganAt)))
    expect(times).toEqual(times.toSorted().toReversed())
    expect((await listAt('trunk=many.example.com')).value).toEqual([])
  })

  it.each(['number=', 'number=a&number=b', 'user=8:echo123', 'after=x', 'trunk='])(
    'are not asked for with %s',
    async (query) => {
      expect(await show(`/phones/calls?${query}`)).toMatchObject(bad)
    },
  )
})
