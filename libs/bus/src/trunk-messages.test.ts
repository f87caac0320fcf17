import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { EpochMs, NodeId, trunkSubjects, type TrunkHealth, type TrunkTable } from '@parley/protocol'
import { MemoryBus } from './memory/memory-bus.ts'
import {
  askTrunks,
  publishTrunkHealth,
  publishTrunksChanged,
  serveTrunks,
  subscribeTrunkHealth,
  subscribeTrunksChanged,
} from './trunk-messages.ts'

const table: TrunkTable = {
  isDraining: false,
  trunks: [
    {
      fqdn: 'sbc.example.com',
      port: 5061,
      transport: 'tls',
      account: { user: 'parley', password: 'secret' },
      registers: true,
      codecs: ['PCMA', 'PCMU'],
      srtp: 'required',
      symmetricRtp: 'auto',
      sources: ['192.0.2.0/24'],
      numberFormat: '+E164',
      nationalPrefix: '0',
      isTrusted: true,
      mayTransfer: false,
    },
  ],
}
const health: TrunkHealth = {
  node: NodeId.parse('node_sip00001'),
  fqdn: 'sbc.example.com',
  ping: 'ok',
  registration: 'registered',
  at: EpochMs.parse(1),
}

describe('trunks on the bus', () => {
  let failed: unknown[]
  let bus: MemoryBus
  beforeEach(() => {
    failed = []
    bus = new MemoryBus({ onError: (error) => failed.push(error) })
  })
  afterEach(() => bus.close())

  it('are asked for, and come with their passwords', async () => {
    serveTrunks(bus, async () => table)
    expect(await askTrunks(bus, { timeoutMs: 1000 })).toEqual(table)
  })

  it('are not what does not have their shape', async () => {
    bus.serve(trunkSubjects.table, async () => ({ trunks: [{ fqdn: 1 }] }))
    await expect(askTrunks(bus, { timeoutMs: 1000 })).rejects.toMatchObject({ kind: 'malformed' })
  })

  it('are told to have changed, without saying how', async () => {
    const heard = Promise.withResolvers<unknown>()
    bus.subscribe(trunkSubjects.changed, (body) => heard.resolve(body))
    const told = Promise.withResolvers<void>()
    subscribeTrunksChanged(bus, () => told.resolve())
    publishTrunksChanged(bus)
    await told.promise
    expect(await heard.promise).toEqual({})
  })

  it('are told to be well or not', async () => {
    const heard = Promise.withResolvers<TrunkHealth>()
    subscribeTrunkHealth(bus, (told) => heard.resolve(told))
    publishTrunkHealth(bus, health)
    expect(await heard.promise).toEqual(health)
    expect(failed).toEqual([])
  })
})
