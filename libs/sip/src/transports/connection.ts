/**
 * One connection, of whatever kind: messages come and go, keep-alives keep it alive, and it ends once. The bytes
 * themselves are carried by a wire (stream.ts, websocket.ts).
 */
import type { Clock } from '../clock.ts'
import type { Server, TransportName } from '../servers/server.ts'
import type { SocketPlace } from './flow.ts'
import { newFlowId } from './flow-id.ts'
import type { TransportLimits } from './limits.ts'
import type { Reading } from './reading.ts'
import type { OpenFlow, SentBy } from './transports.ts'

/** What carries the bytes of a connection. */
export type Wire = {
  /** Rejects when the bytes have surely not gone out. */
  write(bytes: Uint8Array): Promise<void>
  /** What waits to be sent. */
  bufferedBytes(): number
  ping(): void
  /** Ends it, politely if the other side takes part. */
  end(): void
}

/** A socket that stands and is not a connection of ours yet. */
export type Line = {
  wire: Wire
  local: SocketPlace
  remote: SocketPlace
  provenDomains: readonly string[]
  /** From then on what comes goes to the connection. */
  feed(connection: Connection): void
}

export type ConnectionParts = {
  line: Line
  transport: TransportName
  sentBy: SentBy
  /** Whom we meant, when we have opened it. */
  server: Server | undefined
  clock: Clock
  limits: TransportLimits
  reading: Reading
  closed: (connection: Connection, cause: unknown) => void
}

export class Connection implements OpenFlow {
  readonly id = newFlowId()
  readonly transport: TransportName
  readonly local: SocketPlace
  readonly remote: SocketPlace
  readonly server: Server | undefined
  readonly sentBy: SentBy
  readonly provenDomains: readonly string[]
  readonly #parts: ConnectionParts
  #isOpen = true
  #usedAt: number
  /** Until when he who has opened it may stay who is not welcome yet. */
  readonly #strangerUntil: number
  #isWelcome: boolean
  #hasPonged = false
  #pongDueAt = Infinity
  #pingsAt: number
  #stopTimer: () => void = () => undefined

  constructor(parts: ConnectionParts) {
    this.transport = parts.transport
    this.local = parts.line.local
    this.remote = parts.line.remote
    this.server = parts.server
    this.sentBy = parts.sentBy
    this.provenDomains = parts.line.provenDomains
    this.#parts = parts
    this.#usedAt = parts.clock.now()
    this.#strangerUntil = this.#usedAt + parts.limits.strangerMs
    this.#isWelcome = parts.server !== undefined
    this.#pingsAt = parts.server === undefined ? Infinity : this.#usedAt + parts.limits.pingMs
    this.#sleep()
    parts.line.feed(this)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get isSecure(): boolean {
    return this.transport === 'tls' || this.transport === 'wss'
  }

  async send(bytes: Uint8Array): Promise<void> {
    if (!this.#isOpen) throw new Error('the connection is closed')
    this.#usedAt = this.#parts.clock.now()
    const { line, limits } = this.#parts
    // What is more than he reads is not written any more: who is that slow has gone.
    if (line.wire.bufferedBytes() > limits.bufferedBytes) {
      const cause = new Error('the other side reads too slowly')
      this.close(cause)
      throw cause
    }
    await line.wire.write(bytes)
  }

  welcome(): void {
    this.#isWelcome = true
  }

  /** A whole message has come. */
  receive(bytes: Uint8Array): void {
    if (!this.#isOpen) return
    this.#noteLife()
    this.#parts.reading.take(bytes, this)
  }

  /** The other side has asked whether we are there, and was told. */
  pinged(): void {
    this.#noteLife()
  }

  ponged(): void {
    this.#noteLife()
    this.#hasPonged = true
    this.#pongDueAt = Infinity
  }

  /** Something came by which nobody can know where the next message begins. */
  broken(why: string): void {
    this.#parts.reading.notice('dropped', why, this)
    this.close(new Error(why))
  }

  /** Ends it once; the first cause stays. */
  close(cause: unknown): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stopTimer()
    this.#parts.line.wire.end()
    this.#parts.closed(this, cause)
  }

  #noteLife(): void {
    this.#usedAt = this.#parts.clock.now()
  }

  get #idleAt(): number {
    return this.#isWelcome ? this.#usedAt + this.#parts.limits.idleMs : this.#strangerUntil
  }

  #sleep(): void {
    const { clock } = this.#parts
    const next = Math.min(this.#idleAt, this.#pingsAt, this.#pongDueAt)
    this.#stopTimer = clock.after(Math.max(1, Math.ceil(next - clock.now())), () => this.#wake())
  }

  #wake(): void {
    const now = this.#parts.clock.now()
    if (now >= this.#pongDueAt) return this.close(new Error('a keep-alive was not answered'))
    if (now >= this.#idleAt)
      return this.close(new Error(this.#isWelcome ? 'nothing was said for too long' : 'nobody knows him'))
    if (now >= this.#pingsAt) this.#ping(now)
    this.#sleep()
  }

  #ping(now: number): void {
    const { line, limits } = this.#parts
    line.wire.ping()
    this.#pingsAt = now + limits.pingMs
    // Some never answer, and their connection is as good; who has answered once and is silent now has gone.
    if (this.#hasPonged) this.#pongDueAt = now + limits.pongMs
  }
}
