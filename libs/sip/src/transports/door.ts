/** A port on which connections are heard: TCP, TLS or WebSocket. Who is let in is counted before he can say anything. */
import type { Server as NetServer, Socket } from 'node:net'
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

/** How many connections each address has to us. */
export class Guests {
  readonly #limits: Pick<TransportLimits, 'connections' | 'connectionsPerAddress'>
  readonly #counts = new Map<string, number>()
  #all = 0

  constructor(limits: Pick<TransportLimits, 'connections' | 'connectionsPerAddress'>) {
    this.#limits = limits
  }

  /** Whether there is room for one more from this address. Who was admitted has to be let go. */
  admit(address: string): boolean {
    const count = this.#counts.get(address) ?? 0
    if (count >= this.#limits.connectionsPerAddress || this.#all >= this.#limits.connections) return false
    this.#counts.set(address, count + 1)
    this.#all += 1
    return true
  }

  letGo(address: string): void {
    const count = (this.#counts.get(address) ?? 1) - 1
    this.#all -= 1
    if (count === 0) this.#counts.delete(address)
    else this.#counts.set(address, count)
  }
}

function serverFor(transport: StreamName, { identity, limits, opened, notice }: DoorParts): NetServer {
  const isSecure = transport === 'tls' || transport === 'wss'
  if (isSecure && identity === undefined) throw new Error(`to listen by ${transport} a certificate is needed`)
  const own = isSecure ? identity : undefined
  if (transport === 'ws' || transport === 'wss') {
    return listenForWebSockets(own, limits.silentMs, (webSocket, { socket }) => {
      const places = { local: localOf(socket), remote: remoteOf(socket), provenDomains: provenBy(socket) }
      opened(transport, webSocketLine(webSocket, places))
    })
  }
  return listenForStreams(own, limits.silentMs, {
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
    if (!guests.admit(remote.address)) {
      notice('limited', 'more connections than there may be', { transport, remote })
      socket.destroy()
      return
    }
    sockets.add(socket)
    socket.once('close', () => {
      sockets.delete(socket)
      guests.letGo(remote.address)
    })
  })
  return sockets
}
