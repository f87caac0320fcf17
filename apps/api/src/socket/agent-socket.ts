/**
 * One WebSocket of an agent: reads requests, writes replies and events, and closes when its peer is silent, floods, or
 * does not read. What the requests mean is not known here.
 */
import type { Writable } from 'node:stream'
import { closeCodes, Refused } from '@parley/protocol'
import type { WebSocket } from 'ws'
import { errorFrame, idIn, okFrame, readRequest, type Request } from './frames.ts'
import type { SendingTurns } from './sending-turns.ts'

/** Unsent bytes above which a client is taken for one that does not read. */
const maxUnsentBytes = 256 * 1024
/** Messages that may come at once, above the steady rate. */
const burst = 200
/** How many refusals for flooding are answered before the socket is closed. */
const maxRefusals = 100
/** How long a peer may take to answer a close frame. */
const closeLimitMs = 1_000

export type SocketLimits = { messagesPerS: number; helloMs: number }

/** What the sockets of one door have in common. */
export type SocketParts = { limits: SocketLimits; answer: Answer; turns: SendingTurns }

/** Answers a request, at once or by a promise; what it throws becomes the error of the one reply. */
export type Answer = (socket: AgentSocket, request: Request) => unknown

export class AgentSocket {
  /** Set once a *hello* or *resume* was accepted. */
  isWelcome = false
  #allowance = burst
  #heardAtMs = performance.now()
  #refusals = 0
  #closing: Promise<void> | undefined
  #silence: NodeJS.Timeout
  #silenceMs: number
  /** What waits to be sent, in its order. */
  #outbox: string[] = []
  #isFlushDue = false
  readonly #flushInTurn = (): void => this.#flush()
  readonly #onWelcome: (() => void)[] = []
  readonly #onClosed: (() => void)[] = []

  /** @param wire what `ws` writes to */
  constructor(
    private readonly ws: WebSocket,
    private readonly wire: Writable,
    private readonly parts: SocketParts,
  ) {
    this.#silenceMs = parts.limits.helloMs
    this.#silence = setTimeout(() => this.#silent(), this.#silenceMs)
    ws.on('message', (data, isBinary) => this.#take(data, isBinary))
    ws.on('error', () => ws.terminate()) // a frame above the limit, a bad frame: ws has sent the close code
    ws.on('close', () => this.#closed())
  }

  /** Calls back once, when a *hello* or *resume* was accepted. */
  onWelcome(listener: () => void): void {
    this.#onWelcome.push(listener)
  }

  /** Calls back once, when the socket is gone. */
  onClosed(listener: () => void): void {
    this.#onClosed.push(listener)
  }

  /** From now on the socket is taken for dead when nothing came for this long. */
  allowSilence(ms: number): void {
    if (ms === this.#silenceMs && this.isWelcome) return
    this.isWelcome = true
    for (const listener of this.#onWelcome.splice(0)) listener()
    this.#silenceMs = ms
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#silent(), ms)
  }

  /** Sends a frame at the end of this turn, together with what else is sent in it. */
  send(frame: string): void {
    if (this.ws.readyState !== this.ws.OPEN) return
    this.#outbox.push(frame)
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    process.nextTick(() => this.#flush())
  }

  /** Sends a frame that many sockets get, when it is this one's turn, or with the next that is sent to it alone. */
  sendInTurn(frame: string): void {
    if (this.ws.readyState !== this.ws.OPEN) return
    this.#outbox.push(frame)
    if (!this.#isFlushDue) this.parts.turns.take(this.#flushInTurn)
  }

  /** Closes with a code of closeCodes and a reason for people; resolves when the socket is gone. */
  close(code: number, reason: string): Promise<void> {
    this.#closing ??= this.#close(code, reason)
    return this.#closing
  }

  /** Drops the connection at once: nobody is there. */
  drop(): void {
    this.ws.terminate()
  }

  async #close(code: number, reason: string): Promise<void> {
    if (this.ws.readyState === this.ws.CLOSED) return
    this.#flush()
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    this.ws.once('close', () => resolve())
    this.ws.close(code, reason)
    const limit = setTimeout(() => this.ws.terminate(), closeLimitMs) // a peer that is gone never answers a close frame
    await gone
    clearTimeout(limit)
  }

  #take(data: Parameters<typeof readRequest>[0], isBinary: boolean): void {
    let id: string | undefined
    try {
      this.#admit()
      const request = readRequest(data, isBinary)
      id = request.id
      const result = this.parts.answer(this, request)
      if (result instanceof Promise) void this.#replyLater(id, result)
      else this.send(okFrame(id, result))
    } catch (error) {
      this.send(errorFrame(id ?? idIn(data, isBinary), error))
    }
  }

  async #replyLater(id: string, result: Promise<unknown>): Promise<void> {
    try {
      this.send(okFrame(id, await result))
    } catch (error) {
      this.send(errorFrame(id, error))
    }
  }

  /** A client that does not read is closed, not buffered for without end. */
  #flush(): void {
    this.#isFlushDue = false
    const frames = this.#outbox
    if (frames.length === 0) return
    this.#outbox = []
    if (this.ws.readyState !== this.ws.OPEN) return
    if (this.ws.bufferedAmount > maxUnsentBytes) {
      void this.close(closeCodes.tooSlow, 'You do not read your messages.')
      return
    }
    // One write for the turn: ws alone would make two of each frame, and they are most of what a reply costs.
    this.wire.cork()
    for (const frame of frames) this.ws.send(frame)
    this.wire.uncork()
  }

  /** A token bucket: so many messages a second, and a burst on top. */
  #admit(): void {
    const nowMs = performance.now()
    const earned = ((nowMs - this.#heardAtMs) / 1_000) * this.parts.limits.messagesPerS
    this.#heardAtMs = nowMs
    this.#allowance = Math.min(burst, this.#allowance + earned) - 1
    if (this.#allowance >= 0) return
    this.#allowance = 0
    if (++this.#refusals > maxRefusals) void this.close(closeCodes.tooMany, 'Too many messages.')
    throw new Refused('tooMany')
  }

  /** Looks when the silence could have lasted long enough, so that a message costs no new timer. */
  #silent(): void {
    const leftMs = this.#heardAtMs + this.#silenceMs - performance.now()
    if (leftMs > 0) {
      this.#silence = setTimeout(() => this.#silent(), leftMs)
      return
    }
    if (this.isWelcome) return this.drop()
    void this.close(closeCodes.unauthenticated, 'No valid first message came in time.')
  }

  #closed(): void {
    clearTimeout(this.#silence)
    for (const listener of this.#onClosed.splice(0)) listener()
  }
}
