/**
 * From the moment at which someone asks to join to the first sound that he hears: a call of a hundred in which three
 * speak, beside a call of two on the same platform. And what a hundred virtual participants take of the machine.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Participant } from '@parley/testing'
import type { Platform } from '../support/platform.ts'
import { processorS } from '../support/processes.ts'
import { Crowd } from './crowd.ts'
import { lineOf, quantile, takeTurns, type Measured } from './rounds.ts'

const crowd = 100
const speaking = [440, 660, 970]
const rounds = 7
/** Of so many joins in a row the one in the middle counts: each waits for a packet, of which one comes every 20 ms. */
const joinsEach = 11
const packetMs = 20
/** How exactly the first sound is timed. */
const lookEveryMs = 1
const firstSoundMs = 10_000
/** Until the others have been told who came and went: who joins comes to a call that is at rest. */
const restMs = 200
const steadyMs = 5_000

export async function largeCall(platform: Platform): Promise<Measured> {
  const [large, small] = [{ groupId: randomUUID() }, { groupId: randomUUID() }]
  const people = await connect(platform.connectionString)
  // One short of it: the one who joins is the hundredth, and the second.
  const others = await Crowd.gather(platform.connectionString, [
    { ...large, count: crowd - 1, speaking },
    { ...small, count: 1, speaking },
  ])
  try {
    const joiner = await people.participant()
    await joiner.join(small)
    await joiner.hangUp()
    const taken = await takeTurns(rounds, {
      ours: () => joinToFirstSound(joiner, large),
      reference: () => joinToFirstSound(joiner, small),
    })
    const inMs = (value: number): string => `${value.toFixed(0)} ms`
    const lines = [lineOf(`join to first sound, call of ${crowd} by call of 2`, taken, inMs, { atMost: 1.3 })]
    return {
      lines,
      remarks: [`a virtual participant takes ${others.mibEach.toFixed(1)} MiB`, await costs(platform, others)],
    }
  } finally {
    await people.close()
    await others.leave()
  }
}

async function joinToFirstSound(joiner: Participant, place: { groupId: string }): Promise<number> {
  const took: number[] = []
  while (took.length < joinsEach) took.push(await joinOnce(joiner, place))
  return quantile(took)
}

async function joinOnce(joiner: Participant, place: { groupId: string }): Promise<number> {
  // At any moment between two packets.
  await delay(restMs + Math.random() * packetMs)
  const startedAt = performance.now()
  const joined = joiner.join(place)
  // Until the server has let him in this is the call that he was in before, where nothing is heard any more.
  while ((await joiner.heard()).size === 0) {
    if (performance.now() - startedAt > firstSoundMs) throw new Error('Nothing was heard in the call.')
    await delay(lookEveryMs)
  }
  const tookMs = performance.now() - startedAt
  await joined
  await joiner.hangUp()
  return tookMs
}

/** What processes take while nothing changes and a hundred hear three. */
async function costs(platform: Platform, others: Crowd): Promise<string> {
  const workers = (): number => platform.workerPids().reduce((sum, pid) => sum + processorS(pid), 0)
  const used = () => ({ own: processorS(others.pid), node: processorS(platform.pid), workers: workers() })
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
