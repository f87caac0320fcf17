import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CallId, LegId, NodeId, Refused, subjects } from '@parley/protocol'
import { orderMedia, serveMedia, type MediaCarriers } from './media-orders.ts'
import { MemoryBus } from './memory/memory-bus.ts'

const node = NodeId.parse('node_sfu-one-1')
const leg = { callId: CallId.parse('11111111-1111-4111-8111-111111111111'), legId: LegId.parse('leg_ann-laptop') }
const soon = { timeoutMs: 2_000 }

let bus: MemoryBus
let carriedOut: unknown[]

beforeEach(() => {
  bus = new MemoryBus({ onError: () => {} })
  carriedOut = []
  const empty = async (body: unknown) => (carriedOut.push(body), {})
  const refuse = () => Promise.reject(new Refused('unknownMedia'))
  const carriers: MediaCarriers = {
    openLeg: refuse,
    openPlain: refuse,
    openBot: empty,
    setGrant: empty,
    closeLeg: empty,
    send: async (body) => (carriedOut.push(body), { id: `producer of ${body.legId}` }),
    receive: empty,
    unsend: empty,
    watch: refuse,
    size: empty,
    unwatch: empty,
  }
  serveMedia(bus, node, carriers)
})
afterEach(() => bus.close())

describe('an order to an sfu', () => {
  it('is carried out by the carrier of its verb, whose result comes back', async () => {
    const body = { ...leg, generation: 1, data: { streamId: 3 } }
    expect(await orderMedia(bus, node, 'send', body, soon)).toEqual({ id: 'producer of leg_ann-laptop' })
    expect(carriedOut).toEqual([body])
  })

  it('is refused as the carrier refused it', async () => {
    const order = orderMedia(bus, node, 'watch', { ...leg, generation: 1, streamId: 'x' as never }, soon)
    await expect(order).rejects.toMatchObject({ name: 'Refused', failure: 'unknownMedia' })
  })

  it.each([
    ['is no object', 7, { failure: 'badRequest' }],
    ['has no body', { order: 'send' }, { failure: 'badRequest' }],
    ['has an unknown verb', { order: 'toString', body: {} }, { failure: 'unknownVerb', path: 'order' }],
    [
      'has a field of the wrong type',
      { order: 'closeLeg', body: { ...leg, version: '2' } },
      { failure: 'badRequest', path: 'version' },
    ],
  ])('is refused at the door when it %s', async (_why, order, refusal) => {
    await expect(bus.request(subjects.media(node), order, soon)).rejects.toMatchObject(refusal)
    expect(carriedOut).toEqual([])
  })

  it('to a node that is not there fails at once', async () => {
    const order = orderMedia(bus, NodeId.parse('node_gone-node'), 'closeLeg', { ...leg, version: 2 }, soon)
    await expect(order).rejects.toMatchObject({ name: 'BusError', kind: 'noServer' })
  })

  it('fails as malformed when the answer has another shape', async () => {
    const odd = NodeId.parse('node_odd-node-1')
    bus.serve(subjects.media(odd), async () => ({ id: 7 }))
    const order = orderMedia(bus, odd, 'send', { ...leg, generation: 1 }, soon)
    await expect(order).rejects.toMatchObject({ name: 'BusError', kind: 'malformed' })
  })
})
