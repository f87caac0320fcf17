import { randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { ResourceId, userIdOf } from '@parley/protocol'
import { setDatabase } from './set-doors.ts'

const database = setDatabase()
const doors = database.doors()
const others = database.doors()

const user = () => userIdOf(doors.resourceId, randomUUID())
const settle = (groupId: string, body: unknown) =>
  doors.askSigned({ method: 'PUT', target: `/groups/${groupId}`, body: JSON.stringify(body) })
const show = (groupId: string, at = doors) => at.askSigned({ target: `/groups/${groupId}` })
const remove = (groupId: string) => doors.askSigned({ method: 'DELETE', target: `/groups/${groupId}` })

describe('the settings of a group call', () => {
  it('are kept as they were given, and the last ones count', async () => {
    const groupId = randomUUID()
    const settings = { lobbyEnabled: true, presenters: [user(), user()] }
    expect(await settle(groupId, settings)).toMatchObject({ status: 200, json: settings })
    expect(await show(groupId)).toMatchObject({ status: 200, json: settings })
    await settle(groupId, { lobbyEnabled: false })
    expect((await show(groupId)).json).toEqual({ lobbyEnabled: false, presenters: [] })
  })

  it('are those of one group, however its GUID is written', async () => {
    const groupId = randomUUID()
    await settle(groupId.toUpperCase(), { lobbyEnabled: true, presenters: [] })
    expect((await show(groupId)).json).toMatchObject({ lobbyEnabled: true })
  })

  it('name a presenter once', async () => {
    const ann = user()
    const { json } = await settle(randomUUID(), { lobbyEnabled: true, presenters: [ann, ann] })
    expect(json).toMatchObject({ presenters: [ann] })
  })

  it('go, and may be told to go again', async () => {
    const groupId = randomUUID()
    await settle(groupId, { lobbyEnabled: true, presenters: [] })
    expect([(await remove(groupId)).status, (await remove(groupId)).status]).toEqual([204, 204])
    expect(await show(groupId)).toMatchObject({ status: 404, json: { error: { code: 'NotFound' } } })
  })

  it('are those of one resource', async () => {
    const groupId = randomUUID()
    await settle(groupId, { lobbyEnabled: true, presenters: [] })
    expect((await show(groupId, others)).status).toBe(404)
    await others.askSigned({ method: 'DELETE', target: `/groups/${groupId}` })
    expect((await show(groupId)).status).toBe(200)
  })

  it('are for who has the access key', async () => {
    const target = `/groups/${randomUUID()}`
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await doors.ask({ method, target })).status).toBe(401)
  })

  it('belong to a GUID', async () => {
    for (const answer of [await settle('lunch', { lobbyEnabled: true }), await show('lunch'), await remove('lunch')]) {
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'BadRequest' } } })
    }
  })

  const stranger = userIdOf(ResourceId.parse(randomUUID()), randomUUID())
  it.each([
    [{}],
    [[]],
    [{ lobbyEnabled: 'yes' }],
    [{ lobbyEnabled: true, presenters: 'ann' }],
    [{ lobbyEnabled: true, presenters: [1] }],
    [{ lobbyEnabled: true, presenters: ['8:echo123'] }],
    [{ lobbyEnabled: true, presenters: [stranger] }],
    [{ lobbyEnabled: true, presenters: Array.from({ length: 351 }, () => stranger) }],
  ])('are not %j', async (body) => {
    const groupId = randomUUID()
    expect(await settle(groupId, body)).toMatchObject({ status: 400, json: { error: { code: 'BadRequest' } } })
    expect((await show(groupId)).status).toBe(404)
  })
})
