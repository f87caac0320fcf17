import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { CallId, LegId, ResourceId, userIdOf } from '@parley/protocol'
import type { KeptSurvey } from '../rest/surveys/survey-store.ts'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

const resourceId = ResourceId.parse(randomUUID())
const user = userIdOf(resourceId, randomUUID())
const legId = LegId.parse('leg_00000001')

let database: ScratchDatabase
let stores: Stores
beforeAll(async () => {
  database = await scratchDatabase()
  stores = await Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
}, 60_000)
afterAll(async () => {
  await stores.close()
  await database.stop()
}, 60_000)

const newCall = () => CallId.parse(randomUUID())
const keep = (callId: CallId, score: number) =>
  stores.surveys.keep({ resourceId, callId, user, legId, survey: { overallRating: { score } } })

it('a survey comes back as it was given, with when it was, and in its own resource only', async () => {
  const callId = newCall()
  const survey = { audioRating: { score: 2, issues: ['NoLocalAudio'] }, videoRating: { score: 5 } }
  const id = await stores.surveys.keep({ resourceId, callId, user, legId, survey })
  const createdAt = expect.any(Number)
  expect(await stores.surveys.list(resourceId, 5, { callId })).toEqual([
    { id, resourceId, callId, user, legId, survey, createdAt },
  ])
  expect(await stores.surveys.list(ResourceId.parse(randomUUID()), 5, { callId })).toEqual([])
})

it('surveys are listed each once, the newest first, of one call or of all', async () => {
  const callId = newCall()
  const kept = [await keep(callId, 1), await keep(callId, 2), await keep(callId, 3)]
  const listed: KeptSurvey[] = []
  const next = () => stores.surveys.list(resourceId, 2, { callId, after: listed.at(-1) })
  for (let page = await next(); page.length > 0; page = await next()) listed.push(...page)
  expect(listed.map(({ id }) => id).toSorted()).toEqual(kept.toSorted())
  expect(listed.map(({ createdAt }) => createdAt)).toEqual(
    listed.map(({ createdAt }) => createdAt).toSorted((a, b) => b - a),
  )
  const other = await keep(newCall(), 4)
  expect((await stores.surveys.list(resourceId, 50, {})).map(({ id }) => id)).toContain(other)
})
