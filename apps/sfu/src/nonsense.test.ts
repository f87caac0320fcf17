/** T15 of the threats: whatever a client says of its media, a worker lives on and other calls notice nothing. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { Refused, type OrderBody, type RtpParameters } from '@parley/protocol'
import { aCall, Bench, idsOf, type Who } from './testing/bench.ts'
import { anyDevice, camera, dtls, microphone } from './testing/device.ts'

/** For each of a sound and a picture; more by night. */
const runs = Number(process.env.FUZZ_RUNS ?? 200)

let bench: Bench
/** Somebody in another call, who must notice nothing. */
let neighbour: Who
let pids: number[]

beforeAll(async () => {
  bench = await Bench.start()
  neighbour = bench.someone(aCall())
  await bench.join(neighbour)
  pids = bench.node.workerPids
})
afterAll(async () => {
  expect(await bench.node.counts()).toMatchObject({ routers: 1, transports: 3, producers: 0, consumers: 0 })
  const { id } = await bench.speaks(neighbour)
  expect(await bench.flows(id)).toBe(true)
  expect(bench.node.workerPids).toEqual(pids)
  expect(bench.heard.reports.filter(({ report }) => report === 'legLost')).toEqual([])
  await bench.close()
})

type Path = (string | number)[]
type Place = { path: Path; value: unknown }

/** All places inside a value, with what stands there. */
function placesIn(value: unknown, path: Path = []): Place[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return [{ path, value }, ...inner.flatMap(([key, one]) => placesIn(one, [...path, key]))]
}

/** A copy of the value in which something else stands at one place; `undefined` takes the place away. */
function withOther(value: unknown, [key, ...rest]: Path, other: unknown): unknown {
  if (key === undefined) return other
  // A change that came before may have taken the place away: then there is nothing to change.
  if (typeof value !== 'object' || value === null || !(key in value)) return value
  const inner = withOther((value as Record<string, unknown>)[key], rest, other)
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...value, [key]: inner }
}

// prettier-ignore
const words = [
  '', 'audio/opus', 'audio/PCMU', 'video/VP8', 'video/H264', 'video/rtx', 'audio/rtx', 'audio/telephone-event', 'q', 'f',
  'nack', 'pli', 'L1T3', 'S9T9', '42e01f', 'zz', 'urn:3gpp:video-orientation', 'urn:ietf:params:rtp-hdrext:sdes:mid',
  'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01', '\u0000', '\ud800', 'ä'.repeat(32),
]
const numbers = [0, 1, 2, 8, 14, 15, 64, 95, 96, 97, 111, 127, 128, 255, 8_000, 48_000, 65_535, 2 ** 31, 2 ** 32 - 1]

/** Something that is as wrong, and of the same type: most of it passes the door and comes before mediasoup. */
function likeIt(value: unknown): fc.Arbitrary<unknown> {
  if (typeof value === 'string') return fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 16 }))
  if (typeof value === 'number') return fc.oneof(fc.constantFrom(...numbers), fc.nat())
  if (Array.isArray(value)) return fc.constantFrom([], [...value, ...value], value.toReversed(), value.slice(1))
  if (typeof value === 'boolean') return fc.boolean()
  return fc.dictionary(fc.constantFrom('apt', 'ssrc', 'packetization-mode', 'profile-level-id'), fc.nat())
}

const anything = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.double(),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constant(undefined),
)

function mutated(value: unknown): fc.Arbitrary<unknown> {
  const change = fc
    .constantFrom(...placesIn(value))
    .chain(({ path, value: there }) =>
      fc
        .oneof({ weight: 6, arbitrary: likeIt(there) }, { weight: 1, arbitrary: anything }, fc.constant(undefined))
        .map((other) => ({ path, other })),
    )
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((changed, { path, other }) => withOther(changed, path, other), value))
}

type Answer = 'accepted' | 'badMedia' | 'badRequest'
const answers: Record<Answer, number> = { accepted: 0, badMedia: 0, badRequest: 0 }

async function sendsNonsense(source: 'microphone' | 'camera', rtpParameters: unknown): Promise<void> {
  const callId = aCall()
  const [who, other] = [bench.someone(callId), bench.someone(callId)]
  await bench.join(who)
  const kind = source === 'camera' ? 'video' : 'audio'
  const track = { source, kind, rtpParameters }
  const answer = await answerTo({ ...idsOf(who), generation: 1, dtlsParameters: dtls('A1'), track })
  answers[answer] += 1
  // What was refused left nothing behind: the right thing is taken on the same leg. What was taken keeps no one out.
  if (answer !== 'accepted') await (source === 'camera' ? bench.shows(who) : bench.speaks(who))
  await bench.join(other)
  await Promise.all([bench.leaves(who), bench.leaves(other)])
}

/** How the sfu took it; whatever is neither taken nor refused as the client's mistake is thrown. */
async function answerTo(order: unknown): Promise<Answer> {
  try {
    await bench.rawOrder('send', order)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.failure === 'badMedia' || error.failure === 'badRequest') return error.failure
    throw error
  }
}

describe('nonsense about media', () => {
  it(
    'is refused or taken, and never ends a worker, whatever the mutation of a sound or a picture',
    async () => {
      const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
      for (const [source, parameters] of [['microphone', microphone()] as const, ['camera', camera()] as const]) {
        await fc.assert(
          fc.asyncProperty(mutated(parameters), (rtpParameters) => sendsNonsense(source, rtpParameters)),
          { seed, numRuns: runs },
        )
      }
      // All three ways were taken, so that the test has tested what it says.
      expect(Object.entries(answers).filter(([, count]) => count === 0)).toEqual([])
      expect(bench.errors).toEqual([])
    },
    30_000 + runs * 50,
  )

  it.each<[string, (parameters: RtpParameters) => RtpParameters]>([
    ['no codec of ours', (p) => ({ ...p, codecs: [{ mimeType: 'audio/nothing', payloadType: 100, clockRate: 1 }] })],
    ['an RTX codec alone', (p) => ({ ...p, codecs: p.codecs.map((codec) => ({ ...codec, mimeType: 'audio/rtx' })) })],
    ['a header extension that nobody knows', (p) => ({ ...p, headerExtensions: [{ uri: 'urn:x', id: 1 }] })],
    ['an encoding for a codec that is not there', (p) => ({ ...p, encodings: [{ ssrc: 7, codecPayloadType: 12 }] })],
    ['the SSRC of its own RTX', (p) => ({ ...p, encodings: [{ ssrc: 7, rtx: { ssrc: 7 } }, { ssrc: 7 }] })],
  ])('is refused with a word about it: %s', async (_what, change) => {
    const ann = bench.someone(aCall())
    await bench.join(ann)
    const track = { source: 'microphone' as const, kind: 'audio' as const, rtpParameters: change(microphone()) }
    await expect(bench.speaks(ann, { track })).rejects.toMatchObject({
      failure: 'badMedia',
      detail: expect.any(String),
    })
    await bench.speaks(ann)
    await bench.leaves(ann)
  })

  it('in a device leaves it without consumers, and others with theirs', async () => {
    const callId = aCall()
    const [ann, bob, eve] = [bench.someone(callId), bench.someone(callId), bench.someone(callId)]
    const codecs = (anyDevice.codecs ?? []).map((codec) => ({ ...codec, clockRate: 1 }))
    await bench.join(eve, { rtpCapabilities: { codecs } })
    await bench.join(ann)
    await bench.speaks(ann)
    const toEve = await bench.join(eve, { generation: 2, rtpCapabilities: { codecs } })
    const toBob = await bench.join(bob)
    expect([toEve.consumers.length, toBob.consumers.length]).toEqual([0, 1])
    await Promise.all([ann, bob, eve].map((leg) => bench.leaves(leg)))
  })

  it('in DTLS and SCTP parameters is refused', async () => {
    const ann = bench.someone(aCall())
    await bench.join(ann)
    const order: OrderBody<'send'> = { ...idsOf(ann), generation: 1 }
    const data = { streamId: 1, ordered: true, maxRetransmits: 3, maxPacketLifeTime: 4 }
    await expect(bench.order('send', { ...order, data })).rejects.toMatchObject({ failure: 'badMedia' })
    await expect(bench.order('send', { ...order, data: {} })).rejects.toMatchObject({ failure: 'badMedia' })
    const fingerprints = [{ algorithm: 'sha-256' as const, value: 'AA:BB:CC:DD:AA:BB:CC:DD:AA:BB:CC:DD:AA:BB:CC:DD' }]
    // Too short for its algorithm: no certificate will ever match it, which is all that it can do.
    await bench.order('send', { ...order, dtlsParameters: { fingerprints }, data: { streamId: 1 } })
    await bench.leaves(ann)
  })
})
