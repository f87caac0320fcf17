import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { ConsumerId, ProducerId, type JoinedMedia } from '@parley/protocol'
import { aCall, Bench, idsOf, rings, talks, type Who } from './testing/bench.ts'
import { camera, dtls, microphone, soundOnlyDevice } from './testing/device.ts'

let bench: Bench

beforeAll(async () => {
  bench = await Bench.start({ workers: 2 })
})
afterAll(async () => {
  await bench.close()
  expect(bench.errors).toEqual([])
})

/** Ann and Bob, in one call, with their transports open. */
async function aPair(): Promise<{ ann: Who; bob: Who; toAnn: JoinedMedia; toBob: JoinedMedia }> {
  const callId = aCall()
  const [ann, bob] = [bench.someone(callId), bench.someone(callId)]
  return { ann, bob, toAnn: await bench.join(ann), toBob: await bench.join(bob) }
}

describe('opening a leg', () => {
  it('gives two transports on one UDP and one TCP port, and the channel that warms the second', async () => {
    const { toAnn } = await aPair()
    expect(toAnn.send.id).not.toBe(toAnn.receive.id)
    const ports = [bench.port, bench.port + 1]
    for (const { iceCandidates } of [toAnn.send, toAnn.receive]) {
      expect(iceCandidates.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp'])
      for (const { address, port } of iceCandidates) {
        expect(address).toBe('127.0.0.1')
        expect(ports).toContain(port)
      }
    }
    expect(toAnn.warmth).toMatchObject({ label: 'warmth', sctpStreamParameters: { streamId: 0, ordered: true } })
    expect([toAnn.consumers, toAnn.streams]).toEqual([[], []])
  })

  it('again with the same generation gives the same answer', async () => {
    const { ann, toAnn } = await aPair()
    expect(await bench.join(ann)).toEqual(toAnn)
  })

  it('with a higher generation builds anew, and what came over the old one has ended', async () => {
    const { ann, bob, toAnn } = await aPair()
    const { id } = await bench.speaks(ann)
    const [heard] = await toldConsumers(bob)
    const again = await bench.join(ann, { generation: 2 })
    expect(again.generation).toBe(2)
    expect(again.send.id).not.toBe(toAnn.send.id)
    expect(bench.heard.told(bob.session, 'media.consumerClosed')).toEqual([
      { callId: bob.callId, generation: 1, consumerId: heard?.consumer.id },
    ])
    await expect(bench.speaks(ann)).rejects.toMatchObject({ failure: 'staleMedia' })
    const { id: newId } = await bench.speaks(ann, { generation: 2 })
    expect(newId).not.toBe(id)
  })

  it('with a lower generation is refused', async () => {
    const { ann } = await aPair()
    await bench.join(ann, { generation: 3 })
    await expect(bench.join(ann, { generation: 2 })).rejects.toMatchObject({ failure: 'staleMedia' })
  })

  it('after it was closed is refused, also when the order to close it came first', async () => {
    const { ann } = await aPair()
    const opening = bench.join(ann, { generation: 2 })
    const closing = bench.leaves(ann)
    await Promise.allSettled([opening, closing])
    await expect(bench.join(ann, { generation: 3 })).rejects.toMatchObject({ failure: 'unknownCall' })
    const never = bench.someone(aCall())
    await bench.leaves(never)
    await expect(bench.join(never)).rejects.toMatchObject({ failure: 'unknownCall' })
  })

  it('gives what the others send already: sounds with a consumer, pictures by name', async () => {
    const { ann, bob } = await aPair()
    const { id: voice } = await bench.speaks(ann)
    const { id: picture } = await bench.shows(ann)
    const { consumers, streams } = await bench.join(bob, { generation: 2 })
    expect(consumers).toEqual([
      expect.objectContaining({ producerId: voice, kind: 'audio', legId: ann.legId, source: 'microphone' }),
    ])
    expect(streams).toEqual([{ streamId: picture, legId: ann.legId, source: 'camera' }])
    expect(await bench.flows(String(consumers[0]?.id))).toBe(false)
  })
})

describe('sending', () => {
  it('is refused for a source that the grant does not name, warming up is not', async () => {
    const ann = bench.someone(aCall())
    await bench.join(ann, { grant: rings })
    await expect(bench.speaks(ann)).rejects.toMatchObject({ failure: 'mediaRefused', path: 'track.source' })
    const warmUp = { ...idsOf(ann), generation: 1, dtlsParameters: dtls('A1'), data: { streamId: 0 } }
    const { id } = await bench.order('send', warmUp)
    expect(await bench.order('send', warmUp)).toEqual({ id })
    await expect(bench.order('send', { ...warmUp, data: { streamId: 1 } })).rejects.toMatchObject({
      failure: 'badMedia',
    })
  })

  it('takes one track for each source, and the same one twice as one', async () => {
    const { ann, bob } = await aPair()
    const { id } = await bench.speaks(ann)
    expect(await bench.speaks(ann)).toEqual({ id })
    const other = { source: 'microphone' as const, kind: 'audio' as const, rtpParameters: microphone(2_002) }
    await expect(bench.speaks(ann, { track: other })).rejects.toMatchObject({ failure: 'badMedia' })
    await bench.order('unsend', { ...idsOf(ann), generation: 1, producerId: ProducerId.parse(id) })
    await bench.speaks(ann, { track: other })
    expect(bench.heard.told(bob.session, 'media.consumer')).toHaveLength(2)
  })

  it('wants a picture from a camera and a sound from a microphone', async () => {
    const { ann } = await aPair()
    const odd = { source: 'camera' as const, kind: 'audio' as const, rtpParameters: microphone() }
    await expect(bench.speaks(ann, { track: odd })).rejects.toMatchObject({ failure: 'badMedia', path: 'track.kind' })
    const picture = { source: 'microphone' as const, kind: 'audio' as const, rtpParameters: camera() }
    await expect(bench.speaks(ann, { track: picture })).rejects.toMatchObject({
      failure: 'badMedia',
      path: 'track.rtpParameters.codecs',
    })
  })

  it('wants a track or data, not both and not neither', async () => {
    const { ann } = await aPair()
    await expect(bench.speaks(ann, { data: { streamId: 1 } })).rejects.toMatchObject({ failure: 'badMedia' })
    const nothing = { ...idsOf(ann), generation: 1, dtlsParameters: dtls('A1') }
    await expect(bench.order('send', nothing)).rejects.toMatchObject({ failure: 'badMedia' })
  })

  it('connects a transport once: with other DTLS parameters it is refused', async () => {
    const { ann } = await aPair()
    await bench.speaks(ann)
    await expect(bench.shows(ann, { dtlsParameters: dtls('BB') })).rejects.toMatchObject({ failure: 'badMedia' })
    await bench.shows(ann)
  })

  it('starts paused when the grant says so', async () => {
    const { ann } = await aPair()
    await bench.grants(ann, 2, { ...talks, paused: ['microphone'] })
    const { id } = await bench.speaks(ann)
    expect(await bench.flows(id)).toBe(false)
    await bench.grants(ann, 3, talks)
    expect(await bench.flows(id)).toBe(true)
  })

  it('of a picture is told to the others by name, and so is its end', async () => {
    const { ann, bob } = await aPair()
    const { id } = await bench.shows(ann)
    const producerId = ProducerId.parse(id)
    await bench.order('unsend', { ...idsOf(ann), generation: 1, producerId })
    await bench.order('unsend', { ...idsOf(ann), generation: 1, producerId })
    const about = { callId: bob.callId, generation: 1 }
    expect(bench.heard.told(bob.session, 'media.streams')).toEqual([
      { ...about, added: [{ streamId: id, legId: ann.legId, source: 'camera' }], removed: [] },
      { ...about, added: [], removed: [id] },
    ])
    expect(bench.heard.told(ann.session, 'media.streams')).toEqual([])
  })
})

describe('a sound', () => {
  it('flows at once to whoever has a transport and may hear', async () => {
    const { ann, bob } = await aPair()
    await bench.listens(bob)
    await bench.speaks(ann)
    const [heard] = await toldConsumers(bob)
    expect(heard?.consumer).toMatchObject({ kind: 'audio', legId: ann.legId, source: 'microphone' })
    expect(await bench.flows(String(heard?.consumer.id))).toBe(true)
  })

  it('waits for the word of whoever has no transport yet', async () => {
    const { ann, bob } = await aPair()
    await bench.speaks(ann)
    const [heard] = await toldConsumers(bob)
    const id = ConsumerId.parse(heard?.consumer.id)
    expect(await bench.flows(id)).toBe(false)
    await bench.listens(bob, { resume: [id] })
    expect(await bench.flows(id)).toBe(true)
  })

  it('stays paused for a leg that may not hear, and flows without another word once it may', async () => {
    const callId = aCall()
    const [ann, bob] = [bench.someone(callId), bench.someone(callId)]
    await bench.join(ann)
    await bench.speaks(ann)
    const { consumers } = await bench.join(bob, { grant: rings })
    const id = ConsumerId.parse(consumers[0]?.id)
    await bench.listens(bob, { resume: [id] })
    expect(await bench.flows(id)).toBe(false)
    await bench.grants(bob, 2, talks)
    expect(await bench.flows(id)).toBe(true)
    await bench.grants(bob, 3, { ...talks, receive: false })
    expect(await bench.flows(id)).toBe(false)
  })

  it('that began while a warm leg may not hear flows too once it may', async () => {
    const callId = aCall()
    const [ann, bob] = [bench.someone(callId), bench.someone(callId)]
    await bench.join(ann)
    await bench.join(bob, { grant: rings })
    await bench.listens(bob)
    await bench.speaks(ann)
    const id = String((await toldConsumers(bob))[0]?.consumer.id)
    expect(await bench.flows(id)).toBe(false)
    await bench.grants(bob, 2, talks)
    expect(await bench.flows(id)).toBe(true)
  })

  it('does not flow before the client has set it up, whatever the grant says', async () => {
    const { ann, bob } = await aPair()
    await bench.speaks(ann)
    const { consumers } = await bench.join(bob, { generation: 2 })
    const id = String(consumers[0]?.id)
    await bench.listens(bob, { generation: 2 })
    await bench.grants(bob, 2, talks)
    expect(await bench.flows(id)).toBe(false)
  })
})

describe('a picture', () => {
  it('is watched through one consumer, which flows when the client has set it up', async () => {
    const { ann, bob } = await aPair()
    const { id } = await bench.shows(ann)
    const order = { ...idsOf(bob), generation: 1, streamId: ProducerId.parse(id) }
    const { consumer } = await bench.order('watch', order)
    expect(consumer).toMatchObject({ producerId: id, kind: 'video', legId: ann.legId, source: 'camera' })
    expect(await bench.order('watch', order)).toEqual({ consumer })
    expect(await bench.flows(consumer.id)).toBe(false)
    await bench.listens(bob, { resume: [consumer.id] })
    expect(await bench.flows(consumer.id)).toBe(true)
  })

  it('is sent in the layer that fits, and not at all while nothing of it is shown', async () => {
    const { bob, consumer } = await aWatchedPicture()
    const order = { ...idsOf(bob), generation: 1, consumerId: consumer.id }
    await bench.order('size', { ...order, width: 320, height: 180 })
    expect(bench.layer(consumer.id)).toBe(0)
    await bench.order('size', { ...order, width: 0, height: 0 })
    expect(await bench.flows(consumer.id)).toBe(false)
    await bench.order('size', { ...order, width: 1280, height: 720 })
    expect([bench.layer(consumer.id), await bench.flows(consumer.id)]).toEqual([2, true])
  })

  it('ends for the watcher who does not want it, and may be asked for again', async () => {
    const { bob, consumer } = await aWatchedPicture()
    const order = { ...idsOf(bob), generation: 1, consumerId: consumer.id }
    await bench.order('unwatch', order)
    await bench.order('unwatch', order)
    const again = await bench.order('watch', { ...idsOf(bob), generation: 1, streamId: consumer.producerId })
    expect(again.consumer.id).not.toBe(consumer.id)
  })

  it('that ends under a watcher is told twice over: its consumer and its name', async () => {
    const { ann, bob, consumer } = await aWatchedPicture()
    await bench.leaves(ann)
    const about = { callId: bob.callId, generation: 1 }
    expect(bench.heard.told(bob.session, 'media.consumerClosed')).toEqual([{ ...about, consumerId: consumer.id }])
    expect(bench.heard.told(bob.session, 'media.streams')).toContainEqual({
      ...about,
      added: [],
      removed: [consumer.producerId],
    })
    // He has not heard of it yet and names it once more: that is no mistake of his.
    await bench.order('size', { ...idsOf(bob), generation: 1, consumerId: consumer.id, width: 9, height: 9 })
    await bench.listens(bob, { resume: [consumer.id] })
  })

  it('cannot be watched by a device that cannot decode it', async () => {
    const { ann, bob } = await aPair()
    const { id } = await bench.shows(ann)
    await bench.join(bob, { generation: 2, rtpCapabilities: soundOnlyDevice })
    const order = { ...idsOf(bob), generation: 2, streamId: ProducerId.parse(id) }
    await expect(bench.order('watch', order)).rejects.toMatchObject({ failure: 'badMedia' })
  })
})

describe('a grant', () => {
  it('that takes a source away ends its track for everyone', async () => {
    const { ann, bob } = await aPair()
    await bench.speaks(ann)
    const { id } = await bench.shows(ann)
    await bench.grants(ann, 2, { ...talks, send: ['camera'] })
    expect(bench.heard.told(bob.session, 'media.consumerClosed')).toHaveLength(1)
    await expect(bench.speaks(ann)).rejects.toMatchObject({ failure: 'mediaRefused' })
    expect(await bench.flows(id)).toBe(true)
  })

  it('that is older than the last one changes nothing', async () => {
    const { ann } = await aPair()
    const { id } = await bench.speaks(ann)
    await bench.grants(ann, 5, { ...talks, paused: ['microphone'] })
    await bench.grants(ann, 4, talks)
    expect(await bench.flows(id)).toBe(false)
    await bench.join(ann, { version: 3 })
    expect(await bench.flows(id)).toBe(false)
  })

  it('for a leg without media is answered', async () => {
    expect(await bench.grants(bench.someone(aCall()), 1, talks)).toEqual({})
  })
})

describe('ids', () => {
  it('of another leg, another kind or one’s own are unknown, each verb by itself', async () => {
    const { ann, bob } = await aPair()
    const { id } = await bench.speaks(ann)
    const { consumer } = await aWatchedPicture()
    const [toBob] = await toldConsumers(bob)
    const foreign = ConsumerId.parse(toBob?.consumer.id)
    const of = (who: Who) => ({ ...idsOf(who), generation: 1 })
    const unknown = { failure: 'unknownMedia' }
    const producerId = ProducerId.parse(id)
    await expect(bench.order('unsend', { ...of(bob), producerId })).rejects.toMatchObject(unknown)
    await expect(bench.listens(ann, { resume: [foreign] })).rejects.toMatchObject(unknown)
    await expect(bench.order('unwatch', { ...of(ann), consumerId: consumer.id })).rejects.toMatchObject(unknown)
    const size = { consumerId: foreign, width: 1, height: 1 }
    await expect(bench.order('size', { ...of(ann), ...size })).rejects.toMatchObject(unknown)
    await expect(bench.order('watch', { ...of(bob), streamId: producerId })).rejects.toMatchObject(unknown)
    await expect(bench.order('watch', { ...of(bob), streamId: consumer.producerId })).rejects.toMatchObject(unknown)
    await expect(bench.order('unwatch', { ...of(bob), consumerId: foreign })).rejects.toMatchObject(unknown)
    const { id: own } = await bench.shows(ann)
    const streamId = ProducerId.parse(own)
    await expect(bench.order('watch', { ...of(ann), streamId })).rejects.toMatchObject(unknown)
  })

  it('of a stranger change nothing, although the rest of the order was right', async () => {
    const { ann, bob } = await aPair()
    await bench.speaks(ann)
    const id = ConsumerId.parse((await toldConsumers(bob))[0]?.consumer.id)
    const stranger = ConsumerId.parse('nobody')
    await expect(bench.listens(bob, { resume: [id, stranger] })).rejects.toMatchObject({ failure: 'unknownMedia' })
    expect(await bench.flows(id)).toBe(false)
  })

  it('of a call or leg without media, and generations that are to come, are unknown', async () => {
    const { ann } = await aPair()
    const unknown = { failure: 'unknownMedia' }
    await expect(bench.speaks(bench.someone(aCall()))).rejects.toMatchObject(unknown)
    await expect(bench.speaks(bench.someone(ann.callId))).rejects.toMatchObject(unknown)
    await expect(bench.speaks(ann, { generation: 2 })).rejects.toMatchObject(unknown)
  })
})

describe('a node', () => {
  it('tells at its start that it holds nothing, and that it lives', async () => {
    const { heard, node } = bench
    expect(heard.reports[0]).toEqual({ report: 'inventory', node: node.id, legs: [] })
    expect(heard.alive[0]).toMatchObject({ node: node.id, role: 'sfu', load: 0, isReady: true })
    expect(heard.alive[0]?.rtpCapabilities?.codecs?.map(({ mimeType }) => mimeType)).toContain('audio/opus')
  })

  it('spreads calls over its workers', async () => {
    const two = await Bench.start({ workers: 2 })
    try {
      const joined = await Promise.all(Array.from({ length: 6 }, () => two.join(two.someone(aCall()))))
      const onFirst = joined.filter(({ send }) => send.iceCandidates[0]?.port === two.port)
      expect(onFirst).toHaveLength(3)
    } finally {
      await two.close()
    }
  })

  it('keeps at most so many consumers for a leg', async () => {
    const small = await Bench.start({ limits: { consumersPerLeg: 1 } })
    try {
      const callId = aCall()
      const [ann, bob] = [small.someone(callId), small.someone(callId)]
      await small.join(ann)
      await small.join(bob)
      await small.speaks(ann)
      const { id } = await small.shows(ann)
      const order = { ...idsOf(bob), generation: 1, streamId: ProducerId.parse(id) }
      await expect(small.order('watch', order)).rejects.toMatchObject({ failure: 'tooMany' })
      expect((await small.node.counts()).consumers).toBe(1)
    } finally {
      await small.close()
    }
  })

  it('reports all legs that it holds, again and again', async () => {
    const small = await Bench.start({ limits: { inventoryMs: 50, heartbeatMs: 50 } })
    try {
      const ann = small.someone(aCall())
      await small.join(ann, { generation: 4 })
      const legs = [{ ...idsOf(ann), generation: 4 }]
      const { reports, alive } = small.heard
      const last = await small.heard.until('an inventory with Ann', () =>
        reports.findLast((report) => report.report === 'inventory' && report.legs.length > 0),
      )
      expect(last).toEqual({ report: 'inventory', node: small.node.id, legs })
      await small.heard.until('a heartbeat with Ann', () => alive.findLast(({ load }) => load === 1))
    } finally {
      await small.close()
    }
  })

  it('has nothing left in its workers when all have left, and tells nothing after its end', async () => {
    const small = await Bench.start({ workers: 2 })
    const none = await small.node.counts()
    expect(none).toEqual({ ...none, workers: 2, routers: 0, transports: 0 })
    for (let n = 0; n < 5; n++) {
      const callId = aCall()
      const legs = [small.someone(callId), small.someone(callId)]
      for (const leg of legs) await small.join(leg)
      await Promise.all(legs.map((leg) => small.speaks(leg)))
      for (const leg of legs) await small.shows(leg)
      const { routers, transports, producers, consumers, dataProducers, dataConsumers } = await small.node.counts()
      // Two for each leg, and the one of the router that the warmth comes from.
      expect({ routers, transports, producers, consumers }).toEqual({
        routers: 1,
        transports: 5,
        producers: 4,
        consumers: 2,
      })
      expect({ dataProducers, dataConsumers }).toEqual({ dataProducers: 1, dataConsumers: 2 })
      await Promise.all(legs.map((leg) => small.leaves(leg)))
    }
    expect(await small.node.counts()).toEqual(none)
    await small.join(small.someone(aCall()))
    const reports = small.heard.reports.length
    await small.close()
    expect(small.heard.reports).toHaveLength(reports)
    expect(small.node.isReady).toBe(false)
    await small.node.close()
  })
})

/** What the session was told of new consumers, when it has been told of one. */
function toldConsumers({ session }: Who) {
  return bench.heard.until('a consumer', () => {
    const told = bench.heard.told(session, 'media.consumer')
    return told.length > 0 ? told : undefined
  })
}

/** Bob watches Ann, and it flows. */
async function aWatchedPicture() {
  const { ann, bob } = await aPair()
  const { id } = await bench.shows(ann, { track: { source: 'camera', kind: 'video', rtpParameters: camera() } })
  const order = { ...idsOf(bob), generation: 1, streamId: ProducerId.parse(id) }
  const { consumer } = await bench.order('watch', order)
  await bench.listens(bob, { resume: [consumer.id] })
  return { ann, bob, consumer }
}
