import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { ConsumerId, ProducerId, type CallId } from '@parley/protocol'
import { aCall, Bench, idsOf, type Who } from './testing/bench.ts'
import { eventually } from './testing/eventually.ts'
import { FarWorker, type FarEnd } from './testing/far-end.ts'

let bench: Bench
let far: FarWorker
let callId: CallId
let here: FarEnd[]

beforeEach(async () => {
  bench = await Bench.start({ workers: 2, limits: { legsPerRouter: 2, heartbeatMs: 10 } })
  far = await FarWorker.start()
  callId = aCall()
  here = []
})
afterEach(async () => {
  for (const one of here) one.close()
  far.close()
  await bench.close()
  expect(bench.errors).toEqual([])
})

async function someone(): Promise<FarEnd> {
  const one = await far.join(bench, bench.someone(callId))
  here.push(one)
  return one
}

/** What this one was told of a sound of the other. */
function toldOf(listener: Who, speaker: Who) {
  return bench.heard.until('a consumer', () => {
    const told = bench.heard.told(listener.session, 'media.consumer').map(({ consumer }) => consumer)
    return told.find(({ legId }) => legId === speaker.legId)
  })
}

describe('a call that outgrows a worker', () => {
  it('goes on on another one, and people hear and see each other across', async () => {
    const [ann, bob, eve] = [await someone(), await someone(), await someone()]
    expect((await bench.node.counts()).routers).toBe(2)
    const { id: voice } = await ann.speaks()
    await eve.speaks()
    const toEve = await toldOf(eve.who, ann.who)
    expect(toEve.producerId).toBe(voice)
    await eve.hears([toEve])
    await eve.hearsMore(10, toEve.id)
    await bob.speaks()
    await bob.hears([await toldOf(bob.who, eve.who)])
    await bob.hearsMore(10)

    const { id } = await ann.shows()
    const order = { ...idsOf(eve.who), generation: 1, streamId: ProducerId.parse(id) }
    const { consumer } = await bench.order('watch', order)
    expect(consumer.producerId).toBe(id)
    await eve.hears([consumer])
    await eve.hearsMore(5, consumer.id)
  })

  it('brings a track over once, and takes it away when it ends', async () => {
    const [ann, _bob, eve, joe] = [await someone(), await someone(), await someone(), await someone()]
    const { id } = await ann.speaks()
    await Promise.all([toldOf(eve.who, ann.who), toldOf(joe.who, ann.who)])
    // Ann's, and the one that it is on the other worker.
    expect((await bench.node.counts()).producers).toBe(2)
    await bench.order('unsend', { ...idsOf(ann.who), generation: 1, producerId: ProducerId.parse(id) })
    for (const { who } of [eve, joe]) expect(bench.heard.told(who.session, 'media.consumerClosed')).toHaveLength(1)
    await eventually('nothing left of it', async () => (await bench.node.counts()).producers === 0)
  })

  it('tells a mute and a speaker across', async () => {
    const [ann, _bob, eve] = [await someone(), await someone(), await someone()]
    await eve.speaks(-90)
    await ann.speaks()
    await eve.hears([await toldOf(eve.who, ann.who)])
    await bench.heard.until('that Ann speaks', () =>
      bench.heard.told(eve.who.session, 'media.speakers').find(({ speaking }) => speaking.includes(ann.who.legId)),
    )
    await eve.hearsMore(5)
    await bench.grants(ann.who, 2, { send: ['microphone'], paused: ['microphone'], receive: true })
    await bench.heard.until('that Ann does not speak', () =>
      bench.heard.told(eve.who.session, 'media.speakers').findLast(({ speaking }) => speaking.length === 0),
    )
    const before = eve.packets()
    await bench.grants(ann.who, 3, { send: ['microphone'], paused: [], receive: true })
    await eventually('Ann is heard again', () => eve.packets() > before)
  })

  it('leaves the worker when nobody of it is there any more, and nothing is left', async () => {
    const people = [await someone(), await someone(), await someone()]
    for (const { who } of people.slice(2)) await bench.leaves(who)
    expect((await bench.node.counts()).routers).toBe(1)
    await someone()
    expect((await bench.node.counts()).routers).toBe(2)
    for (const { who } of here) await bench.leaves(who)
    expect(await bench.node.counts()).toMatchObject({ routers: 0, transports: 0, producers: 0, consumers: 0 })
  })

  it('loses those on a worker that dies, and the others go on', async () => {
    const [ann, bob, eve] = [await someone(), await someone(), await someone()]
    await eve.speaks()
    const { id: voice } = await ann.speaks()
    await bob.speaks()
    const gone = await toldOf(eve.who, ann.who)
    await eve.hears([gone])
    await eve.hearsMore(5, gone.id)
    const { heard } = bench
    const stays = await toldOf(bob.who, ann.who)
    await bob.hears([stays])
    await bob.hearsMore(5, stays.id)
    process.kill(bench.pidOf(eve.media), 'SIGKILL')
    await heard.until('Eve is lost', () => heard.reports.find(({ report }) => report === 'legLost'))
    const lost = heard.reports.filter(({ report }) => report === 'legLost')
    expect(lost).toEqual([expect.objectContaining(idsOf(eve.who))])
    await heard.until('Eve’s sound has ended for Ann', () =>
      heard.told(ann.who.session, 'media.consumerClosed').find(() => true),
    )
    await bob.hearsMore(10, stays.id)
    const again = await far.join(bench, eve.who, { generation: 2 })
    here.push(again)
    expect(again.media.consumers.map(({ producerId }) => producerId)).toContain(ProducerId.parse(voice))
    await again.speaks()
    await again.hears(again.media.consumers)
    await again.hearsMore(10, ConsumerId.parse(again.media.consumers[0]?.id))
  })
})

it('stays on one router when there is one worker', async () => {
  await bench.close()
  bench = await Bench.start({ limits: { legsPerRouter: 1 } })
  const people = [await someone(), await someone(), await someone()]
  expect(people).toHaveLength(3)
  expect((await bench.node.counts()).routers).toBe(1)
})
