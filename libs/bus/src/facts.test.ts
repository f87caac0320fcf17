import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { CallId, LegId, NodeId, subjects, type NodeAlive } from '@parley/protocol'
import { publishAlive, publishReport, subscribeAlive, subscribeReports } from './facts.ts'
import { MemoryBus } from './memory/memory-bus.ts'

const node = NodeId.parse('node_sfu-one-1')
const callId = CallId.parse('11111111-1111-4111-8111-111111111111')
const legId = LegId.parse('leg_ann-laptop')

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

  it.each([
    ['a report', subjects.mediaReports, { report: 'legUp', node: 'nobody' }],
    ['a heartbeat', subjects.nodes, { node, role: 'toaster' }],
  ])('are dropped and told of when they are malformed: %s', async (_what, subject, body) => {
    subscribeReports(bus, () => void heard.push('heard'))
    subscribeAlive(bus, () => void heard.push('heard'))
    bus.publish(subject, body)
    await new Promise(setImmediate)
    expect(heard).toEqual([])
    expect(errors).toEqual([expect.objectContaining({ name: 'BusError', kind: 'malformed', subject })])
  })
})
