import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { CallId, EventBody, LegId } from '@parley/protocol'
import { aCall, Bench, talks, type Who } from './testing/bench.ts'
import { microphone } from './testing/device.ts'
import { eventually } from './testing/eventually.ts'
import { FarWorker, type FarEnd } from './testing/far-end.ts'

// People speak in turns that take their time; each wait has a limit of its own.
jest.setTimeout(20_000)

let bench: Bench
let far: FarWorker
let callId: CallId
let here: FarEnd[] = []

beforeAll(async () => {
  bench = await Bench.start({ limits: { heard: 2, soundsKept: 3, lately: 2 } })
  far = await FarWorker.start()
})
beforeEach(() => {
  callId = aCall()
})
afterEach(async () => {
  for (const one of here) {
    one.close()
    await bench.leaves(one.who)
  }
  here = []
})
afterAll(async () => {
  far.close()
  await bench.close()
  expect(bench.errors).toEqual([])
})

async function someone(): Promise<FarEnd> {
  const one = await far.join(bench, bench.someone(callId))
  here.push(one)
  return one
}

/** Waits until this one has been told that these speak, the loudest first, and gives back all that was told. */
function told(who: FarEnd, ...speaking: FarEnd[]): Promise<EventBody<'media.speakers'>> {
  const legs = speaking.map((one) => one.who.legId)
  return bench.heard.until(`that ${legs.length} speak`, () => {
    const last = bench.heard.told(who.who.session, 'media.speakers').at(-1)
    return last !== undefined && String(last.speaking) === String(legs) ? last : undefined
  })
}

/** From whom this one has consumers that flow. */
async function hearsNow({ session }: Who): Promise<LegId[]> {
  const ended = bench.heard.told(session, 'media.consumerClosed').map(({ consumerId }) => consumerId)
  const consumers = bench.heard.told(session, 'media.consumer').map(({ consumer }) => consumer)
  const alive = consumers.filter(({ id }) => !ended.includes(id))
  const flowing = await Promise.all(alive.map(async ({ id, legId }) => ((await bench.flows(id)) ? [legId] : [])))
  return flowing.flat()
}

const legsOf = (...people: FarEnd[]): LegId[] => people.map(({ who }) => who.legId).toSorted()

describe('who speaks', () => {
  it('is told to everyone when it changes, his own leg included, and not in between', async () => {
    const [ann, bob] = [await someone(), await someone()]
    const annsVoice = await ann.speaks(-20)
    const bobsVoice = await bob.speaks(-90)
    const about = { callId, generation: 1 }
    const [annLeg, bobLeg] = [ann.who.legId, bob.who.legId]
    expect(await told(bob, ann)).toEqual({ ...about, speaking: [annLeg], lately: [annLeg] })
    bobsVoice.dbov = -10
    expect(await told(bob, bob, ann)).toEqual({ ...about, speaking: [bobLeg, annLeg], lately: [bobLeg, annLeg] })
    annsVoice.stop()
    expect(await told(ann, bob)).toEqual({ ...about, speaking: [bobLeg], lately: [bobLeg, annLeg] })
    expect(bench.heard.told(ann.who.session, 'media.speakers')).toHaveLength(3)
    await bench.leaves(bob.who)
    expect(await told(ann)).toEqual({ ...about, speaking: [], lately: [annLeg] })
  })

  it('is told to whoever comes later, when he is there to hear it, and to nobody who may not hear', async () => {
    const ann = await someone()
    await ann.speaks()
    await told(ann, ann)
    const bob = await someone()
    await bench.grants(bob.who, 2, { ...talks, receive: false })
    await bob.speaks(-90)
    await bench.heard.until('Bob is up', () =>
      bench.heard.reports.find((one) => one.report === 'legUp' && one.legId === bob.who.legId),
    )
    expect(bench.heard.told(bob.who.session, 'media.speakers')).toEqual([])
    await bench.grants(bob.who, 3, talks)
    expect((await told(bob, ann)).lately).toEqual([ann.who.legId])
  })

  it('is nobody whose microphone is muted', async () => {
    const ann = await someone()
    await ann.speaks()
    await told(ann, ann)
    await bench.grants(ann.who, 2, { ...talks, paused: ['microphone'] })
    await told(ann)
  })
})

describe('in a call with more people than are heard at once', () => {
  it('those who spoke last are heard, each through one consumer that waits for his next turn', async () => {
    const [ann, bob, eve, joe] = [await someone(), await someone(), await someone(), await someone()]
    const annsVoice = await ann.speaks(-90)
    const others = [[bob, await bob.speaks(-90)] as const, [eve, await eve.speaks(-90)] as const]
    await eventually('nobody is heard', async () => (await hearsNow(joe.who)).length === 0)
    for (const [speaker, voice] of [[ann, annsVoice] as const, ...others]) {
      voice.dbov = -20
      await told(joe, speaker)
      voice.dbov = -90
      await told(joe)
    }
    await eventually('the last two are heard', async () => {
      return String((await hearsNow(joe.who)).toSorted()) === String(legsOf(bob, eve))
    })
    // Ann's consumer has waited since her turn: she is heard again through the same one.
    const before = bench.heard.told(joe.who.session, 'media.consumer').length
    annsVoice.dbov = -20
    await told(joe, ann)
    await eventually('Ann is heard again', async () => {
      return String((await hearsNow(joe.who)).toSorted()) === String(legsOf(ann, eve))
    })
    expect(bench.heard.told(joe.who.session, 'media.consumer')).toHaveLength(before)
  })

  it('a leg keeps no more consumers than it is to keep', async () => {
    const people = [await someone(), await someone(), await someone(), await someone(), await someone()]
    const joe = await someone()
    for (const one of people) {
      const voice = await one.speaks(-20)
      await told(joe, one)
      voice.dbov = -90
      await told(joe)
    }
    await eventually('three consumers', () => {
      const { session } = joe.who
      const opened = bench.heard.told(session, 'media.consumer').length
      return opened >= 5 && opened - bench.heard.told(session, 'media.consumerClosed').length === 3
    })
  })

  it('who is muted costs nobody a consumer, and is heard when he unmutes while few enough are not', async () => {
    const muted = { ...talks, paused: ['microphone' as const] }
    const people = [await someone(), await someone(), await someone(), await someone()]
    for (const { who } of people) await bench.grants(who, 2, muted)
    for (const one of people) await one.speaks()
    const joe = await someone()
    expect(joe.media.consumers).toEqual([])
    const [ann] = people as [FarEnd]
    await bench.grants(ann.who, 3, talks)
    expect(await hearsNow(joe.who)).toEqual([ann.who.legId])
  })
})

describe('in a call of a hundred', () => {
  it('a joiner is given the consumers of the three who speak, and of nobody else', async () => {
    const big = await Bench.start()
    const hall = aCall()
    try {
      const crowd = Array.from({ length: 97 }, () => big.someone(hall))
      for (const who of crowd) {
        await big.join(who, { grant: { ...talks, receive: false } })
        await big.speaks(who, { track: { source: 'microphone', kind: 'audio', rtpParameters: microphone() } })
      }
      const stage = []
      for (let n = 0; n < 3; n++) stage.push(await far.join(big, big.someone(hall)))
      for (const one of stage) await one.speaks()
      const [first] = stage as [FarEnd]
      await big.heard.until('three speak', () =>
        big.heard.told(first.who.session, 'media.speakers').find(({ speaking }) => speaking.length === 3),
      )
      const { consumers } = await big.join(big.someone(hall))
      expect(consumers.map(({ legId }) => legId).toSorted()).toEqual(legsOf(...stage))
      const { consumers: all } = await big.node.counts()
      // The twelve of the beginning, each told to all who were there, and the three who speak: no one for everyone.
      expect(all).toBeLessThan(100 * 24)
      for (const one of stage) one.close()
    } finally {
      await big.close()
    }
  })
})
