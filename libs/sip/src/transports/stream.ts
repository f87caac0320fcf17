/** SIP over TCP and TLS: messages are cut out of the stream by their Content-Length. */
import { connect as connectTcp, createServer as createTcpServer, type Server as NetServer, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, TLSSocket } from 'node:tls'
import { Framer, type Framed } from '../messages/framer.ts'
import type { Server } from '../servers/server.ts'
import type { Connection, Line, Wire } from './connection.ts'
import type { SocketPlace } from './flow.ts'
import { plainAddress } from './places.ts'
import { clientOptions, provenOn, serverOptions, type ClientTls, type TlsIdentity } from './tls.ts'

/** Probes of the system on a connection that says nothing: they find hosts that have vanished. */
const probeAfterMs = 30_000
/** How long the other side may take to end its side, before it is ended for it. */
const partingMs = 2000

const pingBytes = Buffer.from('\r\n\r\n')
const pongBytes = Buffer.from('\r\n')

type Comers = {
  opened: (socket: Socket) => void
  /** Somebody has come and could not be let in. */
  failed: (remote: SocketPlace, error: Error) => void
}

/** A server for connections; with an identity, for those over TLS, which has to be there in so many milliseconds. */
export function listenForStreams(
  identity: TlsIdentity | undefined,
  handshakeTimeout: number,
  { opened, failed }: Comers,
): NetServer {
  if (identity === undefined) return createTcpServer({ noDelay: true }, (socket) => admitted(socket, opened))
  const options = { ...serverOptions(identity), noDelay: true, handshakeTimeout }
  const server = createTlsServer(options, (socket) => admitted(socket, opened))
  return server.on('tlsClientError', (error, socket) => failed(remoteOf(socket), error))
}

function admitted(socket: Socket, opened: Comers['opened']): void {
  // Who was sent away again has no address any more.
  if (!socket.destroyed) opened(socket)
}

/** Opens a connection; with TLS, after the certificate has been found right. */
export async function openStream(server: Server, signal: AbortSignal, tls?: ClientTls): Promise<Socket> {
  const { address: host, port, domain } = server
  const isTls = tls !== undefined
  const socket = isTls
    ? connectTls({ ...clientOptions(domain, tls), host, port })
    : connectTcp({ host, port, noDelay: true })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = (): void => reject(signal.reason)
  socket.once(isTls ? 'secureConnect' : 'connect', resolve)
  socket.once('error', reject)
  socket.once('close', () => reject(new Error('the connection was closed before it was there')))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    socket.removeListener('error', reject)
    // From here to the connection's own listeners is one turn; an error in it comes back with 'close'.
    socket.on('error', () => undefined)
  }
}

/** A socket as a connection wants it. */
export function streamLine(socket: Socket): Line {
  return {
    wire: wireOf(socket),
    local: localOf(socket),
    remote: remoteOf(socket),
    provenDomains: provenBy(socket),
    feed: (connection) => feed(socket, connection),
  }
}

function wireOf(socket: Socket): Wire {
  return {
    write(bytes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      socket.write(bytes, (error) => (error === undefined || error === null ? resolve() : reject(error)))
      return promise
    },
    bufferedBytes: () => socket.writableLength,
    ping: () => void socket.write(pingBytes),
    end() {
      socket.end()
      setTimeout(() => socket.destroy(), partingMs).unref()
    },
  }
}

function feed(socket: Socket, connection: Connection): void {
  const framer = new Framer()
  socket.setKeepAlive(true, probeAfterMs)
  socket.on('data', (chunk) => {
    for (const framed of framer.push(chunk)) hear(framed, socket, connection)
  })
  socket.on('error', (error) => connection.close(error))
  socket.on('end', () => connection.close(new Error('the other side has closed the connection')))
  socket.on('close', () => connection.close(new Error('the connection is closed')))
}

function hear(framed: Framed, socket: Socket, connection: Connection): void {
  switch (framed.is) {
    case 'message':
      return connection.receive(framed.bytes)
    case 'ping':
      connection.pinged()
      if (connection.isOpen) socket.write(pongBytes)
      return undefined
    case 'pong':
      return connection.ponged()
    case 'broken':
      return connection.broken(framed.why)
  }
}

export function localOf(socket: Socket): SocketPlace {
  return { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 }
}

export function remoteOf(socket: Socket): SocketPlace {
  return { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 }
}

export function provenBy(socket: Socket): readonly string[] {
  return socket instanceof TLSSocket ? provenOn(socket) : []
}
