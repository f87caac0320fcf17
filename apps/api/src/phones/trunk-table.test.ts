import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { askTrunks, MemoryBus, publishTrunkHealth, subscribeTrunksChanged } from '@parley/bus'
import { EpochMs, NodeId, ResourceId, type TrunkHealth } from '@parley/protocol'
import { pino } from 'pino'
import { readFirstTrunk, type FirstTrunk } from './first-trunk.ts'
import { emptyPhoneBook, newTrunk, type PhoneBook } from './phone-book.ts'
import type { PhoneStore } from './phone-store.ts'
import { Sealing } from './sealing.ts'
import { TrunkTable } from './trunk-table.ts'

const sealing = new Sealing(randomBytes(32))
let book: PhoneBook
let now: number
let logged: string
let bus: MemoryBus
let table: TrunkTable

const open = (trunk?: FirstTrunk) => {
  // A table asks for the book alone.
  const store = { book: async () => book } as unknown as PhoneStore
  table = new TrunkTable({
    resourceId: ResourceId.parse(randomUUID()),
    store,
    first: { numbers: [], ...(trunk === undefined ? {} : { trunk }) },
    sealing,
    bus,
    now: () => now,
    log: pino({}, { write: (line: string) => void (logged += line) }),
  })
}
beforeEach(() => {
  book = emptyPhoneBook
  now = 1_000_000
  logged = ''
  bus = new MemoryBus({ onError: (error) => void (logged += String(error)) })
})
afterEach(async () => {
  table.close()
  await bus.close()
})
const asked = () => askTrunks(bus, { timeoutMs: 1000 })

describe('the table of trunks', () => {
  it('gives sip nodes what they need of a trunk, its password open, and nothing of who may dial what', async () => {
    open()
    const account = { user: 'parley', sealedPassword: sealing.seal('secret', 'sbc.example.com'), realm: 'example.com' }
    const trunk = { ...newTrunk('SBC.example.com', 5061), registers: true, allowedPrefixes: ['+49'], callsAtOnce: 3 }
    book = { ...emptyPhoneBook, isDraining: true, trunks: [{ ...trunk, account }] }
    const { isDraining, trunks } = await asked()
    expect(isDraining).toBe(true)
    expect(trunks).toEqual([
      {
        fqdn: 'SBC.example.com',
        port: 5061,
        transport: 'tls',
        account: { user: 'parley', password: 'secret', realm: 'example.com' },
        registers: true,
        codecs: ['PCMU', 'PCMA', 'G722'],
        srtp: 'optional',
        symmetricRtp: 'auto',
        sources: [],
        numberFormat: '+E164',
        nationalPrefix: '0',
        isTrusted: true,
        mayTransfer: false,
      },
    ])
  })

  it('has the trunk of the environment behind those of the API', async () => {
    open(readFirstTrunk('sip:first.example.com;user=ann;password=from-outside') as FirstTrunk)
    book = { ...emptyPhoneBook, trunks: [newTrunk('sbc.example.com', 5061)] }
    expect((await asked()).trunks).toMatchObject([
      { fqdn: 'sbc.example.com' },
      { fqdn: 'first.example.com', registers: true, account: { user: 'ann', password: 'from-outside' } },
    ])
  })

  it("keeps the environment's password to the environment's trunk", async () => {
    open(readFirstTrunk('sip:first.example.com;user=ann;password=from-outside') as FirstTrunk)
    book = { ...emptyPhoneBook, trunks: [{ ...newTrunk('first.example.com', 5061), account: { user: 'ann' } }] }
    expect(JSON.stringify(await asked())).not.toContain('from-outside')
  })

  it('has a trunk without an account, and says so, when its password was sealed by another key', async () => {
    open()
    const sealedPassword = new Sealing(randomBytes(32)).seal('secret', 'sbc.example.com')
    const trunk = { ...newTrunk('sbc.example.com', 5061), registers: true, account: { user: 'ann', sealedPassword } }
    book = { ...emptyPhoneBook, trunks: [trunk] }
    const [shown] = (await asked()).trunks
    expect(shown).toMatchObject({ fqdn: 'sbc.example.com', registers: false })
    expect(shown).not.toHaveProperty('account')
    await asked()
    expect(logged.match(/trunk\.password_lost/g)).toHaveLength(1)
  })

  it('is told to have changed', async () => {
    open()
    const told = Promise.withResolvers<void>()
    subscribeTrunksChanged(bus, () => told.resolve())
    table.changed()
    await expect(told.promise).resolves.toBeUndefined()
  })
})

describe('the health of a trunk', () => {
  const seen = (node: string, ping: TrunkHealth['ping'], at: number): TrunkHealth => ({
    node: NodeId.parse(`node_${node}`),
    fqdn: 'sbc.example.com',
    ping,
    registration: 'none',
    at: EpochMs.parse(at),
  })

  it('is what each node told last, as long as the node lives', async () => {
    open()
    for (const told of [seen('sip00001', 'ok', now), seen('sip00002', 'ok', now), seen('sip00001', 'expired', now)]) {
      publishTrunkHealth(bus, told)
    }
    await asked()
    expect(table.healthOf('SBC.example.com')).toEqual([seen('sip00001', 'expired', now), seen('sip00002', 'ok', now)])
    expect(table.healthOf('other.example.com')).toEqual([])
    now += 90_000
    publishTrunkHealth(bus, seen('sip00002', 'error', now))
    now += 10_000
    await asked()
    expect(table.healthOf('sbc.example.com')).toEqual([seen('sip00002', 'error', now - 10_000)])
  })
})
