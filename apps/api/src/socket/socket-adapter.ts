/**
 * Nest's adapter for our sockets. The stock one drops malformed and unknown frames without a word; here every frame
 * gets its one reply, so frames go to the gateway's own routing and Nest only opens and closes the doors.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketAdapter } from '@nestjs/common'
import { WebSocketServer, type WebSocket } from 'ws'
import { maxFrameBytes } from '@parley/protocol'

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export class SocketAdapter implements WebSocketAdapter<WebSocketServer, WebSocket> {
  readonly #upgrades = new Map<string, Upgrade>()

  /** Hears the upgrades of a server: the http door's and the https door's alike. */
  listenTo(server: Pick<Server, 'on'>): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  create(_port: number, { path }: { path: string }): WebSocketServer {
    // No permessage-deflate: a small frame must not become a large one.
    const server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false })
    this.#upgrades.set(path, (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (ws) => server.emit('connection', ws, request)),
    )
    return server
  }

  bindClientConnect(server: WebSocketServer, listener: (ws: WebSocket, request: IncomingMessage) => void): void {
    server.on('connection', listener)
  }

  bindMessageHandlers(): void {
    // Frames are read by AgentSocket, see above.
  }

  /** Sessions have let their sockets go by now; whoever has not said who he is goes here. */
  async close(server: WebSocketServer): Promise<void> {
    for (const ws of server.clients) ws.terminate()
    await new Promise<void>((closed) => server.close(() => closed()))
  }

  /** Nest calls it after the last close(); the servers that we listen to belong to others. */
  dispose(): void {
    this.#upgrades.clear()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const path = (request.url ?? '').split('?')[0] ?? ''
    const upgrade = this.#upgrades.get(path)
    if (upgrade !== undefined) return upgrade(request, socket, head)
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  }
}
