/** What sip nodes ask, at its edges: refusals on the way into a call, answers that come too late, and the end of the node. */
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { askForPhone, MemoryBus } from '@parley/bus'
import type { Call, CallEvent } from '@parley/call'
import {
  CallId,
  NodeId,
  phoneAskLimitMs,
  rawIdOf,
  Refused,
  ResourceId,
  RoomId,
  SessionId,
  userIdOf,
  type FailureName,
  type ReasonName,
} from '@parley/protocol'
import { silent } from '../store/scratch.ts'
import { PhoneAsks } from './phone-asks.ts'
import type { Destination } from './reception.ts'

const resourceId = ResourceId.parse(randomUUID())
const by = { node: NodeId.parse('node_sip-one-1'), session: SessionId.parse('ses_kitchen-phone') }
const callId = CallId.parse(randomUUID())
const soon = { timeoutMs: 5000 }
const ann: Destination = { to: rawIdOf(userIdOf(resourceId, randomUUID())) }
const room: Destination = { roomId: RoomId.parse('99123456789012345') }
/** No leg of it matters here. */
const somewhere = { id: callId, legs: [] as Call['legs'] } as Call

let bus: MemoryBus
let stepped: { session: SessionId; event: CallEvent }[]
let refused: ReasonName[]
/** Who gets the call, and what comes of it. */
let receive: () => Promise<{ destination: Destination } | { refused: ReasonName }>
let enter: () => Promise<Call>
let closeReception: () => void
let asks: PhoneAsks
beforeEach(() => {
  bus = new MemoryBus({ onError: () => undefined })
  stepped = []
  refused = []
  receive = async () => ({ destination: ann })
  enter = async () => somewhere
  closeReception = () => undefined
  asks = new PhoneAsks({
    ...{ resourceId, bus, log: silent },
    calls: {
      find: async () => undefined,
      step: async () => somewhere,
      stepAllOf: async (session, event) => void stepped.push({ session, event }),
    },
    placing: { start: () => enter(), join: () => enter() },
    requests: { carryOut: () => Promise.reject(new Refused('forbidden')) },
    phones: {
      changed: async () => undefined,
      forget: async () => undefined,
      refuse: async (_leg, reason) => (refused.push(reason), { refused: reason }),
    },
    reception: { receive: () => receive(), close: () => closeReception() },
  })
})
afterEach(async () => {
  jest.restoreAllMocks()
  await asks.close()
  await bus.close()
})

const incoming = () => askForPhone(bus, by, 'phone.incoming', { callId, to: '+4930222', from: {} }, soon)

describe('a phone that calls', () => {
  it.each<[FailureName, ReasonName]>([
    ['roomUnknown', 'noRoute'],
    ['roomNotValid', 'phoneForbidden'],
    ['callFull', 'phoneForbidden'],
  ])('is refused where it may not enter: %s', async (failure, reason) => {
    receive = async () => ({ destination: room })
    enter = () => Promise.reject(new Refused(failure))
    expect(await incoming()).toEqual({ refused: reason })
    expect(refused).toEqual([reason])
  })

  it('leaves its call at once when that has come about too late', async () => {
    const begun = performance.now()
    enter = async () => {
      jest.spyOn(performance, 'now').mockReturnValue(begun + phoneAskLimitMs + 1000)
      return somewhere
    }
    await expect(incoming()).rejects.toMatchObject({ failure: 'unavailable' })
    expect(stepped).toMatchObject([{ session: by.session, event: { type: 'sessionEnded', reason: 'unavailable' } }])
  })

  it('leaves whatever call it is in when it does not know which', async () => {
    await askForPhone(bus, by, 'phone.ended', { reason: 'unavailable' }, soon)
    expect(stepped).toMatchObject([{ session: by.session, event: { type: 'sessionEnded', reason: 'unavailable' } }])
  })
})

describe('at its end', () => {
  it('what is under way is waited for', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<{ refused: ReasonName }>()
    receive = () => (asked.resolve(), answer.promise)
    const answered = incoming()
    await asked.promise
    const closed = asks.close()
    answer.resolve({ refused: 'noRoute' })
    expect(await answered).toEqual({ refused: 'noRoute' })
    await closed
  })

  it('a server app that thinks on is waited for no longer', async () => {
    const asked = Promise.withResolvers<void>()
    const answer = Promise.withResolvers<{ refused: ReasonName }>()
    receive = () => (asked.resolve(), answer.promise)
    closeReception = () => answer.resolve({ refused: 'unavailable' })
    const answered = incoming()
    await asked.promise
    await asks.close()
    expect(await answered).toEqual({ refused: 'unavailable' })
  })
})
