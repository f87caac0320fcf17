/**
 * A network that lets no UDP through to the media: the platform tells browsers another loopback address for its
 * media, where TCP is relayed to it port by port and datagrams fall into a hole. No firewall and no root is needed,
 * and what was swallowed is counted, so a test can show that UDP was tried.
 */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Proxy } from './proxy.ts'

/** What MEDIA_ADDRESS is set to. On Linux all of 127.0.0.0/8 is loopback. */
export const holeAddress = '127.0.0.2'

export class UdpHole {
  readonly #sockets: Socket[]
  readonly #relays: Proxy[]
  swallowedDatagrams = 0

  private constructor(sockets: Socket[], relays: Proxy[]) {
    this.#sockets = sockets
    this.#relays = relays
    for (const socket of sockets) socket.on('message', () => (this.swallowedDatagrams += 1))
  }

  /** `ports` are the platform's media ports, on 127.0.0.1. */
  static async open(ports: readonly number[]): Promise<UdpHole> {
    const sockets = ports.map((port) => createSocket('udp4').bind(port, holeAddress))
    await Promise.all(sockets.map((socket) => once(socket, 'listening')))
    const relays = ports.map((port) => Proxy.open(() => ({ host: '127.0.0.1', port }), { host: holeAddress, port }))
    return new UdpHole(sockets, await Promise.all(relays))
  }

  /** Bytes that came through over TCP instead. */
  get relayedBytes(): number {
    return this.#relays.flatMap((relay) => relay.connections()).reduce((sum, one) => sum + one.relayedBytes, 0)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.close()
    await Promise.all(this.#relays.map((relay) => relay.close()))
  }
}
