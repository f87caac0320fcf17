/**
 * From the moment at which someone asks to join to the first sound that he hears: a call of a hundred in which three
 * speak, beside a call of two on the same platform. And what a hundred virtual participants take of the machine.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Participant, type TestPlatform } from '@parley/testing'
import type { Platform } from '../support/platform.ts'
import { processorS } from '../support/processes.ts'
import { lineOf, takeTurns, type Measured } from './rounds.ts'

const crowd = 100
const speaking = [440, 660, 970]
const rounds = 9
/** Everybody comes at once. */
const arrivalMs = 60_000
/** How exactly the first sound is timed. */
const lookEveryMs = 1
const firstSoundMs = 10_000
const steadyMs = 5_000

export async function largeCall(platform: Platform): Promise<Measured> {
  const people = await connect(platform.connectionString)
  try {
    const before = process.memoryUsage.rss()
    const [large, small] = [{ groupId: randomUUID() }, { groupId: randomUUID() }]
    // One short of it: the one who joins is the hundredth, and the second.
    await gather(people, crowd - 1, large)
    await gather(people, 1, small)
    const joiner = await people.participant()
    const taken = await takeTurns(rounds, {
      ours: () => joinToFirstSound(joiner, large),
      reference: () => joinToFirstSound(joiner, small),
    })
    const inMs = (value: number): string => `${value.toFixed(0)} ms`
    const lines = [lineOf(`join to first sound, call of ${crowd} by call of 2`, taken, inMs, { atMost: 1.3 })]
    const mib = (process.memoryUsage.rss() - before) / 2 ** 20 / crowd
    return { lines, remarks: [`a virtual participant takes ${mib.toFixed(1)} MiB`, await costs(platform)] }
  } finally {
    await people.close()
  }
}

async function gather(people: TestPlatform, count: number, place: { groupId: string }): Promise<void> {
  const all = await people.participants(count, { speaking })
  await Promise.all(all.map((person) => person.join(place, { withinMs: arrivalMs })))
}

async function joinToFirstSound(joiner: Participant, place: { groupId: string }): Promise<number> {
  const startedAt = performance.now()
  await joiner.join(place)
  while ((await joiner.heard()).size === 0) {
    if (performance.now() - startedAt > firstSoundMs) throw new Error('Nothing was heard in the call.')
    await delay(lookEveryMs)
  }
  const tookMs = performance.now() - startedAt
  await joiner.hangUp()
  return tookMs
}

/** What processes take while nothing changes and a hundred hear three. */
async function costs(platform: Platform): Promise<string> {
  const workers = (): number => platform.workerPids().reduce((sum, pid) => sum + processorS(pid), 0)
  const used = () => ({ own: processorS(process.pid), node: processorS(platform.pid), workers: workers() })
  const [before, startedAt] = [used(), performance.now()]
  await delay(steadyMs)
  const [after, lastedS] = [used(), (performance.now() - startedAt) / 1000]
  const perParticipant = (of: keyof typeof before): string =>
    `${(((after[of] - before[of]) * 1000) / lastedS / crowd).toFixed(1)} ms`
  return (
    `and each second of each of ${crowd} takes ${perParticipant('own')} of processor time, ` +
    `${perParticipant('workers')} of the media workers and ${perParticipant('node')} of the server`
  )
}
