/** What a file of flow tests plays on: one platform and one browser, opened before its tests and closed after them. */
import { afterAll, afterEach, beforeAll, jest } from '@jest/globals'
import { People } from './people.ts'
import { Platform, type Settings } from './platform.ts'

export type Stage = { readonly platform: Platform; readonly people: People }

/** Longer than any wait inside, so that it is the wait that fails, with its sentence. */
const testLimitMs = 90_000

/**
 * Call it once in a describe block, or at the top of a file. People leave after each test, or after all of
 * them. A fault that the platform logs fails the file, unless it is one that the tests bring about.
 */
export function setStage(
  settings: Settings | ((mediaPorts: readonly number[]) => Promise<Settings>) = {},
  { leaveAfter = 'each', mayLog = [] }: { leaveAfter?: 'each' | 'all'; mayLog?: string[] } = {},
): Stage {
  let platform: Platform | undefined
  const stage: Stage = {
    get platform(): Platform {
      if (platform === undefined) throw new Error('The platform has not started yet.')
      return platform
    },
    people: new People(() => stage.platform),
  }
  jest.setTimeout(testLimitMs)
  beforeAll(async () => {
    platform = await Platform.start(settings)
  }, testLimitMs)
  afterEach(() => (leaveAfter === 'each' ? stage.people.leave() : undefined))
  afterAll(async () => {
    await stage.people.leave()
    await stage.people.close()
    await platform?.stop()
    const faults = (platform?.faults ?? []).filter((line) => !mayLog.some((event) => line.includes(`"${event}"`)))
    if (faults.length > 0) throw new Error(`The platform logged faults of its own:\n${faults.join('\n')}`)
  }, testLimitMs)
  return stage
}
