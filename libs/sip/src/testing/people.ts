/** Two sides of a signalling story in a test: who asks, who answers, and what each was told. */
import { sipUri } from '../grammar/index.ts'
import { Headers, noBody, type Request } from '../messages/index.ts'
import type { Server, TransportName } from '../servers/server.ts'
import { Transactions, type TransactionOptions } from '../transactions/layer.ts'
import type { ClientListener, ClientTransaction, SendOptions, ServerTransaction } from '../transactions/transaction.ts'
import type { Flow } from '../transports/flow.ts'
import { FakeClock } from './fake-clock.ts'
import { Network } from './network.ts'

export class Person {
  readonly layer: Transactions
  readonly address: string
  readonly transport: TransportName
  /** What was told, in order, in short words. */
  readonly told: string[] = []
  readonly requests: ServerTransaction[] = []
  readonly flows: Flow[] = []
  /** What is done with a request that comes. */
  answers: (transaction: ServerTransaction) => void = () => undefined

  constructor(network: Network, clock: FakeClock, place: Place, options: Partial<TransactionOptions> = {}) {
    this.address = place.address
    this.transport = place.transport ?? 'udp'
    const user = {
      request: (transaction: ServerTransaction) => this.#request(transaction),
      ack: () => void this.told.push('ACK'),
      flowClosed: () => void this.told.push('flow closed'),
      noticed: ({ what, why }: { what: string; why: string }) => void this.told.push(`${what}: ${why}`),
    }
    let count = 0
    const random = (): string => `${place.address}-${(count += 1)}`
    const finder = { find: async () => [] }
    const parts = { clock, random, user, ...options }
    this.layer = new Transactions(parts, network.host(place.address, this.transport), finder)
  }

  get server(): Server {
    return { transport: this.transport, address: this.address, port: 5060, domain: this.address }
  }

  /** Sends a request to the first of these people who answers. */
  asks(method: string, to: readonly Person[], more: Asking = {}): ClientTransaction {
    const servers = to.map(({ server }) => server)
    return this.layer.send(more.request ?? requestOf(method), this.listener(), {
      to: { by: 'servers', servers },
      ...more.options,
    })
  }

  listener(): ClientListener {
    return {
      provisional: ({ status }, flow) => this.#hears(String(status), flow),
      final: ({ status }, flow) => this.#hears(String(status), flow),
      furtherSuccess: ({ status }, flow) => this.#hears(`further ${status}`, flow),
      lateSuccess: ({ status }, flow) => this.#hears(`late ${status}`, flow),
      failed: ({ why, status }) => void this.told.push(`failed: ${why} ${status}`),
    }
  }

  #hears(what: string, flow: Flow): void {
    this.told.push(what)
    this.flows.push(flow)
  }

  #request(transaction: ServerTransaction): void {
    this.told.push(transaction.request.method)
    this.requests.push(transaction)
    transaction.listen({
      cancelled: () => void this.told.push('cancelled'),
      unacknowledged: () => void this.told.push('unacknowledged'),
      transportFailed: () => void this.told.push('transport failed'),
      ended: () => void this.told.push('ended'),
    })
    this.answers(transaction)
  }
}

type Place = { address: string; transport?: TransportName }
type Asking = { request?: Request; options?: SendOptions }

let calls = 0

export function requestOf(method: string, uri = sipUri({ user: 'bob', host: 'bob.example.com' })): Request {
  calls += 1
  const headers = new Headers()
    .addText('From', `<sip:ann@example.com>;tag=ann${calls}`)
    .addText('To', '<sip:bob@example.com>')
    .addText('Call-ID', `call-${calls}@example.com`)
    .addText('CSeq', `1 ${method}`)
  return { kind: 'request', method, uri, headers, body: noBody }
}

/** Ann and Bob on a network of their own. */
export function annAndBob(
  transport: TransportName = 'udp',
  options: Partial<TransactionOptions> = {},
): { clock: FakeClock; network: Network; ann: Person; bob: Person; more: (address: string) => Person } {
  const clock = new FakeClock()
  const network = new Network(clock)
  const more = (address: string): Person => new Person(network, clock, { address, transport }, options)
  return { clock, network, ann: more('ann'), bob: more('bob'), more }
}
