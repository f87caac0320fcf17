/**
 * The transport layer over real sockets (RFC 3261 section 18): opens doors, opens connections and shares them, finds the
 * way back for responses, and shuts everything once.
 */
import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { Clock } from '../clock.ts'
import type { ViaHop } from '../messages/kinds/routing.ts'
import type { Server, TransportName } from '../servers/server.ts'
import { Connection, type Line } from './connection.ts'
import { Door, Guests, type StreamName } from './door.ts'
import type { PeerTrust, SocketPlace } from './flow.ts'
import { transportLimits, type TransportLimits } from './limits.ts'
import { isAnyAddress, isLoopback, OwnAddresses, sentByOf, type Listening } from './places.ts'
import { Reading } from './reading.ts'
import { bare } from './received.ts'
import { openStream, streamLine } from './stream.ts'
import type { TlsIdentity } from './tls.ts'
import type { OpenFlow, SentBy, Transports, TransportUser } from './transports.ts'
import { UdpDoor } from './udp.ts'
import { openWebSocket, webSocketLine } from './websocket.ts'

export type SocketOptions = {
  /** Where to be heard; nowhere is possible for one who only calls. */
  listen: readonly Listening[]
  /** Needed to listen by `tls` and `wss`; shown as a client's certificate too. */
  tls?: TlsIdentity
  limits?: Partial<TransportLimits>
  /** Whose connections are welcome, however many strangers have some open: those of a trunk. Default: nobody's. */
  isKnown?(address: string): boolean
  clock: Clock
}

/** RFC 3261 section 18.2.2 and RFC 7118: where somebody listens who does not say it. */
const defaultPorts: Record<TransportName, number> = { udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 }

export class Sockets implements Transports {
  readonly #options: SocketOptions
  readonly #user: TransportUser
  readonly #limits: TransportLimits
  readonly #reading: Reading
  readonly #guests: Guests
  readonly #own = new OwnAddresses()
  readonly #udp: UdpDoor[] = []
  readonly #doors: Door[] = []
  readonly #connections = new Set<Connection>()
  /** Connections that we have opened, or are opening, by whom they were meant for and whom we believed. */
  readonly #opened = new Map<PeerTrust | undefined, Map<string, Promise<Connection>>>()
  /** For datagrams that no door of ours can send, by the address of all of their kind of IP. */
  readonly #spareDoors = new Map<string, Promise<UdpDoor>>()
  /** As whom a WebSocket of ours is known, since nobody can reach us behind it (RFC 7118 section 5). */
  readonly #invalidHost = `${randomBytes(6).toString('hex')}.invalid`
  /** Ends what is being opened when everything is shut. */
  readonly #shut = new AbortController()
  #closing: Promise<void> | undefined

  constructor(options: SocketOptions, user: TransportUser) {
    this.#options = options
    this.#user = user
    this.#limits = { ...transportLimits, ...options.limits }
    this.#reading = new Reading(user, options.clock, this.#limits.messagesPerSecond)
    this.#guests = new Guests(this.#limits, (address) => this.#isKnown(address))
  }

  /** Opens all doors, or none: rejects when one of the ports is taken. */
  async listen(): Promise<void> {
    try {
      for (const listening of this.#options.listen) await this.#openDoor(listening)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  get listening(): Transports['listening'] {
    const udp = this.#udp.map(({ local }) => ({ transport: 'udp' as const, local }))
    return [...udp, ...this.#doors.map(({ transport, local }) => ({ transport, local }))]
  }

  async connect(server: Server, trust?: PeerTrust): Promise<OpenFlow> {
    if (this.#closing !== undefined) throw new Error(closed)
    const { transport, address, port } = server
    if (transport === 'udp') return (await this.#udpTo(address)).flowTo({ address, port }, server)
    const pool = this.#opened.get(trust) ?? new Map<string, Promise<Connection>>()
    this.#opened.set(trust, pool)
    const key = `${transport} ${address} ${port} ${server.domain}`
    const known = pool.get(key)
    if (known !== undefined) return known
    const opening = this.#open(transport, server, trust, () => {
      pool.delete(key)
      if (pool.size === 0) this.#opened.delete(trust)
    })
    pool.set(key, opening)
    return opening
  }

  async answerOn(flow: OpenFlow, via: ViaHop): Promise<OpenFlow> {
    const { transport, remote } = flow
    const port = via.port ?? defaultPorts[transport]
    // RFC 3581 section 4. `maddr` is not followed: it would let a stranger send our answers to whom he likes.
    if (transport === 'udp' && !via.parameters.has('rport') && port !== remote.port) {
      return (await this.#udpTo(remote.address)).flowTo({ address: remote.address, port })
    }
    if (flow.isOpen) return flow
    if (transport === 'ws' || transport === 'wss') throw new Error('nobody can be called back over a WebSocket')
    return this.connect({ transport, address: remote.address, port, domain: bare(via.host) })
  }

  sentBy(transport: TransportName): SentBy {
    const door = transport === 'udp' ? this.#udp[0] : this.#doorOf(transport)
    return door?.sentBy ?? { host: this.#invalidHost }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #openDoor(listening: Listening): Promise<void> {
    const { transport } = listening
    if (transport === 'udp') {
      this.#udp.push(await UdpDoor.open(listening, this.#reading, this.#own))
      return
    }
    const door = await Door.open(transport, listening, {
      limits: this.#limits,
      guests: this.#guests,
      identity: this.#options.tls,
      opened: (name, line) => void this.#connectionOn(name, line, undefined),
      notice: (what, why, where, cause) => this.#reading.notice(what, why, where, cause),
    })
    this.#doors.push(door)
  }

  async #open(
    transport: StreamName,
    server: Server,
    trust: PeerTrust | undefined,
    forget: () => void,
  ): Promise<Connection> {
    const abort = new AbortController()
    const stop = this.#options.clock.after(this.#limits.connectMs, () =>
      abort.abort(new Error('nobody has answered in time')),
    )
    try {
      const signal = AbortSignal.any([abort.signal, this.#shut.signal])
      const line = await this.#lineTo(transport, server, trust, signal)
      return this.#connectionOn(transport, line, server, forget)
    } catch (cause) {
      forget()
      const where = { transport, remote: { address: server.address, port: server.port } }
      this.#reading.notice('connectionFailed', 'a connection could not be opened', where, cause)
      throw cause
    } finally {
      stop()
    }
  }

  async #lineTo(
    transport: StreamName,
    server: Server,
    trust: PeerTrust | undefined,
    signal: AbortSignal,
  ): Promise<Line> {
    const tls = { trust, identity: this.#options.tls }
    if (transport !== 'ws' && transport !== 'wss') {
      return streamLine(await openStream(server, signal, transport === 'tls' ? tls : undefined))
    }
    const socket = await openWebSocket(server, signal, tls)
    const remote = { address: server.address, port: server.port }
    const local = { address: this.#invalidHost, port: 0 }
    return webSocketLine(socket, { local, remote, provenDomains: provenTo(server, trust) })
  }

  #connectionOn(
    transport: StreamName,
    line: Line,
    server: Server | undefined,
    forget: () => void = () => undefined,
  ): Connection {
    const connection = new Connection({
      line,
      transport,
      server,
      sentBy: this.#sentByOn(transport, line.local),
      clock: this.#options.clock,
      limits: this.#limits,
      reading: this.#reading,
      closed: (one, cause) => {
        forget()
        this.#connections.delete(one)
        this.#user.flowClosed(one, cause)
      },
    })
    this.#connections.add(connection)
    if (this.#isKnown(connection.remote.address)) connection.welcome()
    // What was on its way when everything was shut.
    if (this.#closing !== undefined) connection.close(new Error(closed))
    return connection
  }

  #isKnown(address: string): boolean {
    return this.#options.isKnown?.(address) ?? false
  }

  /** Where we listen for this transport, by the address that the other side knows of us; else this connection alone. */
  #sentByOn(transport: StreamName, local: SocketPlace): SentBy {
    const door = this.#doorOf(transport)
    if (door === undefined)
      return transport === 'ws' || transport === 'wss' ? { host: this.#invalidHost } : sentByOf(local)
    const isUnnamed = isAnyAddress(bare(door.sentBy.host))
    return isUnnamed ? sentByOf({ address: local.address, port: door.local.port }) : door.sentBy
  }

  #doorOf(transport: TransportName): Door | undefined {
    return this.#doors.find((door) => door.transport === transport)
  }

  /** The door from which datagrams reach an address; one of its own where none of ours does. */
  async #udpTo(address: string): Promise<UdpDoor> {
    const door = this.#udp.find(({ local }) => reaches(local.address, address))
    if (door !== undefined) return door
    const any = isIPv6(address) ? '::' : '0.0.0.0'
    const spare = this.#spareDoors.get(any) ?? this.#openSpareDoor(any)
    this.#spareDoors.set(any, spare)
    return spare
  }

  async #openSpareDoor(address: string): Promise<UdpDoor> {
    try {
      return await UdpDoor.open({ transport: 'udp', address, port: 0 }, this.#reading, this.#own)
    } catch (error) {
      this.#spareDoors.delete(address)
      throw error
    }
  }

  async #close(): Promise<void> {
    this.#shut.abort(new Error(closed))
    const doors = this.#doors.map((door) => door.close())
    for (const connection of this.#connections) connection.close(new Error(closed))
    const spare = (await Promise.allSettled(this.#spareDoors.values())).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    )
    await Promise.all([...doors, ...[...this.#udp, ...spare].map((door) => door.close())])
  }
}

const closed = 'the transports are closed'

/** Whether a socket that is bound to one address can send to another. */
function reaches(local: string, remote: string): boolean {
  if (local === '::') return true
  if (isIPv6(local) !== isIPv6(remote)) return false
  return isAnyAddress(local) || isLoopback(local) === isLoopback(remote)
}

/** A WebSocket hides its certificate; that it stands says that it was the right one, if anybody looked. */
function provenTo({ transport, domain }: Server, trust: PeerTrust | undefined): string[] {
  return transport === 'wss' && (trust?.isVerified ?? true) ? [domain.toLowerCase()] : []
}
