import { describe, expect, it } from '@jest/globals'
import { ProducerId, type CallId, type DtlsParameters, type RequestBody, type Verb } from '@parley/protocol'
import { until } from '../support/until.ts'
import { setWitnesses } from '../support/witnesses.ts'

const { newcomer } = setWitnesses()

/** Two who are in a call as far as one gets without media: Connecting, with transports at the sfu. */
async function aCallWithoutMedia(caller: string, callee: string) {
  const [from, to] = [await newcomer(caller), await newcomer(callee)]
  const { call, media } = await from.client.startCall(to.id)
  if (media === undefined) throw new Error(`${caller} got no media.`)
  const { callId } = call
  await to.client.hears('call.incoming')
  await to.client.ask('call.accept', { callId, isMuted: false })
  return { caller: from.client, callee: to.client, callId, media }
}

describe('media that is not what it should be', () => {
  it("does not give anything of another's leg", async () => {
    const victim = await aCallWithoutMedia('carl', 'dora')
    const { id: carlsVoice } = await victim.caller.ask('media.send', sendTrack(victim))
    const attack = await aCallWithoutMedia('mallory', 'eve')
    const { caller: mallory, callId } = attack
    const stolen = [
      carlsVoice,
      victim.media.send.id,
      victim.media.warmth.id,
      ...victim.media.consumers.map(({ id }) => id),
    ]
    for (const id of stolen) {
      const requests: [Verb, Record<string, unknown>][] = [
        ['media.unsend', { producerId: id }],
        ['media.watch', { streamId: id }],
        ['media.unwatch', { consumerId: id }],
        ['media.size', { consumerId: id, width: 10, height: 10 }],
      ]
      for (const [verb, body] of requests) {
        const reply = await mallory.askAnything({
          id: `${verb} ${id}`.slice(0, 64),
          verb,
          body: { callId, generation: 1, ...body },
        })
        expect(reply.error).toMatchObject({ name: 'unknownMedia' })
      }
    }
    // What was attacked is still there.
    await victim.caller.ask('media.unsend', {
      callId: victim.callId,
      generation: 1,
      producerId: ProducerId.parse(carlsVoice),
    })
  })

  it.each(nonsense())('is refused by name: %s', async (_what, change) => {
    const { caller, callId } = await aCallWithoutMedia('mallory', 'eve')
    const body = { ...sendTrack({ callId }), ...change }
    const reply = await caller.askAnything({ id: 'nonsense', verb: 'media.send', body })
    expect(reply.error?.name).toMatch(/^(badMedia|badRequest|unknownMedia)$/)
    await caller.ask('call.hangUp', { callId })
  })

  it('never kills a worker, in three hundred mutations', async () => {
    const { caller, callId } = await aCallWithoutMedia('mallory', 'eve')
    const good = sendTrack({ callId })
    let refused = 0
    for (let seed = 1; seed <= 300; seed += 1) {
      await pace(seed)
      const reply = await caller.askAnything({ id: `mutation-${seed}`, verb: 'media.send', body: mutated(good, seed) })
      if (reply.error === undefined) continue
      refused += 1
      expect({ seed, name: reply.error.name }).not.toEqual({ seed, name: 'internal' })
    }
    expect(refused).toBeGreaterThan(100)
    await caller.ask('call.hangUp', { callId })
  })
})

type Send = RequestBody<'media.send'>

const fingerprint = Array.from({ length: 32 }, (_, n) => n.toString(16).padStart(2, '0').toUpperCase()).join(':')
const dtlsParameters: DtlsParameters = { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: fingerprint }] }

/** What a browser sends for its microphone. */
function sendTrack({ callId }: { callId: CallId }): Send {
  return {
    callId,
    generation: 1,
    dtlsParameters,
    track: {
      source: 'microphone',
      kind: 'audio',
      rtpParameters: {
        mid: '0',
        codecs: [
          { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { useinbandfec: 1 } },
        ],
        headerExtensions: [{ uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 }],
        encodings: [{ ssrc: 1111 }],
        rtcp: { cname: 'mallory' },
      },
    },
  }
}

function nonsense(): [string, Record<string, unknown>][] {
  const track = (rtpParameters: unknown, more = {}) => ({
    track: { source: 'microphone', kind: 'audio', rtpParameters, ...more },
  })
  const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 }
  return [
    ['no rtpParameters', track(undefined)],
    ['rtpParameters that are a string', track('x')],
    ['no codecs', track({ codecs: [], encodings: [{ ssrc: 1 }] })],
    [
      'a codec that nobody knows',
      track({ codecs: [{ ...opus, mimeType: 'audio/nonsense' }], encodings: [{ ssrc: 1 }] }),
    ],
    [
      'a codec of the other kind',
      track({ codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }], encodings: [{ ssrc: 1 }] }),
    ],
    ['a payload type out of range', track({ codecs: [{ ...opus, payloadType: 300 }], encodings: [{ ssrc: 1 }] })],
    ['an SSRC out of range', track({ codecs: [opus], encodings: [{ ssrc: 2 ** 40 }] })],
    ['forty encodings', track({ codecs: [opus], encodings: Array.from({ length: 40 }, (_, ssrc) => ({ ssrc })) })],
    ['a mid that is too long', track({ mid: 'x'.repeat(33), codecs: [opus], encodings: [{ ssrc: 1 }] })],
    ['a source that does not exist', track({ codecs: [opus], encodings: [{ ssrc: 1 }] }, { source: 'clipboard' })],
    ['a kind that does not fit the source', track({ codecs: [opus], encodings: [{ ssrc: 1 }] }, { kind: 'video' })],
    ['a generation that was never built', { generation: 9 }],
    ['DTLS parameters without a fingerprint', { dtlsParameters: { fingerprints: [] } }],
    ['a fingerprint that is none', { dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'x' }] } }],
    ['neither track nor data', { track: undefined }],
  ]
}

/** Changes one leaf of a request, chosen and replaced by the seed, so that a failure can be had again. */
function mutated(request: unknown, seed: number): unknown {
  const random = randomFrom(seed)
  const values = [
    null,
    -1,
    0,
    2 ** 31,
    2 ** 53,
    1e308,
    '',
    'x',
    'x'.repeat(5_000),
    [],
    {},
    true,
    '\u0000',
    [[[]]],
    { length: 9 },
  ]
  const copy = structuredClone(request) as Record<string, unknown>
  let place: Record<string, unknown> = copy
  for (;;) {
    const keys = Object.keys(place).filter((key) => key !== 'callId')
    const key = keys[Math.floor(random() * keys.length)] ?? 'more'
    const next = place[key]
    const goesDeeper = typeof next === 'object' && next !== null && Object.keys(next).length > 0 && random() < 0.85
    if (goesDeeper) {
      place = next as Record<string, unknown> // an object or a list, both of which have keys
      continue
    }
    if (random() < 0.2) delete place[key]
    else place[key] = values[Math.floor(random() * values.length)]
    return copy
  }
}

/** A small generator of numbers from 0 to 1 (mulberry32), the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Stays below what one socket may send, so that it is not the flood that is refused. */
async function pace(count: number): Promise<void> {
  if (count % 20 !== 0) return
  const resumesAt = performance.now() + 400
  await until('turn for more messages', () =>
    performance.now() >= resumesAt ? { found: true } : { sawOnly: 'not yet' },
  )
}
