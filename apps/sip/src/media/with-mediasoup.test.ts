import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'
import { createWorker, type types } from 'mediasoup'
import { ConsumerOptions, SrtpParameters } from '@parley/protocol'
import { eventually } from './testing/eventually.ts'
import { LineUp, type Seated } from './testing/line-up.ts'

// Real time passes here, on a machine that may be busy.
jest.setTimeout(30_000)

const line = new LineUp(56_000)
let worker: types.Worker
let router: types.Router

// As the routers of the sfu are.
const mediaCodecs: types.RouterRtpCodecCapability[] = [
  { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48_000, channels: 2 },
  { kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8_000 },
  { kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8_000 },
]

beforeAll(async () => {
  const workerBin = process.env.MEDIASOUP_WORKER_BIN
  worker = await createWorker({ logLevel: 'error', ...(workerBin === undefined ? {} : { workerBin }) })
  router = await worker.createRouter({ mediaCodecs })
})
afterAll(async () => {
  await line.close()
  worker.close()
})

type Joined = Seated & { transport: types.PlainTransport; producer: types.Producer }

/** A phone whose leg has a plain transport, as openPlain makes it, and a producer there. */
async function joins(codec: 'PCMU' | 'PCMA' | 'G722'): Promise<Joined> {
  const seated = await line.seats(codec)
  const transport = await router.createPlainTransport({
    listenInfo: { protocol: 'udp', ip: '127.0.0.1' },
    comedia: true,
    rtcpMux: true,
    enableSrtp: true,
    srtpCryptoSuite: 'AEAD_AES_128_GCM',
  })
  await transport.connect({ srtpParameters: seated.leg.sfuKeys })
  const { localPort: port } = transport.tuple
  const srtpParameters = SrtpParameters.parse(transport.srtpParameters)
  const track = await seated.leg.bridge({ ip: '127.0.0.1', port, srtpParameters })
  const producer = await transport.produce({ kind: 'audio', rtpParameters: track as types.RtpParameters })
  return { ...seated, transport, producer }
}

/** What one hears of another, as media.joinPlain and media.receive bring it. */
async function consumes(listener: Joined, speaker: Joined): Promise<ConsumerOptions> {
  const { id, rtpParameters } = await listener.transport.consume({
    producerId: speaker.producer.id,
    rtpCapabilities: router.rtpCapabilities,
  })
  const track = { id, producerId: speaker.producer.id, kind: 'audio', rtpParameters }
  return ConsumerOptions.parse({ ...track, legId: 'leg_0000000000000000', source: 'microphone' })
}

it('phones of three codecs hear each other through a real router', async () => {
  const [ann, bob, carol] = [await joins('PCMU'), await joins('PCMA'), await joins('G722')]
  const everybody = [ann, bob, carol]
  const tones = new Map([ann, bob, carol].map((one, n) => [one, [440, 700, 1_300][n] ?? 0]))
  for (const one of everybody) {
    const others = everybody.filter((other) => other !== one)
    await one.leg.hear(await Promise.all(others.map((other) => consumes(one, other))))
  }
  for (const one of everybody) one.phone.says(tones.get(one) ?? 0, one.leg.ports.rtp)
  const all = [...tones.values()]
  for (const one of everybody) {
    await eventually('both others', () => one.phone.hears(all).length === 2)
    expect(one.phone.hears(all)).toEqual(all.filter((hz) => hz !== tones.get(one)))
  }
  const [stats] = await ann.producer.getStats()
  expect(stats).toMatchObject({ mimeType: 'audio/PCMU', packetsLost: 0 })
})

it('is muted by the sfu for phones as well', async () => {
  const [ann, bob] = [await joins('PCMU'), await joins('PCMU')]
  await bob.leg.hear([await consumes(bob, ann)])
  ann.phone.says(440, ann.leg.ports.rtp)
  await eventually('ann', () => bob.phone.hears([440]).length > 0)
  await ann.producer.pause()
  await eventually('silence', () => bob.phone.hears([440]).length === 0)
  await ann.producer.resume()
  await eventually('ann again', () => bob.phone.hears([440]).length > 0)
})
