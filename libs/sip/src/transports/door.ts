/** A port on which connections are heard: TCP, TLS or WebSocket. Who is let in is counted before he can say anything. */
import { isIPv6, type Server as NetServer, type Socket } from 'node:net'
import type { TransportName } from '../servers/server.ts'
import type { Line } from './connection.ts'
import type { SocketPlace } from './flow.ts'
import type { TransportLimits } from './limits.ts'
import type { Notice } from './notice.ts'
import { sentByOf, type Listening } from './places.ts'
import { listenForStreams, localOf, provenBy, remoteOf, streamLine } from './stream.ts'
import type { TlsIdentity } from './tls.ts'
import type { SentBy } from './transports.ts'
import { listenForWebSockets, webSocketLine } from './websocket.ts'

export type StreamName = Exclude<TransportName, 'udp'>

export type DoorParts = {
  limits: TransportLimits
  guests: Guests
  identity: TlsIdentity | undefined
  opened: (transport: StreamName, line: Line) => void
  notice: (
    what: Notice['what'],
    why: string,
    where: { transport: StreamName; remote: SocketPlace },
    cause?: unknown,
  ) => void
}

export class Door {
  readonly transport: StreamName
  readonly local: SocketPlace
  readonly sentBy: SentBy
  readonly #server: NetServer
  readonly #sockets: Set<Socket>

  private constructor(
    transport: StreamName,
    server: NetServer,
    sockets: Set<Socket>,
    { address, advertised }: Listening,
  ) {
    const bound = server.address()
    this.transport = transport
    this.local = { address, port: typeof bound === 'object' && bound !== null ? bound.port : 0 }
    this.sentBy = sentByOf(this.local, advertised)
    this.#server = server
    this.#sockets = sockets
  }

  /** Rejects when the port is taken, or when a certificate is needed and is not there. */
  static async open(transport: StreamName, listening: Listening, parts: DoorParts): Promise<Door> {
    const server = serverFor(transport, parts)
    const sockets = watch(server, transport, parts)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    server.once('error', reject)
    server.listen(listening.port, listening.address, resolve)
    await promise
    server.removeListener('error', reject)
    server.on('error', (error) => parts.notice('connectionFailed', 'a door', { transport, remote: nobody }, error))
    return new Door(transport, server, sockets, listening)
  }

  /** Resolves when nobody is inside any more; who does not go is put out. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#server.close(() => resolve())
    const putOut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, partingMs)
    await promise
    clearTimeout(putOut)
  }
}

const partingMs = 1000
const nobody: SocketPlace = { address: '', port: 0 }

/** How many connections each neighbourhood has to us. Those who are known have room without being counted. */
export class Guests {
  readonly #limits: Pick<TransportLimits, 'connections' | 'connectionsPerAddress'>
  readonly #isKnown: (address: string) => boolean
  readonly #counts = new Map<string, number>()
  #all = 0

  constructor(
    limits: Pick<TransportLimits, 'connections' | 'connectionsPerAddress'>,
    isKnown: (address: string) => boolean,
  ) {
    this.#limits = limits
    this.#isKnown = isKnown
  }

  /** Undefined when there is no room for one more from this address; else what is to be called when he has gone. */
  admit(address: string): (() => void) | undefined {
    if (this.#isKnown(address)) return () => undefined
    const from = neighbourhoodOf(address)
    const count = this.#counts.get(from) ?? 0
    if (count >= this.#limits.connectionsPerAddress || this.#all >= this.#limits.connections) return undefined
    this.#counts.set(from, count + 1)
    this.#all += 1
    return () => this.#letGo(from)
  }

  #letGo(from: string): void {
    const count = (this.#counts.get(from) ?? 1) - 1
    this.#all -= 1
    if (count === 0) this.#counts.delete(from)
    else this.#counts.set(from, count)
  }
}

/** Of IPv6 everybody has a /64, with more addresses than can be counted. */
function neighbourhoodOf(address: string): string {
  if (!isIPv6(address)) return address
  const [left = '', right = ''] = address.split('::')
  const [before, after] = [left, right].map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array<string>(8 - (before?.length ?? 0) - (after?.length ?? 0)).fill('0')
  return [...(before ?? []), ...zeros, ...(after ?? [])].slice(0, 4).join(':')
}

function serverFor(transport: StreamName, { identity, limits, opened, notice }: DoorParts): NetServer {
  const isSecure = transport === 'tls' || transport === 'wss'
  if (isSecure && identity === undefined) throw new Error(`to listen by ${transport} a certificate is needed`)
  const own = isSecure ? identity : undefined
  if (transport === 'ws' || transport === 'wss') {
    return listenForWebSockets(own, limits.strangerMs, (webSocket, { socket }) => {
      const places = { local: localOf(socket), remote: remoteOf(socket), provenDomains: provenBy(socket) }
      opened(transport, webSocketLine(webSocket, places))
    })
  }
  return listenForStreams(own, limits.strangerMs, {
    opened: (socket) => opened(transport, streamLine(socket)),
    failed: (remote, error) =>
      notice('connectionFailed', 'a client spoke no TLS that we know', { transport, remote }, error),
  })
}

/** All sockets of a server, also those that have not come as far as TLS or WebSocket. */
function watch(server: NetServer, transport: StreamName, { guests, notice }: DoorParts): Set<Socket> {
  const sockets = new Set<Socket>()
  server.prependListener('connection', (socket: Socket) => {
    const remote = remoteOf(socket)
    const letGo = guests.admit(remote.address)
    if (letGo === undefined) {
      notice('limited', 'more connections than there may be', { transport, remote })
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      letGo()
    })
  })
  return sockets
}
