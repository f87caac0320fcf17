import { describe, expect, it } from '@jest/globals'
import { Tokens } from '@parley/identity'
import type { UserId } from '@parley/protocol'
import { RestDoors } from './rest-doors.ts'
import { setDoors } from './set-doors.ts'

const doors = setDoors()

type DemoIdentity = { user: UserId; displayName: string; token: string; expiresOn: string }
const json = { 'content-type': 'application/json' }
const newIdentity = (name: unknown, headers = {}, at = doors) =>
  at.ask({
    method: 'POST',
    target: '/demo/identities',
    headers: { ...json, ...headers },
    body: JSON.stringify({ name }),
  })
const people = (token?: string) =>
  doors.ask({ target: '/demo/people', headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

describe('the demo', () => {
  it('gives whoever says a name an identity and a token that may call for an hour', async () => {
    const { status, json } = await newIdentity('Ann')
    const { user, displayName, token, expiresOn } = json as DemoIdentity
    expect([status, displayName]).toEqual([201, 'Ann'])
    expect(await doors.store.find(doors.resourceId, user)).toBeDefined()
    const verdict = new Tokens({ keys: doors.signingKeys, issuer: 'http://localhost:8080', now: Date.now }).verify(
      token,
    )
    expect(verdict).toMatchObject({ ok: true, access: { user, scopes: ['voip'], expiresAt: Date.parse(expiresOn) } })
    expect(Math.abs(Date.parse(expiresOn) - Date.now() - 3_600_000)).toBeLessThan(2000)
  })

  it.each([
    ['  Ann ', 'Ann'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
    ['evil\u202Efdp.exe', 'evilfdp.exe'],
    ['Zoë 🎈', 'Zoë 🎈'],
  ])('takes the name %j as %j', async (name, displayName) => {
    expect((await newIdentity(name)).json).toMatchObject({ displayName })
  })

  it.each([[''], ['   '], ['\u202E'], ['a\nb'], ['a\u0000b'], ['x'.repeat(257)], [7], [null], [undefined]])(
    'takes no name like %j',
    async (name) => {
      const { status, json } = await newIdentity(name)
      expect(status).toBe(400)
      expect(json).toMatchObject({ error: { code: 'BadRequest', target: 'name', details: [{ target: 'name' }] } })
    },
  )

  it('shows who else is here to the bearer of a token', async () => {
    const [ann, bob] = [
      (await newIdentity('Ann')).json as DemoIdentity,
      (await newIdentity('Bob')).json as DemoIdentity,
    ]
    doors.present = [
      { user: ann.user, displayName: 'Ann' },
      { user: bob.user, displayName: 'Bob' },
    ]
    expect((await people(ann.token)).json).toEqual([{ user: bob.user, displayName: 'Bob' }])
    doors.present = [{ user: bob.user }]
    expect((await people(ann.token)).json).toEqual([{ user: bob.user, displayName: bob.user }])
  })

  it('shows it to nobody else', async () => {
    const user = await doors.client().createUser()
    const { token: revoked } = await doors.client().getToken(user, ['voip'])
    await doors.client().revokeTokens(user)
    const { token: chat } = await doors.client().getToken(user, ['chat'])
    for (const token of [undefined, 'nonsense', revoked]) {
      const { status, json } = await people(token)
      expect([status, json]).toMatchObject([401, { error: { code: 'Denied' } }])
    }
    expect(await people(chat)).toMatchObject({ status: 403, json: { error: { code: 'Forbidden' } } })
  })
})

describe('the demo door', () => {
  it('hears pages of this server and of this machine only', async () => {
    const fresh = await RestDoors.open()
    for (const origin of [
      'http://localhost:8080',
      'https://localhost:8443',
      'http://127.0.0.1:5173',
      'http://[::1]:1',
    ]) {
      const { status, headers } = await newIdentity('Ann', { origin }, fresh)
      expect([status, headers['access-control-allow-origin']]).toEqual([201, '*'])
    }
    for (const origin of [
      'https://example.com',
      'http://localhost.example.com',
      'null',
      'http://127.0.0.1.example.com',
    ]) {
      const { status, headers } = await newIdentity('Ann', { origin }, fresh)
      expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined])
    }
    await fresh.close()
  })

  it('is for this machine, and for others only when that was said', async () => {
    const forwarded = [{ 'x-forwarded-for': '203.0.113.9' }, { forwarded: 'for=203.0.113.9' }]
    for (const headers of forwarded)
      expect(await newIdentity('Ann', headers)).toMatchObject({
        status: 403,
        json: { error: { message: expect.stringContaining('DEMO=on') } },
      })
    const open = await RestDoors.open({ isDemoForAll: true })
    for (const headers of forwarded) expect((await newIdentity('Ann', headers, open)).status).toBe(201)
    await open.close()
  })

  it('lets sixty identities through in a minute, then says when to come back', async () => {
    const fresh = await RestDoors.open()
    const answers = []
    for (let i = 0; i < 61; i++) answers.push(await newIdentity('Ann', {}, fresh))
    await fresh.close()
    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 60 }, () => 201), 429])
    const { headers, json } = answers.at(-1) ?? {}
    expect(json).toMatchObject({ error: { code: 'TooManyRequests' } })
    expect(Number(headers?.['retry-after'])).toBeGreaterThan(0)
    expect(headers?.['x-ms-error-code']).toBe('TooManyRequests')
  })

  it('is not there when the demo is off', async () => {
    const off = await RestDoors.open({ isDemoOn: false })
    const [identities, list, page] = [
      await newIdentity('Ann', {}, off),
      await off.ask({ target: '/demo/people' }),
      await off.ask({ target: '/' }),
    ]
    await off.close()
    expect(identities).toMatchObject({ status: 404, json: { error: { code: 'NotFound' } } })
    expect(list.status).toBe(404)
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('switched off')])
  })
})
