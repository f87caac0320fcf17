/**
 * A relay for TCP that can be told to misbehave. It stands between a page and the platform's socket, or between a
 * browser and the TCP port for media, and knows whose connection is whose by the Origin of the upgrade request.
 */
import { once } from 'node:events'
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net'
import { Journal } from './journal.ts'

/** What happens to bytes: they pass; or they vanish and nobody is told anything; or nobody may connect. */
type Weather = 'pass' | 'swallow' | 'refuse'

type Place = { host: string; port: number }

/** One connection that came through. `origin` is the page's, such as `http://ann.localhost:21000`. */
export type Relayed = { origin: string | undefined; relayedBytes: number; swallowedBytes: number; isOpen: boolean }
type Relay = Relayed & { near: Socket; far: Socket | undefined }

export class Proxy {
  readonly #server: Server
  readonly #to: () => Place
  readonly #relays: Relay[] = []
  readonly #sockets = new Set<Socket>()
  readonly #weather = new Map<string | undefined, Weather>()
  readonly #journal = new Journal<string>('The proxy', (note) => note)
  /** Connections that were turned away. */
  refused = 0

  private constructor(server: Server, to: () => Place) {
    this.#server = server
    this.#to = to
    server.on('connection', (near) => this.#greet(near))
  }

  /** Listens. `to` is asked at each connection: who stands behind may start after us, and again. */
  static async open(to: () => Place, at: Place = { host: '127.0.0.1', port: 0 }): Promise<Proxy> {
    const server = createServer()
    const proxy = new Proxy(server, to)
    server.listen(at.port, at.host)
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port // it listens on TCP, so this is no path
  }

  get url(): string {
    return `http://localhost:${this.port}`
  }

  /** All connections so far, or those of the pages of one origin. */
  connections(origin?: string): readonly Relayed[] {
    return this.#relaysOf(origin)
  }

  /** How much has not come through: connections that were turned away, and bytes that were swallowed. */
  get stopped(): number {
    return this.refused + this.#relays.reduce((sum, { swallowedBytes }) => sum + swallowedBytes, 0)
  }

  /** Waits for an open connection that has carried bytes, leaving out the first `after` ones. */
  carries(origin?: string, after = 0): Promise<Relayed> {
    return this.#journal.when(`connection${of(origin)} through it`, () =>
      this.#relaysOf(origin)
        .slice(after)
        .find((relay) => relay.isOpen && relay.relayedBytes > 0),
    )
  }

  /** Ends the open connections with a reset, as a broken network does, and turns new ones away until pass(). */
  destroy(origin?: string): void {
    const open = this.#openRelaysOf(origin)
    this.#weather.set(origin, 'refuse')
    for (const relay of open) reset(relay)
  }

  /** Keeps the open connections and loses every byte, both ways, and those of new connections too, until pass(). */
  swallow(origin?: string): void {
    this.#openRelaysOf(origin)
    this.#weather.set(origin, 'swallow')
  }

  /** Good weather again. Connections that have lost bytes can be of no use any more; both ends learn it now. */
  pass(origin?: string): void {
    this.#weather.delete(origin)
    for (const relay of this.#relaysOf(origin)) if (relay.swallowedBytes > 0) reset(relay)
  }

  async close(): Promise<void> {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await once(this.#server, 'close')
  }

  #relaysOf(origin: string | undefined): Relay[] {
    return this.#relays.filter((relay) => origin === undefined || relay.origin === origin)
  }

  #openRelaysOf(origin: string | undefined): Relay[] {
    const open = this.#relaysOf(origin).filter((relay) => relay.isOpen)
    if (open.length === 0) throw new Error(`No connection${of(origin)} goes through the proxy, so none can be cut.`)
    return open
  }

  #weatherOf(origin: string | undefined): Weather {
    return this.#weather.get(origin) ?? this.#weather.get(undefined) ?? 'pass'
  }

  /** The first bytes tell whose connection it is, and with it what weather it meets. */
  #greet(near: Socket): void {
    this.#own(near)
    near.once('data', (head) => {
      const origin = /^origin: *(\S+)/im.exec(head.toString('latin1'))?.[1]
      const weather = this.#weatherOf(origin)
      if (weather === 'refuse') {
        this.refused += 1
        near.resetAndDestroy()
        return
      }
      const far = weather === 'pass' ? this.#own(connect(this.#to())) : undefined
      const relay: Relay = { origin, relayedBytes: 0, swallowedBytes: 0, isOpen: true, near, far }
      this.#relays.push(relay)
      this.#join(relay, head)
    })
  }

  #join(relay: Relay, head: Buffer): void {
    const { near, far } = relay
    this.#carry(relay, head, far)
    near.on('data', (bytes: Buffer) => this.#carry(relay, bytes, far))
    far?.on('data', (bytes: Buffer) => this.#carry(relay, bytes, near))
    near.on('close', () => this.#part(relay, far))
    far?.on('close', () => this.#part(relay, near))
  }

  #carry(relay: Relay, bytes: Buffer, onTo: Socket | undefined): void {
    if (onTo === undefined || this.#weatherOf(relay.origin) === 'swallow') {
      relay.swallowedBytes += bytes.length
    } else {
      relay.relayedBytes += bytes.length
      onTo.write(bytes)
    }
    this.#journal.add(`${bytes.length} bytes${of(relay.origin)}`)
  }

  /** One end is gone. In a network that swallows bytes the other end does not learn of it. */
  #part(relay: Relay, other: Socket | undefined): void {
    relay.isOpen = false
    if (this.#weatherOf(relay.origin) === 'swallow') relay.swallowedBytes += 1
    else other?.destroy()
  }

  #own(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {}) // a reset is what this proxy is for; `close` follows and is heeded
    return socket
  }
}

function reset({ near, far }: Relay): void {
  near.resetAndDestroy()
  far?.resetAndDestroy()
}

function of(origin: string | undefined): string {
  return origin === undefined ? '' : ` from ${origin}`
}
