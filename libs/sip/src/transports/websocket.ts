/** SIP over WebSocket (RFC 7118): one message in a frame, subprotocol `sip`. */
import { isUtf8 } from 'node:buffer'
import { createServer as createHttp, type IncomingMessage, type Server as HttpServer } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { WebSocket, WebSocketServer, type RawData, type VerifyClientCallbackAsync } from 'ws'
import { messageLimits } from '../messages/parse.ts'
import type { Server } from '../servers/server.ts'
import type { Connection, Line, Wire } from './connection.ts'
import { bracketed } from './received.ts'
import { clientOptions, serverOptions, type ClientTls, type TlsIdentity } from './tls.ts'

const subprotocol = 'sip'
const maxPayload = messageLimits.messageBytes

/** A server for WebSockets. Clients that do not speak SIP on them are refused. */
export function listenForWebSockets(
  identity: TlsIdentity | undefined,
  handshakeTimeout: number,
  opened: (socket: WebSocket, request: IncomingMessage) => void,
): HttpServer {
  const options = { headersTimeout: handshakeTimeout, requestTimeout: handshakeTimeout }
  const server =
    identity === undefined
      ? createHttp(options, refuse)
      : createHttps({ ...options, ...serverOptions(identity), handshakeTimeout }, refuse)
  const verifyClient: VerifyClientCallbackAsync = ({ req }, done) => done(offersSip(req) && isFromNoOtherSite(req), 400)
  const handleProtocols = (): string => subprotocol
  const sockets = new WebSocketServer({ server, maxPayload, verifyClient, handleProtocols, perMessageDeflate: false })
  sockets.on('connection', opened)
  // Errors of the server below come through here a second time.
  sockets.on('error', () => undefined)
  return server
}

/** What is no WebSocket has nothing to find here (RFC 9110 section 15.5.22). */
const refuse: Parameters<typeof createHttp>[1] = (_request, response) => {
  response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end()
}

function offersSip({ headers }: IncomingMessage): boolean {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',')
  return offered.some((name) => name.trim().toLowerCase() === subprotocol)
}

/**
 * Browsers open WebSockets to wherever a page asks, and say whose page it was (RFC 6455 section 10.2). A page that came
 * from another host would be believed for the machine that it is read on.
 */
function isFromNoOtherSite({ headers }: IncomingMessage): boolean {
  if (headers.origin === undefined) return true
  const own = URL.parse(`http://${headers.host}`)?.hostname
  return own !== undefined && URL.parse(headers.origin)?.hostname === own
}

/** Opens a WebSocket; with TLS, after the certificate has been found right. */
export async function openWebSocket(
  { transport, address, port, domain }: Server,
  signal: AbortSignal,
  tls: ClientTls,
): Promise<WebSocket> {
  const socket = new WebSocket(`${transport}://${bracketed(address)}:${port}/`, subprotocol, {
    maxPayload,
    perMessageDeflate: false,
    headers: { Host: `${bracketed(domain)}:${port}` },
    ...(transport === 'wss' ? clientOptions(domain, tls) : {}),
  })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onAbort = (): void => reject(signal.reason)
  socket.once('open', resolve)
  // Stays: a socket that is ended before it is open says so by an error.
  socket.on('error', reject)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
    return socket
  } catch (error) {
    socket.terminate()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** A socket as a connection wants it. What it runs on is told apart, for one that we have opened does not show it. */
export function webSocketLine(socket: WebSocket, places: Pick<Line, 'local' | 'remote' | 'provenDomains'>): Line {
  return { ...places, wire: wireOf(socket), feed: (connection) => feed(socket, connection) }
}

function wireOf(socket: WebSocket): Wire {
  return {
    write(bytes) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      // Browsers want text; bytes that are none go as they are.
      socket.send(bytes, { binary: !isUtf8(bytes) }, (error) => {
        if (error === undefined || error === null) resolve()
        else reject(error)
      })
      return promise
    },
    bufferedBytes: () => socket.bufferedAmount,
    ping: () => socket.ping(),
    end() {
      socket.close()
      setTimeout(() => socket.terminate(), partingMs).unref()
    },
  }
}

const partingMs = 2000

function feed(socket: WebSocket, connection: Connection): void {
  socket.on('message', (data) => {
    const bytes = bytesOf(data)
    const keepAlive = bytes.length <= 4 ? bytes.toString() : ''
    if (keepAlive === '\r\n\r\n') {
      connection.pinged()
      if (connection.isOpen) socket.send('\r\n')
    } else if (keepAlive === '\r\n') connection.ponged()
    else connection.receive(bytes)
  })
  socket.on('ping', () => connection.pinged())
  socket.on('pong', () => connection.ponged())
  socket.on('error', (error) => connection.close(error))
  socket.on('close', () => connection.close(new Error('the connection is closed')))
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data)
  return Buffer.isBuffer(data) ? data : Buffer.from(data)
}
