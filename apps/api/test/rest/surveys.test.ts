import { randomUUID } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import { CallId, LegId, userIdOf } from '@parley/protocol'
import { setDatabase } from './set-doors.ts'

const database = setDatabase()
const doors = database.doors()
const others = database.doors()

const legId = LegId.parse('leg_00000001')
const newCall = () => CallId.parse(randomUUID())
const keep = (callId: CallId, score: number, resourceId = doors.resourceId) =>
  database.stores.surveys.keep({
    resourceId,
    callId,
    user: userIdOf(resourceId, randomUUID()),
    legId,
    survey: { overallRating: { score } },
  })
type List = { value: { id: string; createdAt: string }[]; nextLink?: string }
const listAt = async (target: string) => (await doors.askSigned({ target })).json as List

describe('the surveys of a call', () => {
  it('show who said what of it', async () => {
    const callId = newCall()
    const id = await keep(callId, 4)
    await keep(newCall(), 1)
    expect(await listAt(`/surveys?callId=${callId}`)).toEqual({
      value: [
        {
          id,
          callId,
          rawId: expect.stringContaining(doors.resourceId),
          participantId: legId,
          survey: { overallRating: { score: 4 } },
          createdAt: expect.stringMatching(/Z$/),
        },
      ],
    })
  })

  it('are read page by page to the end, the newest first, by signed requests', async () => {
    const callId = newCall()
    const kept = await Promise.all(Array.from({ length: 105 }, () => keep(callId, 5)))
    const pages: List[] = []
    for (
      let next: string | undefined = `/surveys?callId=${callId}`;
      next !== undefined;
      next = pages.at(-1)?.nextLink
    ) {
      pages.push(await listAt(next))
    }
    const listed = pages.flatMap(({ value }) => value)
    expect(pages.map(({ value }) => value.length)).toEqual([100, 5])
    expect(listed.map(({ id }) => id).toSorted()).toEqual(kept.toSorted())
    const times = listed.map(({ createdAt }) => createdAt)
    expect(times).toEqual(times.toSorted().toReversed())
  })
})

describe('surveys', () => {
  it('of all calls are listed when none is named, and none of another resource', async () => {
    const [mine, theirs] = [await keep(newCall(), 3), await keep(newCall(), 3, others.resourceId)]
    const ids = (await listAt('/surveys')).value.map(({ id }) => id)
    expect(ids).toContain(mine)
    expect(ids).not.toContain(theirs)
  })

  it('are for who has the access key', async () => {
    expect((await doors.ask({ target: '/surveys' })).status).toBe(401)
  })

  it.each(['callId=x', 'callId=', 'callId=a&callId=b', 'after=x', 'after=1_x'])(
    'are not asked for with %s',
    async (query) => {
      const answer = await doors.askSigned({ target: `/surveys?${query}` })
      expect(answer).toMatchObject({ status: 400, json: { error: { code: 'BadRequest' } } })
    },
  )
})
