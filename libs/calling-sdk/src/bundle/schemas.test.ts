import { isDeepStrictEqual } from 'node:util'
import { beforeAll, describe, expect, it, jest } from '@jest/globals'
import * as protocol from '@parley/protocol'
import { joined, picture, sound, stream } from '../../test/media-desk.ts'
import { ann, bob, bobsLeg, callId, groupId, person, view } from '../../test/views.ts'

/** What the protocol imports. It is the protocol's dependency, and not the SDK's. */
const itsPlace = 'zod/mini'

type Read = { success: boolean; data?: unknown }
type Reads = Record<string, (value: unknown) => Read>

/** Every schema that the SDK reads with. */
function schemasOf({ verbs, events, EventFrame, ReplyFrame, RawId, Place, CallView }: typeof protocol): Reads {
  const all = [
    ...Object.entries(verbs).map(([verb, { result }]) => [`result of ${verb}`, result] as const),
    ...Object.entries(verbs).map(([verb, { body }]) => [`body of ${verb}`, body] as const),
    ...Object.entries(events).map(([event, body]) => [event, body] as const),
    ...Object.entries({ EventFrame, ReplyFrame, RawId, Place, CallView }),
  ]
  return Object.fromEntries(all.map(([name, schema]) => [name, (value: unknown) => schema.safeParse(value)]))
}

const zods = schemasOf(protocol)
let ours: Reads

beforeAll(async () => {
  jest.resetModules()
  jest.unstable_mockModule(itsPlace, async () => import('./schemas.ts'))
  ours = schemasOf(await import('@parley/protocol'))
})

const call = view({ participants: [person(bob, { hand: 1 })], lobby: [person(ann)], transfer: undefined })
const about = { callId: callId(1), generation: 1 }
const refusal = { name: 'mediaRefused', code: 403, subCode: 0, message: 'No.', detail: 'not now' }
/** Messages that are right, for some schema or other. */
const right: unknown[] = [
  { call, media: joined(1, { consumers: [sound()], streams: [stream('one')] }) },
  { media: joined(1) },
  { call: view({ state: 'Disconnected', end: protocol.endOf('declined') }) },
  { call: view({ kind: 'group', groupId: groupId as protocol.GroupId, transfer: transfer() }) },
  { ...about, consumer: sound(), extra: 1 },
  { ...about, consumerId: 'consumer-1' },
  { ...about, added: [stream('two')], removed: ['one'] },
  { ...about, speaking: [bobsLeg], lately: [] },
  { consumer: picture('three' as protocol.ProducerId) },
  { callId: callId(1), version: 3, participants: [person(bob, { isSharing: true, forbidden: ['camera'] })] },
  { callId: callId(1), from: bob, legId: bobsLeg, saying: { kind: 'reaction', reaction: 'like' } },
  { callId: callId(1), from: bob, legId: bobsLeg, saying: { kind: 'data', channel: 1, data: 'AAAA' } },
  { session: 'ses_12345678', key: 'key', user: ann, serverTime: 1, rtpCapabilities: {}, idlePingMs: 1, callPingMs: 2 },
  { serverTime: 1, snapshot: { seq: 1, calls: [call] } },
  { id: 'id' },
  { re: 'r1', ok: {} },
  { re: 'r1', ok: undefined },
  { re: 'r1', error: refusal },
  { error: refusal },
  { seq: 1, event: 'call.said', body: null },
  { groupId: groupId.toUpperCase() },
  { roomId: '12345678' },
  bob,
  {
    survey: { overallRating: { score: 5, scale: { lowerBound: 1, upperBound: 5, lowScoreThreshold: 2 } } },
    callId: callId(1),
  },
  { callId: callId(1), survey: {} },
]

function transfer(): protocol.TransferView {
  return { id: 'one', side: 'by', state: 'Failed', to: { user: bob }, end: protocol.endOf('declined') }
}

/** The value, and the value with each of its parts absent, or something else. */
function* variants(value: unknown): Generator {
  yield value
  for (const other of [undefined, null, '', 'x', -1, 1.5, Number.NaN, true, {}, [], [null], { a: 1 }]) yield other
  if (typeof value !== 'object' || value === null) return
  for (const [name, part] of Object.entries(value)) {
    if (!Array.isArray(value)) yield Object.fromEntries(Object.entries(value).filter(([one]) => one !== name))
    for (const other of variants(part)) {
      yield Array.isArray(value)
        ? value.map((one, n) => (`${n}` === name ? other : (one as unknown)))
        : { ...value, [name]: other }
    }
  }
}

describe('the bundle’s schemas', () => {
  it('say yes and no where zod does, and give the same data', () => {
    expect(ours).not.toBe(zods)
    expect(Object.keys(ours)).toEqual(Object.keys(zods))
    const counts = { yes: 0, no: 0 }
    for (const message of right) {
      for (const [name, zod] of Object.entries(zods)) {
        // What is nothing like a message of this kind is refused at once, and so is whatever is made of it.
        for (const one of zod(message).success ? variants(message) : [message]) {
          const [expected, found] = [zod(one), ours[name]?.(one)]
          if (expected.success !== found?.success || !isDeepStrictEqual(expected.data, found.data)) {
            throw new Error(`${name}: zod says ${expected.success} to ${JSON.stringify(one)}`)
          }
          counts[expected.success ? 'yes' : 'no']++
        }
      }
    }
    expect(counts.yes).toBeGreaterThan(1000)
    expect(counts.no).toBeGreaterThan(1000)
  })

  it('are other ones', () => {
    expect(() => protocol.RawId.parse(1)).toThrow(/invalid_type/)
    expect(ours['RawId']?.(1)).toMatchObject({ error: { message: 'It does not have its shape.' } })
  })
})
