/** SIP over UDP: one socket, each datagram a message. A flow is no more than a remote address on it. */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { Server } from '../servers/server.ts'
import type { SocketPlace } from './flow.ts'
import { isAnyAddress, plainAddress, sentByOf, type Listening, type OwnAddresses } from './places.ts'
import type { Reading } from './reading.ts'
import type { OpenFlow, SentBy } from './transports.ts'
import { newFlowId } from './flow-id.ts'

/** Holds some thousand messages while we are busy; what the system's own 200 kB lose comes again as repetitions. */
const recvBufferSize = 4_194_304

/** Each has a socket opened for a moment. */
const mostAsking = 64

type Own = Pick<OwnAddresses, 'towards'>

export class UdpDoor {
  readonly #socket: Socket
  readonly #listening: Listening
  readonly #reading: Reading
  readonly #own: Own
  readonly local: SocketPlace
  #isOpen = true
  /** Datagrams of which is being asked which of our addresses their sender uses. */
  #asking = 0

  private constructor(socket: Socket, listening: Listening, reading: Reading, own: Own) {
    const { address, port } = socket.address()
    this.#socket = socket
    this.#listening = listening
    this.#reading = reading
    this.#own = own
    this.local = { address, port }
    socket.on('message', (bytes, from) => void this.#receive(bytes, { address: from.address, port: from.port }))
    // ICMP may tell that somebody does not hear us; who it was is not said, and transactions have their own patience.
    socket.on('error', () => undefined)
  }

  /** Rejects when the port is taken. */
  static async open(listening: Listening, reading: Reading, own: Own): Promise<UdpDoor> {
    const type = isIPv6(listening.address) ? 'udp6' : 'udp4'
    const socket = createSocket({ type, recvBufferSize, lookup: asAddress })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.once('error', reject)
    socket.bind(listening.port, listening.address, resolve)
    await promise
    socket.removeListener('error', reject)
    return new UdpDoor(socket, listening, reading, own)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Without knowing who asks: the first thing that is true of us. */
  get sentBy(): SentBy {
    return sentByOf(this.local, this.#listening.advertised)
  }

  async flowTo(remote: SocketPlace, server?: Server): Promise<OpenFlow> {
    const isPlain = this.#listening.advertised !== undefined || !isAnyAddress(this.local.address)
    const address = isPlain ? this.local.address : await this.#own.towards(remote.address)
    return new UdpFlow(this, { address, port: this.local.port }, remote, server, this.#listening.advertised)
  }

  // Async also for what the socket refuses at once, a port of 0 for one.
  async send(bytes: Uint8Array, { address, port }: SocketPlace): Promise<void> {
    if (!this.#isOpen) throw new Error('the socket is closed')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#socket.send(bytes, port, this.#reachable(address), (error) => (error === null ? resolve() : reject(error)))
    return promise
  }

  /** A socket of IPv6 reaches IPv4 by addresses of its own kind. */
  #reachable(address: string): string {
    return isIPv6(this.local.address) && isIPv4(address) ? `::ffff:${address}` : address
  }

  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (!this.#isOpen) return Promise.resolve()
    this.#isOpen = false
    this.#socket.close(resolve)
    return promise
  }

  async #receive(bytes: Uint8Array, from: SocketPlace): Promise<void> {
    // Keep-alives: two line ends, or anything as short (RFC 5626 section 4.4.1 has others for UDP, which phones do not use).
    if (bytes.length <= 4) return
    const remote = { address: plainAddress(from.address), port: from.port }
    const flow = await this.#flowFrom(remote)
    if (this.#isOpen && flow !== undefined) this.#reading.take(bytes, flow)
  }

  /** Undefined for who is not heard: senders can be invented, and each that is new has the system asked. */
  async #flowFrom(remote: SocketPlace): Promise<OpenFlow | undefined> {
    if (this.#asking >= mostAsking) {
      this.#reading.notice('limited', 'more unknown senders than can be looked at', { transport: 'udp', remote })
      return undefined
    }
    this.#asking += 1
    try {
      return await this.flowTo(remote)
    } catch (cause) {
      this.#reading.notice('dropped', 'from where there is no way back', { transport: 'udp', remote }, cause)
      return undefined
    } finally {
      this.#asking -= 1
    }
  }
}

/** What we send to is an address already: Node would look it up for each datagram, and send that a turn later. */
const asAddress: NonNullable<SocketOptions['lookup']> = (host, options, found) => {
  const family = isIP(host)
  if (family === 0) lookup(host, options, found)
  else found(null, host, family)
}

class UdpFlow implements OpenFlow {
  readonly id = newFlowId()
  readonly transport = 'udp'
  readonly isSecure = false
  readonly provenDomains: readonly string[] = []
  readonly local: SocketPlace
  readonly remote: SocketPlace
  readonly server: Server | undefined
  readonly sentBy: SentBy
  readonly #door: UdpDoor

  constructor(
    door: UdpDoor,
    local: SocketPlace,
    remote: SocketPlace,
    server: Server | undefined,
    advertised: Listening['advertised'],
  ) {
    this.#door = door
    this.local = local
    this.remote = remote
    this.server = server
    this.sentBy = sentByOf(local, advertised)
  }

  get isOpen(): boolean {
    return this.#door.isOpen
  }

  /** Nothing is held for who sends datagrams. */
  welcome(): void {}

  send(bytes: Uint8Array): Promise<void> {
    return this.#door.send(bytes, this.remote)
  }
}
