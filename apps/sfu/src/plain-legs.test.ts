import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { ProducerId, type ConsumerOptions } from '@parley/protocol'
import { aCall, Bench, idsOf, talks } from './testing/bench.ts'
import { dtls } from './testing/device.ts'
import { eventually } from './testing/eventually.ts'
import { FarWorker, type FarEnd } from './testing/far-end.ts'

let bench: Bench
let far: FarWorker
let here: FarEnd[] = []

beforeAll(async () => {
  bench = await Bench.start({ limits: { plainWatchMs: 50, plainMisses: 4 } })
  far = await FarWorker.start()
})
afterEach(async () => {
  for (const one of here) {
    one.close()
    await bench.leaves(one.who)
  }
  here = []
  expect(await bench.node.counts()).toMatchObject({ routers: 0, transports: 0, producers: 0, consumers: 0 })
})
afterAll(async () => {
  far.close()
  await bench.close()
  expect(bench.errors).toEqual([])
})

/** So many people without a browser in one call. */
async function people<const N extends number>(count: N): Promise<FarEnd[] & { length: N }> {
  const callId = aCall()
  for (let n = 0; n < count; n++) here.push(await far.join(bench, bench.someone(callId)))
  return here as FarEnd[] & { length: N }
}

/** The consumer of what this one has begun to send, as the other was told of it. */
function toldOf(listener: FarEnd, speaker: FarEnd): Promise<ConsumerOptions> {
  return bench.heard.until('a consumer', () => {
    const told = bench.heard.told(listener.who.session, 'media.consumer').map(({ consumer }) => consumer)
    return told.find(({ legId }) => legId === speaker.who.legId)
  })
}

const isUp = (who: FarEnd) => () =>
  bench.heard.reports.find((report) => report.report === 'legUp' && report.legId === who.who.legId)

/** Two who hear each other, and Ann shows her camera to Bob. */
async function aTalk() {
  const [ann, bob] = (await people(2)) as [FarEnd, FarEnd]
  const [annsVoice, bobsVoice] = [await ann.speaks(), await bob.speaks()]
  const annsCamera = await ann.shows()
  await bob.hears([await toldOf(bob, ann)])
  await ann.hears([await toldOf(ann, bob)])
  const watch = { ...idsOf(bob.who), generation: 1, streamId: ProducerId.parse(annsCamera.id) }
  const { consumer: picture } = await bench.order('watch', watch)
  await bob.hears([picture])
  await Promise.all([ann.hearsMore(5), bob.hearsMore(5, picture.id)])
  return { ann, bob, annsVoice, bobsVoice, annsCamera, picture }
}

describe('a leg over a plain transport', () => {
  it('is told one address and keys, comes up with its first packet, and is heard', async () => {
    const [ann, bob] = (await people(2)) as [FarEnd, FarEnd]
    expect(ann.media).toMatchObject({ generation: 1, ip: '127.0.0.1', consumers: [], streams: [] })
    expect(ann.media.port).toBeGreaterThanOrEqual(33_000)
    expect(isUp(ann)()).toBeUndefined()
    await ann.speaks()
    await bench.heard.until('Ann is up', isUp(ann))
    const consumer = await toldOf(bob, ann)
    await bob.hears([consumer])
    // Bob has sent nothing yet, so nobody knows where he is.
    await bob.speaks()
    await bob.hearsMore(10, consumer.id)
    expect(bob.heard.get(consumer.id)?.at(-1)).toMatchObject({ payloadType: 111, dbov: -20 })
  })

  it('opens once for each generation', async () => {
    const [ann] = (await people(1)) as [FarEnd]
    const again = await far.join(bench, ann.who)
    expect(again.media).toEqual(ann.media)
    again.close()
    const anew = await far.join(bench, ann.who, { generation: 2 })
    here.push(anew)
    expect(anew.media).toMatchObject({ generation: 2 })
    await expect(far.join(bench, ann.who)).rejects.toMatchObject({ failure: 'staleMedia' })
    expect((await bench.node.counts()).plainTransports).toBe(1)
  })

  it('is not opened a second time over something else', async () => {
    const [ann] = (await people(1)) as [FarEnd]
    await expect(bench.join(ann.who)).rejects.toMatchObject({ failure: 'badMedia' })
    const asBot = { ...idsOf(ann.who), generation: 1, version: 1, grant: talks, bot: 'echo' as const }
    await expect(bench.order('openBot', asBot)).rejects.toMatchObject({ failure: 'badMedia' })
    await bench.join(ann.who, { generation: 2 })
    expect(await bench.node.counts()).toMatchObject({ plainTransports: 0, transports: 3 })
  })

  it('is lost when nothing comes from it any more', async () => {
    const [ann] = (await people(1)) as [FarEnd]
    const voice = await ann.speaks()
    await bench.heard.until('Ann is up', isUp(ann))
    voice.stop()
    ann.close()
    const leg = { ...idsOf(ann.who), generation: 1 }
    const { reports } = bench.heard
    await bench.heard.until('Ann is lost', () => reports.find((one) => one.report === 'legLost'))
    expect(reports).toContainEqual({ report: 'legLost', node: bench.node.id, ...leg })
  })

  it('has no DTLS and no data channels', async () => {
    const [ann] = (await people(1)) as [FarEnd]
    const order = { ...idsOf(ann.who), generation: 1 }
    const dtlsParameters = dtls('A1')
    await expect(bench.order('receive', { ...order, dtlsParameters, resume: [] })).rejects.toMatchObject({
      failure: 'badMedia',
      path: 'dtlsParameters',
    })
    await expect(bench.order('send', { ...order, data: { streamId: 1 } })).rejects.toMatchObject({
      failure: 'badMedia',
    })
  })

  it('is counted with what goes over it', async () => {
    await aTalk()
    const counted = await bench.node.counts()
    expect(counted.plainTransports).toBe(2)
    await eventually('more bytes both ways', async () => {
      const { plainRtpBytesReceived, plainRtpBytesSent } = await bench.node.counts()
      return plainRtpBytesReceived > counted.plainRtpBytesReceived && plainRtpBytesSent > counted.plainRtpBytesSent
    })
  })

  it('shows a screen as it shows a camera, and stops when the grant takes it away', async () => {
    const [ann, bob] = (await people(2)) as [FarEnd, FarEnd]
    await expect(ann.shows('screen')).rejects.toMatchObject({ failure: 'mediaRefused' })
    await bench.grants(ann.who, 2, { ...talks, send: ['microphone', 'screen'] })
    const { id } = await ann.shows('screen')
    const about = { streamId: id, legId: ann.who.legId, source: 'screen' }
    expect(bench.heard.told(bob.who.session, 'media.streams')).toEqual([
      expect.objectContaining({ added: [about], removed: [] }),
    ])
    const order = { ...idsOf(bob.who), generation: 1, streamId: ProducerId.parse(id) }
    const { consumer } = await bench.order('watch', order)
    await bob.hears([consumer])
    await bob.speaks()
    await bob.hearsMore(5, consumer.id)
    await bench.grants(ann.who, 3, talks)
    expect(bench.heard.told(bob.who.session, 'media.streams').at(-1)).toMatchObject({ added: [], removed: [id] })
    await expect(bench.order('watch', order)).rejects.toMatchObject({ failure: 'unknownMedia' })
  })
})

describe('a leg on hold', () => {
  it('neither sends nor receives, and does both again afterwards', async () => {
    const { ann, bob } = await aTalk()
    const all = talks.send
    await bench.grants(ann.who, 2, { send: all, paused: all, receive: false })
    const [toAnn, toBob] = [await bench.sentBytes(ann.media), await bench.sentBytes(bob.media)]
    const { plainRtpBytesReceived } = await bench.node.counts()
    // Both go on sending: a second's worth of it has come to the node and goes no further.
    await eventually('many more bytes', async () => {
      return (await bench.node.counts()).plainRtpBytesReceived > plainRtpBytesReceived + 5_000
    })
    expect([await bench.sentBytes(ann.media), await bench.sentBytes(bob.media)]).toEqual([toAnn, toBob])
    await bench.grants(ann.who, 3, talks)
    await Promise.all([ann.hearsMore(10), bob.hearsMore(10)])
  })
})

describe('a picture that is not shown', () => {
  it('is not sent', async () => {
    const { ann, bob, annsVoice, picture } = await aTalk()
    const order = { ...idsOf(bob.who), generation: 1, consumerId: picture.id }
    annsVoice.stop()
    await bench.order('size', { ...order, width: 0, height: 0 })
    const before = await bench.sentBytes(bob.media)
    await ann.hearsMore(25)
    expect(await bench.sentBytes(bob.media)).toBe(before)
    await bench.order('size', { ...order, width: 320, height: 180 })
    await bob.hearsMore(5, picture.id)
    expect(await bench.sentBytes(bob.media)).toBeGreaterThan(before)
  })
})
