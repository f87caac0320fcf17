/**
 * One WebSocket of an agent: reads requests, writes replies and events, and closes when its peer is silent, floods, or
 * does not read. What the requests mean is not known here.
 */
import { closeCodes, Refused } from '@parley/protocol'
import type { WebSocket } from 'ws'
import { errorFrame, idIn, okFrame, readRequest, type Request } from './frames.ts'

/** Unsent bytes above which a client is taken for one that does not read. */
const maxUnsentBytes = 256 * 1024
/** Messages that may come at once, above the steady rate. */
const burst = 200
/** How many refusals for flooding are answered before the socket is closed. */
const maxRefusals = 100
/** How long a peer may take to answer a close frame. */
const closeLimitMs = 1_000

export type SocketLimits = { messagesPerS: number; helloMs: number }

/** Answers a request; what it throws becomes the error of the one reply. */
export type Answer = (socket: AgentSocket, request: Request) => Promise<unknown>

export class AgentSocket {
  /** Set once a *hello* or *resume* was accepted. */
  isWelcome = false
  #allowance = burst
  #allowedAtMs = performance.now()
  #refusals = 0
  #closing: Promise<void> | undefined
  #silence: NodeJS.Timeout
  #silenceMs: number
  readonly #onClosed: (() => void)[] = []

  constructor(
    private readonly ws: WebSocket,
    private readonly limits: SocketLimits,
    private readonly answer: Answer,
  ) {
    this.#silenceMs = limits.helloMs
    this.#silence = setTimeout(() => this.#silent(), this.#silenceMs)
    ws.on('message', (data, isBinary) => void this.#take(data, isBinary))
    ws.on('error', () => ws.terminate()) // a frame above the limit, a bad frame: ws has sent the close code
    ws.on('close', () => this.#closed())
  }

  /** Calls back once, when the socket is gone. */
  onClosed(listener: () => void): void {
    this.#onClosed.push(listener)
  }

  /** From now on the socket is taken for dead when nothing came for this long. */
  allowSilence(ms: number): void {
    if (ms === this.#silenceMs && this.isWelcome) return
    this.isWelcome = true
    this.#silenceMs = ms
    this.#silence.refresh()
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => this.#silent(), ms)
  }

  /** Sends a frame. A client that does not read is closed, not buffered for without end. */
  send(frame: string): void {
    if (this.ws.readyState !== this.ws.OPEN) return
    if (this.ws.bufferedAmount > maxUnsentBytes)
      return void this.close(closeCodes.tooSlow, 'You do not read your messages.')
    this.ws.send(frame)
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
    const { promise: gone, resolve } = Promise.withResolvers<void>()
    this.ws.once('close', () => resolve())
    this.ws.close(code, reason)
    const limit = setTimeout(() => this.ws.terminate(), closeLimitMs) // a peer that is gone never answers a close frame
    await gone
    clearTimeout(limit)
  }

  async #take(data: Parameters<typeof readRequest>[0], isBinary: boolean): Promise<void> {
    this.#silence.refresh()
    let id: string | undefined
    try {
      this.#admit()
      const request = readRequest(data, isBinary)
      id = request.id
      this.send(okFrame(id, await this.answer(this, request)))
    } catch (error) {
      this.send(errorFrame(id ?? idIn(data, isBinary), error))
    }
  }

  /** A token bucket: so many messages a second, and a burst on top. */
  #admit(): void {
    const nowMs = performance.now()
    const earned = ((nowMs - this.#allowedAtMs) / 1_000) * this.limits.messagesPerS
    this.#allowedAtMs = nowMs
    this.#allowance = Math.min(burst, this.#allowance + earned) - 1
    if (this.#allowance >= 0) return
    this.#allowance = 0
    if (++this.#refusals > maxRefusals) void this.close(closeCodes.tooMany, 'Too many messages.')
    throw new Refused('tooMany')
  }

  #silent(): void {
    if (this.isWelcome) return this.drop()
    void this.close(closeCodes.unauthenticated, 'No valid first message came in time.')
  }

  #closed(): void {
    clearTimeout(this.#silence)
    for (const listener of this.#onClosed.splice(0)) listener()
  }
}
