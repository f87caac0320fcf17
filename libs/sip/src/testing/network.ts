/**
 * A network within a test: transaction layers at addresses of their own, with a delay and with losses as the test wants
 * them, on a clock that the test moves. What travels is real bytes.
 */
import { parseMessage, type Message } from '../messages/index.ts'
import type { ViaHop } from '../messages/kinds/routing.ts'
import type { Server, TransportName } from '../servers/server.ts'
import type { SocketPlace } from '../transports/flow.ts'
import { stampVia } from '../transports/received.ts'
import type { OpenFlow, SentBy, Transports, TransportUser } from '../transports/transports.ts'
import type { FakeClock } from './fake-clock.ts'

/** A message on its way: whether it arrives is for the test to say. */
export type Travelling = { from: string; to: string; message: Message }

export class Network {
  readonly #clock: FakeClock
  readonly #hosts = new Map<string, Host>()
  /** Everything that was sent, lost or not. */
  readonly sent: Travelling[] = []
  delayMs = 10
  /** Whether a message gets lost. */
  loses: (travelling: Travelling) => boolean = () => false

  constructor(clock: FakeClock) {
    this.#clock = clock
  }

  /** What has travelled, as a reader of call flows wants to see it. */
  get flow(): string[] {
    return this.sent.map(({ from, message }) => {
      const what = message.kind === 'request' ? message.method : String(message.status)
      return `${from}: ${what}`
    })
  }

  /** A host with one door for a kind of transport; give it to a `Transactions`. */
  host(address: string, transport: TransportName = 'udp'): (user: TransportUser) => Transports {
    return (user) => {
      const host = new Host(this, { address, port: 5060 }, transport, user)
      this.#hosts.set(address, host)
      return host
    }
  }

  /** The connections of a host break. */
  breaks(address: string, cause = new Error('connection reset')): void {
    this.#hosts.get(address)?.break(cause)
  }

  leaves(address: string): void {
    this.#hosts.delete(address)
  }

  has(address: string): boolean {
    return this.#hosts.has(address)
  }

  carry(from: Host, to: SocketPlace, bytes: Uint8Array): void {
    const travelling = { from: from.place.address, to: to.address, message: read(bytes) }
    this.sent.push(travelling)
    if (this.loses(travelling)) return
    this.#clock.after(this.delayMs, () => this.#hosts.get(to.address)?.receive(read(bytes), from))
  }
}

function read(bytes: Uint8Array): Message {
  const parsed = parseMessage(bytes)
  if (parsed.is !== 'message') throw new Error(`sent what cannot be read: ${Buffer.from(bytes).toString()}`)
  return parsed.message
}

let flows = 0

class Host implements Transports {
  readonly #network: Network
  readonly #transport: TransportName
  readonly #user: TransportUser
  readonly #flows = new Map<string, MemoryFlow>()
  readonly place: SocketPlace

  constructor(network: Network, place: SocketPlace, transport: TransportName, user: TransportUser) {
    this.#network = network
    this.#transport = transport
    this.#user = user
    this.place = place
  }

  get listening(): Transports['listening'] {
    return [{ transport: this.#transport, local: this.place }]
  }

  async connect(server: Server): Promise<OpenFlow> {
    if (server.transport !== this.#transport || !this.#network.has(server.address)) throw new Error('nobody is there')
    return this.#flowTo(server, server)
  }

  async answerOn(flow: OpenFlow, _via: ViaHop): Promise<OpenFlow> {
    return this.#flowTo(flow.remote)
  }

  sentBy(): SentBy {
    return { host: this.place.address, port: this.place.port }
  }

  async close(): Promise<void> {
    this.#network.leaves(this.place.address)
  }

  receive(message: Message, from: Host): void {
    if (message.kind === 'request') stampVia(message.headers, from.place)
    this.#user.message(message, this.#flowTo(from.place))
  }

  break(cause: unknown): void {
    for (const flow of this.#flows.values()) {
      flow.isOpen = false
      this.#user.flowClosed(flow, cause)
    }
    this.#flows.clear()
  }

  #flowTo(remote: SocketPlace, server?: Server): MemoryFlow {
    const known = this.#flows.get(remote.address)
    if (known !== undefined) return known
    const flow = new MemoryFlow(this, this.#network, this.#transport, remote, server)
    this.#flows.set(remote.address, flow)
    return flow
  }
}

class MemoryFlow implements OpenFlow {
  readonly id = (flows += 1)
  readonly isSecure = false
  readonly provenDomains: readonly string[] = []
  isOpen = true
  readonly transport: TransportName
  readonly remote: SocketPlace
  readonly server: Server | undefined
  readonly #host: Host
  readonly #network: Network

  constructor(host: Host, network: Network, transport: TransportName, remote: SocketPlace, server: Server | undefined) {
    this.#host = host
    this.#network = network
    this.transport = transport
    this.remote = remote
    this.server = server
  }

  get local(): SocketPlace {
    return this.#host.place
  }

  get sentBy(): SentBy {
    return this.#host.sentBy()
  }

  welcome(): void {}

  async send(bytes: Uint8Array): Promise<void> {
    if (!this.isOpen) throw new Error('the flow is closed')
    this.#network.carry(this.#host, this.remote, bytes)
  }
}
