import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  CallId,
  LegId,
  NodeId,
  ProducerId,
  SessionId,
  subjects,
  type AgentEvent,
  type NodeAlive,
} from '@parley/protocol'
import {
  publishAlive,
  publishReport,
  publishToSession,
  subscribeAlive,
  subscribeReports,
  subscribeSession,
} from './facts.ts'
import { MemoryBus } from './memory/memory-bus.ts'

const node = NodeId.parse('node_sfu-one-1')
const callId = CallId.parse('11111111-1111-4111-8111-111111111111')
const legId = LegId.parse('leg_ann-laptop')
const [ann, bob] = [SessionId.parse('ses_ann-laptop'), SessionId.parse('ses_bob-laptop')]

let bus: MemoryBus
let errors: unknown[]
let heard: unknown[]

beforeEach(() => {
  errors = []
  heard = []
  bus = new MemoryBus({ onError: (error) => errors.push(error) })
})
afterEach(() => bus.close())

describe('facts', () => {
  it('from an sfu are taken by one api each', async () => {
    subscribeReports(bus, (report) => void heard.push(report))
    subscribeReports(bus, (report) => void heard.push(report))
    const report = { report: 'legUp', node, callId, legId, generation: 1 } as const
    publishReport(bus, report)
    await Promise.resolve()
    expect(heard).toEqual([report])
  })

  it('about living nodes are heard by all', async () => {
    subscribeAlive(bus, (alive) => void heard.push(alive))
    subscribeAlive(bus, (alive) => void heard.push(alive))
    const alive: NodeAlive = { node, role: 'api', load: 0, isReady: true }
    publishAlive(bus, alive)
    await Promise.resolve()
    expect(heard).toEqual([alive, alive])
  })

  it('for a session reach that session, with the name of the effect that they carry out', async () => {
    subscribeSession(bus, ann, (...told) => void heard.push(told))
    subscribeSession(bus, bob, () => void heard.push('bob heard it'))
    const body = { callId, generation: 1, added: [], removed: [ProducerId.parse('p1')] }
    const message: AgentEvent = { event: 'media.streams', body }
    publishToSession(bus, ann, message)
    publishToSession(bus, ann, message, { callId, version: 3, n: 0 })
    await Promise.resolve()
    expect(heard).toEqual([
      [message, undefined],
      [message, { callId, version: 3, n: 0 }],
    ])
  })

  it.each([
    ['a report', subjects.mediaReports, { report: 'legUp', node: 'nobody' }],
    ['a heartbeat', subjects.nodes, { node, role: 'toaster' }],
    ['an event without a known name', subjects.session(ann), { event: 'constructor', body: {} }],
    ['an event with an odd body', subjects.session(ann), { event: 'media.streams', body: { callId } }],
  ])('are dropped and told of when they are malformed: %s', async (_what, subject, body) => {
    subscribeReports(bus, () => void heard.push('heard'))
    subscribeAlive(bus, () => void heard.push('heard'))
    subscribeSession(bus, ann, () => void heard.push('heard'))
    bus.publish(subject, body)
    await new Promise(setImmediate)
    expect(heard).toEqual([])
    expect(errors).toEqual([expect.objectContaining({ name: 'BusError', kind: 'malformed', subject })])
  })
})
