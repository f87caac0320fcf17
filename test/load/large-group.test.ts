import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { connect, type Participant, type TestPlatform } from '@parley/testing'
import { setStage } from '../support/stage.ts'

const crowd = 100
const tonesHz = [440, 660, 970] as const
/** A hundred people come at once to a machine with two cores, which they share with the platform. */
const arrivalMs = 45_000
const limitMs = 120_000

describe(`a call of ${crowd} in which three speak`, () => {
  const stage = setStage()
  let platform: TestPlatform
  let people: Participant[]
  let speakers: { who: Participant; hz: number }[]

  beforeEach(async () => {
    platform = await connect(stage.platform.connectionString)
    people = await platform.participants(crowd, { speaking: tonesHz })
    speakers = tonesHz.map((hz, index) => ({ who: at(people, index), hz }))
    const groupId = randomUUID()
    await Promise.all(people.map((person) => person.join({ groupId }, { withinMs: arrivalMs })))
  }, limitMs)
  afterEach(() => platform.close(), limitMs)

  const othersThan = (person: Participant) => speakers.filter(({ who }) => who !== person)

  /** Waits until all hear all who speak, and says whom they hear. */
  async function whoHearsWhom(): Promise<string[][]> {
    await Promise.all(
      people.flatMap((person) =>
        othersThan(person).map(({ who, hz }) => person.hears(who, hz, { withinMs: arrivalMs })),
      ),
    )
    return Promise.all(people.map(namesHeardBy))
  }

  /** Everyone of whom any sound came, ever: oneself, too, and legs of nobody. */
  async function namesHeardBy(person: Participant): Promise<string[]> {
    const names = new Map<string, string>(people.map(({ id, name }) => [id, name]))
    return [...(await person.heard()).keys()].map((id) => names.get(id) ?? id).toSorted(byName)
  }
  const byName = (one: string, other: string) => one.localeCompare(other)

  it(
    'everyone hears exactly those three, and nobody himself',
    async () => {
      const expected = people.map((person) =>
        othersThan(person)
          .map(({ who }) => who.name)
          .toSorted(byName),
      )
      expect(await whoHearsWhom()).toEqual(expected)
    },
    limitMs,
  )

  it(
    'everyone sees everyone, and who mutes himself is heard by nobody',
    async () => {
      await whoHearsWhom()
      const { who } = at(speakers, 1)
      await who.mute()
      await Promise.all(people.filter((person) => person !== who).map((person) => person.hearsNothingOf(who)))
      expect(new Set(people.map((person) => person.call.people.length))).toEqual(new Set([crowd - 1]))
    },
    limitMs,
  )
})

function at<T>(items: readonly T[], index: number): T {
  const item = items[index]
  if (item === undefined) throw new Error(`There is no number ${index} of ${items.length}.`)
  return item
}
