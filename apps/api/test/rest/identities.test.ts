import { randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { Tokens } from '@parley/identity'
import { ResourceId, userIdOf } from '@parley/protocol'
import { errorIn, refusalOf } from './refusals.ts'
import { setDoors } from './set-doors.ts'

const doors = setDoors()

const version = 'api-version=2023-10-01'
const tokens = () => new Tokens({ keys: doors.signingKeys, issuer: 'http://localhost:8080', now: Date.now })
const accessOf = (token: string) => {
  const verdict = tokens().verify(token)
  if (!verdict.ok) throw new Error(`The token ${verdict.why}.`)
  return verdict.access
}

describe("Microsoft's own client", () => {
  it('creates users, each with an id of its own', async () => {
    const [one, other] = [await doors.client().createUser(), await doors.client().createUser()]
    expect(one.communicationUserId).toMatch(new RegExp(`^8:acs:${doors.resourceId}_[0-9a-f-]{36}$`))
    expect(one.communicationUserId).not.toBe(other.communicationUserId)
  })

  it('creates a user with a token, which lives for a day', async () => {
    const made = await doors.client().createUserAndToken(['voip', 'chat'])
    expect(accessOf(made.token)).toMatchObject({
      user: made.user.communicationUserId,
      scopes: ['voip', 'chat'],
      epoch: 0,
      expiresAt: made.expiresOn.getTime(),
    })
    expect(made.expiresOn.getTime() - Date.now()).toBeGreaterThan(23.9 * 3_600_000)
  })

  it('creates a user without a token when it names no scope', async () => {
    const { user, token } = await doors.client().createUserAndToken([])
    expect([user.communicationUserId.startsWith('8:acs:'), token]).toEqual([true, undefined])
  })

  it.each([60, 1440])('issues tokens with scopes and a lifetime of %d minutes', async (tokenExpiresInMinutes) => {
    const user = await doors.client().createUser()
    const { token, expiresOn } = await doors.client().getToken(user, ['voip.join'], { tokenExpiresInMinutes })
    expect(accessOf(token).scopes).toEqual(['voip.join'])
    expect(Math.abs(expiresOn.getTime() - Date.now() - tokenExpiresInMinutes * 60_000)).toBeLessThan(2000)
  })

  it('revokes: tokens from before are of an older epoch, those from after of the new one', async () => {
    const { user, token } = await doors.client().createUserAndToken(['voip'])
    await doors.client().revokeTokens(user)
    const { token: next } = await doors.client().getToken(user, ['voip'])
    expect([accessOf(token).epoch, accessOf(next).epoch]).toEqual([0, 1])
    expect(doors.voided.at(-1)).toBe(user.communicationUserId)
  })

  it('deletes: the user is unknown from then on, and its connections end', async () => {
    const user = await doors.client().createUser()
    await doors.client().deleteUser(user)
    expect(doors.voided.at(-1)).toBe(user.communicationUserId)
    for (const again of [doors.client().deleteUser(user), doors.client().getToken(user, ['voip'])]) {
      expect(await refusalOf(again)).toMatchObject({ statusCode: 401, code: 'IdentityNotOwned' })
    }
  })

  it('works with the second key as with the first', async () => {
    await expect(doors.client(doors.secondKey).createUser()).resolves.toBeDefined()
  })

  it('is refused with another key', async () => {
    expect(await refusalOf(doors.client(randomBytes(64)).createUser())).toMatchObject({
      statusCode: 401,
      code: 'Denied',
      message: 'The signature does not fit the request. Check the access key.',
    })
  })

  it.each([59, 1441])('is refused a lifetime of %d minutes', async (tokenExpiresInMinutes) => {
    const user = await doors.client().createUser()
    const says = 'expiresInMinutes must be a whole number from 60 to 1440.'
    const refusal = { statusCode: 400, code: 'ValidationError', message: says }
    const options = { tokenExpiresInMinutes }
    expect(await refusalOf(doors.client().getToken(user, ['voip'], options))).toMatchObject(refusal)
    expect(await refusalOf(doors.client().createUserAndToken(['voip'], options))).toMatchObject(refusal)
  })

  it('is refused a scope that does not exist, and no scope at all', async () => {
    const user = await doors.client().createUser()
    const scope: string = 'admin'
    const wrong = doors.client().getToken(user, [scope as 'voip'])
    expect(await refusalOf(wrong)).toMatchObject({ statusCode: 400, code: 'ValidationError' })
    expect(await refusalOf(doors.client().getToken(user, []))).toMatchObject({ statusCode: 400 })
  })

  it("gets one and the same answer for users that never were, are malformed, or another resource's", async () => {
    const foreign = ResourceId.parse(randomUUID())
    const unknown = [
      userIdOf(doors.resourceId, randomUUID()),
      (await doors.store.create(foreign, userIdOf(foreign, randomUUID()))).user,
      '8:acs:nobody',
      '8:echo123',
      '4:+15551234',
      `8:acs:${'../'.repeat(5)}`,
    ]
    const answers = await Promise.all(
      unknown.flatMap((communicationUserId) => {
        const user = { communicationUserId }
        return [
          refusalOf(doors.client().getToken(user, ['voip'])),
          refusalOf(doors.client().revokeTokens(user)),
          refusalOf(doors.client().deleteUser(user)),
        ]
      }),
    )
    expect(answers[0]).toMatchObject({
      statusCode: 401,
      code: 'IdentityNotOwned',
      message: 'The resource has no such identity.',
    })
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  })

  it('is refused when its clock is off, and told so', async () => {
    doors.clockOffMs = 5 * 60_000 + 2000
    const late = await refusalOf(doors.client().createUser())
    doors.clockOffMs = 5 * 60_000 - 2000
    const inTime = await refusalOf(doors.client().createUser())
    doors.clockOffMs = 0
    expect(late).toMatchObject({ statusCode: 401, code: 'Denied', message: expect.stringContaining('Set the clock') })
    expect(inTime).toBe('was not refused')
  })
})

describe('a token for media without a browser', () => {
  const asked = async (target: string, body: object) => {
    const { status, json } = await doors.askSigned({ method: 'POST', target, body: JSON.stringify(body) })
    return { status, json: json as { token: string; accessToken: { token: string } } }
  }
  const create = (body: object) => asked(`/identities?${version}`, { createTokenWithScopes: ['voip'], ...body })

  it('is given when it is asked for, with a new identity and for an old one', async () => {
    const parley = { plainMedia: true }
    const { user } = await doors.client().createUserAndToken(['voip'])
    const target = `/identities/${encodeURIComponent(user.communicationUserId)}/:issueAccessToken?${version}`
    const issued = await asked(target, { scopes: ['voip.join'], parley })
    expect(accessOf((await create({ parley })).json.accessToken.token).mayUsePlainMedia).toBe(true)
    expect(accessOf(issued.json.token)).toMatchObject({ user: user.communicationUserId, mayUsePlainMedia: true })
  })

  it.each([{}, { parley: null }, { parley: {} }, { parley: { plainMedia: false } }])('is not for %j', async (body) => {
    expect(accessOf((await create(body)).json.accessToken.token).mayUsePlainMedia).toBe(false)
  })

  it.each([{ parley: true }, { parley: { plainMedia: 'yes' } }])('cannot be asked for with %j', async (body) => {
    const { status, json } = await create(body)
    expect([status, errorIn(json).code]).toEqual([400, 'ValidationError'])
  })
})

describe('a fault of ours', () => {
  it('is told as internal, without details, and logged with its cause', async () => {
    doors.store.trouble = new Error('secret-detail')
    const answer = await doors.askSigned({ method: 'POST', target: `/identities?${version}` })
    doors.store.trouble = undefined
    expect(answer.status).toBe(500)
    expect(errorIn(answer.json).code).toBe('InternalError')
    expect(answer.text).not.toContain('secret-detail')
    expect(doors.logged).toContain('request.failed')
    expect(doors.logged).toContain('secret-detail')
  })

  it('while deleting leaves the user to a second try', async () => {
    const user = await doors.client().createUser()
    doors.voidTrouble = new Error('The bus is away.')
    expect(await refusalOf(doors.client().deleteUser(user))).toMatchObject({ statusCode: 500 })
    doors.voidTrouble = undefined
    await doors.client().deleteUser(user)
    expect(doors.voided.at(-1)).toBe(user.communicationUserId)
  })
})

it('nothing secret was ever logged', () => {
  for (const secret of [doors.accessKey, doors.secondKey]) expect(doors.logged).not.toContain(secret.toString('base64'))
  expect(doors.logged).not.toMatch(/eyJ[\w-]+\.eyJ/)
})
