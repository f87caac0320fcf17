import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import pg from 'pg'
import { ResourceId } from '@parley/protocol'
import { scratchDatabase, silent, type ScratchDatabase } from './scratch.ts'
import { Stores } from './stores.ts'

let database: ScratchDatabase
let wire: Wire
let stores: Stores

beforeAll(async () => {
  database = await scratchDatabase()
}, 60_000)
afterAll(() => database.stop(), 60_000)
beforeEach(async () => {
  wire = await Wire.to(Number(new URL(database.url).port))
  const throughWire = new URL(database.url)
  throughWire.port = String(wire.port)
  stores = await Stores.create({ databaseUrl: throughWire.href, dataDir: 'unused', log: silent })
})
afterEach(async () => {
  await stores.close()
  await wire.close()
})

/** One statement each of the two ways in: the driver and Prisma. */
const asks = {
  driver: () => stores.calls.now(),
  prisma: () => stores.ensureResource(ResourceId.parse(randomUUID())),
}
const ways = Object.keys(asks) as (keyof typeof asks)[]
const outcomeOf = (way: keyof typeof asks) => asks[way]().catch((error: unknown) => error)
const unavailable = expect.objectContaining({ name: 'Refused', failure: 'unavailable' })

/** What came of asking in both ways, and how long it took. */
async function asked(): Promise<{ outcomes: unknown[]; tookMs: number }> {
  const startedAt = performance.now()
  const outcomes = await Promise.all(ways.map(outcomeOf))
  return { outcomes, tookMs: performance.now() - startedAt }
}

describe('a database that is away', () => {
  it('is said to be unavailable at once when it refuses, and is used again as soon as it is back', async () => {
    await asked()
    wire.refuse()
    const { outcomes, tookMs } = await asked()
    expect(outcomes).toEqual([unavailable, unavailable])
    expect(tookMs).toBeLessThan(1_000)
    await expect(stores.ready()).rejects.toEqual(unavailable)
    wire.carry()
    await stores.ready()
    expect((await asked()).outcomes).not.toContainEqual(unavailable)
  })

  it('is said to be unavailable within seconds when it swallows every byte, and then works again', async () => {
    await asked()
    wire.swallow()
    // The first finds connections that were good, the second opens new ones.
    for (const _connections of ['good', 'new']) {
      const { outcomes, tookMs } = await asked()
      expect(outcomes).toEqual([unavailable, unavailable])
      expect(tookMs).toBeLessThan(3_500)
    }
    wire.carry()
    expect((await asked()).outcomes).not.toContainEqual(unavailable)
  }, 15_000)

  it('can be read, and is said to be unavailable for the rest, when it may not write', async () => {
    const admin = new pg.Client(database.url)
    await admin.connect()
    await admin.query('ALTER ROLE parley SET default_transaction_read_only = on')
    try {
      wire.refuse()
      wire.carry()
      expect(await outcomeOf('prisma')).toEqual(unavailable)
      await stores.ready()
      const started = Stores.create({ databaseUrl: database.url, dataDir: 'unused', log: silent })
      await expect(started).rejects.toMatchObject({ name: 'StoreFailure', kind: 'notUpToDate' })
    } finally {
      await admin.query('ALTER ROLE parley RESET default_transaction_read_only')
      await admin.end()
    }
  })
})

describe('what is wrong with a statement', () => {
  it('is an error of ours and not called unavailable', async () => {
    const nowhere = ResourceId.parse(randomUUID())
    const made = stores.identities.create(nowhere, 'nobody' as never).catch((error: unknown) => error)
    expect(await made).not.toEqual(unavailable)
  })
})

/** A wire to a server, which can be cut and which can fall silent. */
class Wire {
  #state: 'carries' | 'swallows' | 'refuses' = 'carries'
  readonly #sockets = new Set<Socket>()
  readonly #target: number
  readonly #server = createServer((from) => this.#accept(from))

  private constructor(target: number) {
    this.#target = target
  }

  static async to(target: number): Promise<Wire> {
    const wire = new Wire(target)
    wire.#server.listen(0, '127.0.0.1')
    await once(wire.#server, 'listening')
    return wire
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  refuse(): void {
    this.#state = 'refuses'
    for (const socket of this.#sockets) socket.destroy()
  }

  swallow(): void {
    this.#state = 'swallows'
  }

  /** What was swallowed is lost: connections that missed something are useless, as they are in life. */
  carry(): void {
    this.#state = 'carries'
  }

  async close(): Promise<void> {
    this.refuse()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(from: Socket): void {
    if (this.#state === 'refuses') {
      from.destroy()
      return
    }
    const to = connect(this.#target, '127.0.0.1')
    this.#join(from, to)
    this.#join(to, from)
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from)
    from.on('data', (bytes) => this.#state === 'carries' && to.write(bytes))
    from.on('error', () => {}) // cut by us, or by the other end
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
  }
}
