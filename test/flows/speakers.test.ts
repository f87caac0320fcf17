import { describe, expect, it } from '@jest/globals'
import type { Person } from '../support/person.ts'
import { allHearExactly, groupMeets } from '../support/situations.ts'
import { setStage } from '../support/stage.ts'

const stage = setStage()

describe('isSpeaking', () => {
  it('of each participant follows who makes a sound, for everybody, and nothing is written for it', async () => {
    const { all } = await threeMeetInSilence()
    const [ann, bob, cat] = all as [Person, Person, Person]
    await Promise.all(all.map((one) => watchesSpeaking(one, all)))
    const before = await stage.platform.database.versionOf(ann.callId)
    for (const speakers of [[bob], [ann, cat], [ann, bob, cat], []]) await onlySpeak(all, speakers)
    expect(await stage.platform.database.versionOf(ann.callId)).toBe(before)

    const asTold = (name: string, ...told: boolean[]) => told.map((isSpeaking) => ({ name, isSpeaking }))
    expect(speakingTold(ann, bob)).toEqual(asTold('bob', true, false, true, false))
    expect(speakingTold(cat, bob)).toEqual(asTold('bob', true, false, true, false))
    expect(speakingTold(bob, ann)).toEqual(asTold('ann', true, false))
    expect(speakingTold(bob, cat)).toEqual(asTold('cat', true, false))
  })

  it('ends for who mutes, holds or leaves in the middle of a sentence, and is back when he is heard again', async () => {
    const { all } = await threeMeetInSilence()
    const [ann, bob, cat] = all as [Person, Person, Person]
    await onlySpeak(all, [bob, cat])
    await bob.mutes()
    await Promise.all([ann.sees(bob, { isSpeaking: false }), ann.sees(cat, { isSpeaking: true })])
    await bob.unmutes()
    await ann.sees(bob, { isSpeaking: true })

    await cat.holds()
    await ann.sees(cat, { isSpeaking: false })
    await cat.resumes()
    await Promise.all([ann.sees(cat, { isSpeaking: true }), bob.sees(cat, { isSpeaking: true })])

    await ann.does(({ kept, participant }, id) => void kept.set('bob', participant(id)), bob.id)
    await bob.hangsUp()
    await ann.seesPeople(cat)
    expect(await ann.does(({ kept }) => (kept.get('bob') as { isSpeaking: boolean }).isSpeaking)).toBe(false)
    await ann.sees(cat, { isSpeaking: true })
  })
})

describe('DominantSpeakers', () => {
  it('lists the others who spoke last, the latest first, each once and never oneself', async () => {
    const { all } = await threeMeetInSilence()
    const [ann, bob, cat] = all as [Person, Person, Person]
    await Promise.all(all.map(watchesDominant))
    const before = await stage.platform.database.versionOf(ann.callId)
    expect(await dominantOf(ann, all)).toEqual([])
    for (const speaker of [bob, cat, bob, ann]) {
      await onlySpeak(all, [speaker])
      await Promise.all(all.filter((one) => one !== speaker).map((one) => one.isToldOf('dominant', first(speaker))))
    }
    await onlySpeak(all, [])
    expect(await Promise.all(all.map((one) => dominantOf(one, all)))).toEqual([
      ['bob', 'cat'],
      ['ann', 'cat'],
      ['ann', 'bob'],
    ])
    expect(await stage.platform.database.versionOf(ann.callId)).toBe(before)

    expect(listsTold(ann, all)).toEqual([['bob'], ['cat', 'bob'], ['bob', 'cat']])
    expect(listsTold(bob, all)).toEqual([['cat'], ['ann', 'cat']])
    expect(listsTold(cat, all)).toEqual([['bob'], ['ann', 'bob']])
    const times = (ann.toldOf('dominant') as Dominant[]).map(({ at }) => at)
    expect(times).toEqual(times.toSorted((one, other) => one - other))

    // Who has left is nobody's tile.
    await bob.hangsUp()
    await ann.isToldOf<Dominant>('dominant', ({ ids }) => ids.length === 1)
    expect(await dominantOf(ann, all)).toEqual(['cat'])
  })
})

type Dominant = { ids: string[]; at: number }

/** Three are in a group, and nobody says a word. */
async function threeMeetInSilence(): Promise<{ all: Person[] }> {
  const names = ['ann', 'bob', 'cat']
  const { all } = await groupMeets(stage, names, { silent: names })
  await allHearExactly(all, [])
  return { all }
}

/** From now on these make a sound, and nobody else; everybody sees and hears so. */
async function onlySpeak(all: readonly Person[], speakers: readonly Person[]): Promise<void> {
  await Promise.all(all.map((one) => (speakers.includes(one) ? one.speaks() : one.fallsSilent())))
  const sees = (one: Person) =>
    all.filter((other) => other !== one).map((other) => one.sees(other, { isSpeaking: speakers.includes(other) }))
  await Promise.all([...all.flatMap(sees), allHearExactly(all, speakers)])
}

function watchesSpeaking(person: Person, all: readonly Person[]): Promise<void> {
  const others = all.filter((one) => one !== person).map(({ id, name }) => ({ id, name }))
  return person.does(({ participant, tell }, others) => {
    for (const { id, name } of others) {
      const one = participant(id)
      one.on('isSpeakingChanged', () => tell('speaking', { name, isSpeaking: one.isSpeaking }))
    }
  }, others)
}

function speakingTold(person: Person, other: Person): unknown[] {
  return person.toldOf('speaking').filter((told) => (told as { name: string }).name === other.name)
}

function watchesDominant(person: Person): Promise<void> {
  return person.does(({ call, sdk, tell }) => {
    const feature = call.feature(sdk.Features.DominantSpeakers)
    feature.on('dominantSpeakersChanged', () => {
      const { speakersList, timestamp } = feature.dominantSpeakers
      const ids = speakersList.map((one) => ('communicationUserId' in one ? one.communicationUserId : one.kind))
      tell('dominant', { ids, at: timestamp.getTime() })
    })
  })
}

async function dominantOf(person: Person, all: readonly Person[]): Promise<string[]> {
  const ids = await person.does(({ call, sdk }) =>
    call
      .feature(sdk.Features.DominantSpeakers)
      .dominantSpeakers.speakersList.map((one) => ('communicationUserId' in one ? one.communicationUserId : one.kind)),
  )
  return namesOf(ids, all)
}

function listsTold(person: Person, all: readonly Person[]): string[][] {
  return (person.toldOf('dominant') as Dominant[]).map(({ ids }) => namesOf(ids, all))
}

function namesOf(ids: readonly string[], all: readonly Person[]): string[] {
  return ids.map((id) => all.find((one) => one.id === id)?.name ?? id)
}

function first(speaker: Person): (told: Dominant) => boolean {
  return ({ ids }) => ids[0] === speaker.id
}
