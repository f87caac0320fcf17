import { describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { sendRest, signedRest } from '../support/rest.ts'
import { setWitnesses } from '../support/witnesses.ts'

const { stage } = setWitnesses()

describe('a REST body that cannot be read', () => {
  it.each([
    ['is no JSON', '{"createTokenWithScopes":'],
    ['is a list', '[]'],
    ['is a string', '"voip"'],
    ['has a field of a wrong type', '{"createTokenWithScopes":"voip"}'],
    ['asks for a scope that does not exist', '{"createTokenWithScopes":["everything"]}'],
    ['asks for a lifetime that is none', '{"createTokenWithScopes":["voip"],"expiresInMinutes":"long"}'],
    ['asks for a lifetime out of range', '{"createTokenWithScopes":["voip"],"expiresInMinutes":1}'],
    ['is nested ten thousand deep', `{"createTokenWithScopes":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ])("is refused in ACS's words when it %s", async (_what, body) => {
    const answer = await signedRest(stage.platform, 'POST', '/identities?api-version=2023-10-01', body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
  })

  it.each([
    '',
    '{}',
    '[]',
    '{"scopes":"voip"}',
    '{"scopes":[]}',
    '{"scopes":[7]}',
    '{"scopes":["voip"],"expiresInMinutes":0.5}',
  ])('is refused where tokens are issued: %s', async (body) => {
    const { communicationUserId } = await stage.platform.identities.createUser()
    const target = `/identities/${encodeURIComponent(communicationUserId)}/:issueAccessToken?api-version=2023-10-01`
    const answer = await signedRest(stage.platform, 'POST', target, body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
  })

  it('is refused with 413 when it is of 1 MiB', async () => {
    const body = JSON.stringify({ createTokenWithScopes: ['x'.repeat(1024 * 1024)] })
    const answer = await signedRest(stage.platform, 'POST', '/identities?api-version=2023-10-01', body)
    expect(answer.status).toBe(413)
    expect(answer.body).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
  })

  it.each([
    ['351 people are invited', peopleInvited(351), 400],
    ['10,000 people are invited', peopleInvited(10_000), 413],
    ['somebody is invited by no identifier', '{"participants":{"bob":{"role":"Attendee"}}}', 400],
    ['a role does not exist', '{"participants":{"8:acs:a_b":{"role":"Owner"}}}', 400],
    ['the invited are a list', '{"participants":[]}', 400],
    ['it ends before it begins', '{"validFrom":"2040-01-02T00:00:00Z","validUntil":"2040-01-01T00:00:00Z"}', 400],
    ['it ends never', '{"validUntil":"never"}', 400],
  ])('is refused where rooms are made when %s, and no room is made', async (_what, body, status) => {
    const answer = await signedRest(stage.platform, 'POST', '/rooms?api-version=2025-03-13', body)
    expect(answer).toMatchObject({ status, body: { error: { code: expect.any(String), message: expect.any(String) } } })
    const rooms = await signedRest(stage.platform, 'GET', '/rooms?api-version=2025-03-13', '')
    expect(rooms.body).toEqual({ value: [] })
  })

  it.each(['{"name":7}', '{}', '', '[]', 'x', JSON.stringify({ name: 'x'.repeat(1024) }), '{"name":"a\\u0000b"}'])(
    'is refused at the demo door: %.20s',
    async (body) => {
      const answer = await sendRest(stage.platform, 'POST', '/demo/identities', body)
      expect(answer.status).toBe(400)
      expect(answer.body).toMatchObject({ error: { code: expect.any(String) } })
    },
  )

  it.each(['{}', 'x', '{"session":7,"key":{}}', JSON.stringify({ session: 'ses_00000000', key: 'x' })])(
    'says nothing about anybody at the door of pages that are closed: %s',
    async (body) => {
      const answer = await sendRest(stage.platform, 'POST', '/agent/bye', body)
      expect(answer.status).toBeGreaterThanOrEqual(200)
      expect(answer.status).toBeLessThan(500)
    },
  )
})

function peopleInvited(count: number): string {
  const invited = Array.from({ length: count }, () => [`8:acs:${randomUUID()}_${randomUUID()}`, { role: 'Attendee' }])
  return JSON.stringify({ participants: Object.fromEntries(invited) })
}
