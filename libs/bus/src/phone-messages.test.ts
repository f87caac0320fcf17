import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  CallId,
  EpochMs,
  LegId,
  NodeId,
  PhoneNumber,
  Refused,
  SessionId,
  subjects,
  type PhoneInventory,
  type PhoneVerb,
} from '@parley/protocol'
import { MemoryBus } from './memory/memory-bus.ts'
import {
  askForPhone,
  orderPhone,
  publishPhoneInventory,
  servePhoneAsks,
  servePhones,
  subscribePhoneInventories,
  type PhoneCarriers,
} from './phone-messages.ts'

const node = NodeId.parse('node_sip-one-1')
const callId = CallId.parse('11111111-1111-4111-8111-111111111111')
const session = SessionId.parse('ses_kitchen-phone')
const leg = { callId, legId: LegId.parse('leg_kitchen-phone'), session }
const by = { node, session }
const soon = { timeoutMs: 2_000 }

let failed: unknown[]
let bus: MemoryBus
beforeEach(() => {
  failed = []
  bus = new MemoryBus({ onError: (error) => failed.push(error) })
})
afterEach(() => bus.close())

describe('an order to a sip node', () => {
  let carriedOut: { order: PhoneVerb; body: unknown }[]
  beforeEach(() => {
    carriedOut = []
    const carry = (order: PhoneVerb) => async (body: unknown) => (carriedOut.push({ order, body }), {})
    const refuse = () => Promise.reject(new Refused('unknownCall'))
    const carriers: PhoneCarriers = { dial: carry('dial'), press: carry('press'), drop: refuse }
    servePhones(bus, node, carriers)
  })

  it('is carried out by the carrier of its name', async () => {
    const dial = { number: PhoneNumber.parse('+4930123456'), isHidden: false, trunks: ['sbc.example.com'] }
    const body = { ...leg, dial, until: EpochMs.parse(85_000) }
    await orderPhone(bus, node, 'dial', body, soon)
    await orderPhone(bus, node, 'press', { ...leg, tones: '12#' }, soon)
    expect(carriedOut).toEqual([
      { order: 'dial', body },
      { order: 'press', body: { ...leg, tones: '12#' } },
    ])
  })

  it('is refused as the carrier refused it', async () => {
    const order = orderPhone(bus, node, 'drop', leg, soon)
    await expect(order).rejects.toMatchObject({ name: 'Refused', failure: 'unknownCall' })
  })

  it.each([
    ['is no object', 7, { failure: 'badRequest' }],
    ['has no body', { order: 'drop' }, { failure: 'badRequest' }],
    ['has an unknown name', { order: 'toString', body: {} }, { failure: 'unknownVerb', path: 'order' }],
    ['names no leg', { order: 'drop', body: { callId } }, { failure: 'badRequest', path: 'legId' }],
    ['presses no keys', { order: 'press', body: { ...leg, tones: '' } }, { failure: 'badRequest', path: 'tones' }],
    ['presses what is no key', { order: 'press', body: { ...leg, tones: '5E' } }, { failure: 'badRequest' }],
    [
      'dials over no trunk',
      { order: 'dial', body: { ...leg, until: 1, dial: { number: '115', isHidden: false, trunks: [] } } },
      { failure: 'badRequest', path: 'dial.trunks' },
    ],
  ])('is refused at the door when it %s', async (_why, order, refusal) => {
    await expect(bus.request(subjects.phones(node), order, soon)).rejects.toMatchObject(refusal)
    expect(carriedOut).toEqual([])
  })

  it('to a node that is not there fails at once', async () => {
    const order = orderPhone(bus, NodeId.parse('node_gone-node'), 'drop', leg, soon)
    await expect(order).rejects.toMatchObject({ name: 'BusError', kind: 'noServer' })
  })
})

describe('what a sip node asks', () => {
  it('comes with the phone that asks, and is answered', async () => {
    const heard: unknown[] = []
    servePhoneAsks(bus, async (asker, asked) => (heard.push(asker, asked), { refused: 'noRoute' }))
    const body = { callId, to: '+4930123456', from: { name: 'Kitchen' }, trunk: 'sbc.example.com' }
    expect(await askForPhone(bus, by, 'phone.incoming', body, soon)).toEqual({ refused: 'noRoute' })
    expect(heard).toEqual([by, { ask: 'phone.incoming', body }])
  })

  it('may be a verb of the socket, with the body that it has there', async () => {
    servePhoneAsks(bus, async (_, { ask, body }) => (expect({ ask, body }).toEqual({ ask: 'call.hangUp', body }), {}))
    expect(await askForPhone(bus, by, 'call.hangUp', { callId }, soon)).toEqual({})
  })

  it('is refused as api refused it', async () => {
    servePhoneAsks(bus, () => Promise.reject(new Refused('notConnected')))
    const asked = askForPhone(bus, by, 'call.hold', { callId }, soon)
    await expect(asked).rejects.toMatchObject({ name: 'Refused', failure: 'notConnected' })
  })

  it('has one api that answers, and another one when that has gone', async () => {
    const stop = servePhoneAsks(bus, async () => ({ refused: 'noRoute' }))
    expect(() => servePhoneAsks(bus, async () => ({}))).toThrow(expect.objectContaining({ kind: 'alreadyServed' }))
    stop()
    const asked = () => askForPhone(bus, by, 'phone.ended', { callId, reason: 'phoneBusy' }, soon)
    await expect(asked()).rejects.toMatchObject({ name: 'BusError', kind: 'noServer' })
    servePhoneAsks(bus, async () => ({}))
    expect(await asked()).toEqual({})
  })

  it('fails as malformed when the answer has another shape', async () => {
    servePhoneAsks(bus, async () => ({ refused: 'sulky' }))
    const asked = askForPhone(bus, by, 'phone.incoming', { callId, to: 'echo', from: {} }, soon)
    await expect(asked).rejects.toMatchObject({ name: 'BusError', kind: 'malformed' })
  })

  it.each([
    ['is no object', 7, { failure: 'badRequest' }],
    ['does not say who asks', { ask: 'call.hangUp', body: { callId } }, { failure: 'badRequest', path: 'node' }],
    ['is nothing that phones ask', { ...by, ask: 'call.endForAll', body: { callId } }, { failure: 'unknownVerb' }],
    ['is the name of something else', { ...by, ask: 'constructor', body: {} }, { failure: 'unknownVerb', path: 'ask' }],
    [
      'names no reason that there is',
      { ...by, ask: 'phone.ended', body: { callId, reason: 'bored' } },
      { failure: 'badRequest', path: 'reason' },
    ],
    [
      'shows a number that is none',
      { ...by, ask: 'phone.incoming', body: { callId, to: 'ann', from: { number: 'ann' } } },
      { failure: 'badRequest', path: 'from.number' },
    ],
    [
      'speaks what no browser does',
      { ...by, ask: 'phone.progress', body: { callId, codec: 'G729' } },
      { failure: 'badRequest', path: 'codec' },
    ],
  ])('is refused at the door when it %s', async (_why, asked, refusal) => {
    const heard: unknown[] = []
    servePhoneAsks(bus, async (_by, one) => void heard.push(one))
    await expect(bus.request(subjects.phoneAsks, asked, soon)).rejects.toMatchObject(refusal)
    expect(heard).toEqual([])
  })
})

describe('the inventory of a sip node', () => {
  it('is heard by one api of all', async () => {
    const { promise, resolve } = Promise.withResolvers<PhoneInventory>()
    const heard: unknown[] = []
    for (const api of ['one', 'two']) {
      subscribePhoneInventories(bus, (inventory) => {
        heard.push(api)
        resolve(inventory)
      })
    }
    publishPhoneInventory(bus, { node, phones: [leg], asking: [] })
    expect(await promise).toEqual({ node, phones: [leg], asking: [] })
    expect(heard).toHaveLength(1)
  })

  it('is dropped when it has another shape, and its owner hears of it', async () => {
    const heard: unknown[] = []
    subscribePhoneInventories(bus, (inventory) => void heard.push(inventory))
    bus.publish(subjects.phoneReports, { node, phones: [{ callId }], asking: [] })
    publishPhoneInventory(bus, { node, phones: [], asking: [] })
    await new Promise((resolve) => setImmediate(resolve))
    expect(heard).toEqual([{ node, phones: [], asking: [] }])
    expect(failed).toEqual([expect.objectContaining({ kind: 'malformed' })])
  })
})
