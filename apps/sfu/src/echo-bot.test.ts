import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { ConsumerOptions, Grant } from '@parley/protocol'
import { readPrompts } from './echo-words.ts'
import { aCall, Bench, idsOf, type Who } from './testing/bench.ts'
import { eventually } from './testing/eventually.ts'
import { FarWorker, type FarEnd } from './testing/far-end.ts'

const talks: Grant = { send: ['microphone'], paused: [], receive: true }
const held: Grant = { ...talks, paused: ['microphone'], receive: false }
const opus = Buffer.from([0xf8, 0xff, 0xfe])

let bench: Bench
let far: FarWorker
let ann: FarEnd
let bot: Who

beforeAll(async () => {
  bench = await Bench.start({ limits: { echoListenMs: 900, echoPauseMs: 300 } })
  far = await FarWorker.start()
})
beforeEach(async () => {
  const callId = aCall()
  bot = bench.someone(callId)
  await bench.order('openBot', { ...idsOf(bot), generation: 1, version: 1, grant: talks, bot: 'echo' })
  ann = await far.join(bench, bench.someone(callId))
})
afterEach(async () => {
  ann.close()
  await bench.leaves(bot)
  await bench.leaves(ann.who)
  expect(await bench.node.counts()).toMatchObject({ routers: 0, transports: 0, producers: 0, consumers: 0 })
})
afterAll(async () => {
  far.close()
  await bench.close()
  expect(bench.errors).toEqual([])
})

/** The bot's nth track, as Ann was told of it. */
function words(n: number): Promise<ConsumerOptions> {
  return bench.heard.until(
    `the bot's ${n}th words`,
    () => bench.heard.told(ann.who.session, 'media.consumer')[n - 1]?.consumer,
    10_000,
  )
}

/** Hears the bot's nth track to its end, and gives back its packets. */
async function hearsWords(n: number) {
  const consumer = await words(n)
  await ann.hears([consumer])
  await bench.heard.until(
    `the end of the bot's ${n}th words`,
    () =>
      bench.heard.told(ann.who.session, 'media.consumerClosed').find(({ consumerId }) => consumerId === consumer.id),
    10_000,
  )
  return ann.heard.get(consumer.id) ?? []
}

const timestampsOf = (packets: { timestamp: number }[]): number[] =>
  packets.map(({ timestamp }) => (timestamp - (packets[0]?.timestamp ?? 0)) >>> 0)

describe('the echo bot', () => {
  it('is up at once, and says nothing while nobody is there', async () => {
    const up = { report: 'legUp', node: bench.node.id, ...idsOf(bot), generation: 1 }
    expect(bench.heard.reports).toContainEqual(up)
    expect((await bench.node.counts()).producers).toBe(0)
    await bench.order('openBot', { ...idsOf(bot), generation: 1, version: 1, grant: talks, bot: 'echo' })
    expect(
      bench.heard.reports.filter((report) => report.report === 'legUp' && report.legId === bot.legId),
    ).toHaveLength(1)
  })

  it('greets, sounds a tone, and says again what it heard, again and again', async () => {
    await ann.speaks(-20)
    const { greeting, tone } = await readPrompts()
    const said = await hearsWords(1)
    expect(said.map(({ payload }) => payload)).toEqual(greeting.frames.map(({ payload }) => payload))
    expect(said.filter(({ dbov = -127 }) => dbov > -40).length).toBeGreaterThan(said.length / 3)
    expect(await hearsWords(2)).toHaveLength(tone.frames.length)

    const echo = await words(3)
    expect(echo).toMatchObject({ kind: 'audio', legId: bot.legId, source: 'microphone' })
    const echoed = await hearsWords(3)
    // 900 ms, fifty packets a second, each after the last one.
    expect(echoed.length).toBeGreaterThan(30)
    expect(echoed.length).toBeLessThan(50)
    expect(echoed.every(({ payload, dbov }) => payload.equals(opus) && dbov === -20)).toBe(true)
    expect(timestampsOf(echoed)).toEqual(echoed.map((_, index) => index * 960))

    const secondTone = await hearsWords(4)
    expect(secondTone).toHaveLength(tone.frames.length)
    await words(5)
  }, 20_000)

  it('ends what it hears when somebody has spoken and says no more', async () => {
    const voice = await ann.speaks(-20)
    await hearsWords(1)
    await ann.hears([await words(2)])
    await eventually('it listens', () => bench.heard.told(ann.who.session, 'media.consumerClosed').length === 2)
    await voice.sends(10)
    voice.dbov = -100
    const echoed = await hearsWords(3)
    expect(echoed.length).toBeLessThan(40)
  }, 20_000)

  it('is silent on hold, and begins anew afterwards', async () => {
    await ann.speaks(-20)
    const cut = await words(1)
    await ann.hears([cut])
    await ann.hearsMore(5)
    await bench.grants(bot, 2, held)
    expect(bench.heard.told(ann.who.session, 'media.consumerClosed')).toMatchObject([{ consumerId: cut.id }])
    // Ann's microphone alone, which nobody hears.
    expect(await bench.node.counts()).toMatchObject({ producers: 1, consumers: 0 })
    await bench.grants(bot, 1, talks)
    expect((await bench.node.counts()).producers).toBe(1)
    await bench.grants(bot, 3, talks)
    await ann.hears([await words(2)])
    await ann.hearsMore(5)
  })

  it('takes no orders as a client does', async () => {
    const order = { ...idsOf(bot), generation: 1 }
    await expect(bench.order('receive', { ...order, resume: [] })).rejects.toMatchObject({ failure: 'unknownMedia' })
    await ann.speaks()
    await words(1)
  })
})
