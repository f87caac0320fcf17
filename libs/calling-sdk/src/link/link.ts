/**
 * The link between one agent and the api: one session that survives its sockets.
 *
 *   opening ──hello──▶ up ──socket lost──▶ away ──resume──▶ up
 *      │                                    ├─ the session is gone: hello again, with a token asked for anew ──▶ up
 *      └── refused, 10 s ──▶ closed ◀───────┴── refused, 120 s, disposed
 *
 * What was asked and not answered is asked again after a resume; events that were missed follow it in order, or, when
 * they are not there any more, a snapshot of the calls. It knows no DOM but WebSocket, which Node has too.
 */
import {
  closeCodes,
  protocolVersion,
  type RawId,
  rawIdOf,
  type ReplyFrame,
  type RequestBody,
  type RequestResult,
  type SessionId,
  type Verb,
} from '@parley/protocol'
import { CallingError, failed, isError, refused } from '../calling-error.ts'
import { readEvent, readFrame, readResult } from './frames.ts'
import { Heartbeat, type Pace } from './heartbeat.ts'
import type { LinkEnd, LinkListener, LinkOptions } from './link-options.ts'
import { Outstanding } from './outstanding.ts'
import { ServerClock } from './server-clock.ts'
import { Tries } from './tries.ts'
import { Wire } from './wire.ts'

/** What the server said when it opened the session. */
export type Welcome = RequestResult<'hello'>

type State = 'new' | 'opening' | 'up' | 'away' | 'closed'

const handshakeId = 'open'
const pingId = 'ping'

export class Link {
  readonly #options: LinkOptions
  readonly #listener: LinkListener
  readonly #heartbeat: Heartbeat
  readonly #outstanding: Outstanding
  readonly #serverClock: ServerClock
  readonly #tries: Tries
  readonly #opened = Promise.withResolvers<Welcome>()
  #state: State = 'new'
  #session: { id: SessionId; key: string } | undefined
  #user: RawId | undefined
  #wire: Wire | undefined
  /** Counts tries, so that one that was given up finds out. */
  #try = 0
  #seenSeq = 0
  #askedAt = 0
  #heardAt = 0
  #inCall = false
  #pingMs = { idle: 15_000, call: 2_000 }

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options
    this.#listener = listener
    this.#serverClock = new ServerClock(options.clock)
    this.#tries = new Tries(options.clock, options.random ?? Math.random)
    this.#outstanding = new Outstanding(options.clock, options.limits.requestMs)
    this.#heartbeat = new Heartbeat(options.clock, {
      ping: () => this.#ask(pingId, 'ping', { seenSeq: this.#seenSeq }),
      died: () => this.#lose('silent'),
    })
    // Somebody may close the link without having waited for it.
    this.#opened.promise.catch(() => {})
  }

  /** Opens the session. Rejects with the server's refusal or *agentTimedOut*; the link is closed then. */
  open(): Promise<Welcome> {
    if (this.#state === 'new') {
      this.#state = 'opening'
      this.#tries.begin(this.#options.limits.openMs, () => this.#end('connectionIssue', failed('agentTimedOut')))
      void this.#attempt()
    }
    return this.#opened.promise
  }

  get isUp(): boolean {
    return this.#state === 'up'
  }

  /** The session that lives now, for the goodbye of a page that is closed. */
  get session(): { id: SessionId; key: string } | undefined {
    return this.#session
  }

  /** Whose link it is; undefined before the first session. */
  get user(): RawId | undefined {
    return this.#user
  }

  /** Milliseconds since 1970 by the server; undefined before the first session. */
  serverNow(): number | undefined {
    return this.#serverClock.now()
  }

  /** How long nothing has been heard, in milliseconds. */
  silentForMs(): number {
    return this.#options.clock.now() - this.#heardAt
  }

  /**
   * Asks the server, now or when the link is up again. `callOff` takes the request back while it was not sent. Rejects
   * with a CallingError: the refusal, *requestTimedOut*, or *linkClosed* when the link ends first.
   */
  async request<V extends Verb>(verb: V, body: RequestBody<V>, callOff?: AbortSignal): Promise<RequestResult<V>> {
    if (this.#state === 'closed') throw failed('linkClosed')
    return this.#outstanding.ask(verb, body, callOff)
  }

  /** While there are calls, a dead socket is found sooner. */
  setInCall(inCall: boolean): void {
    this.#inCall = inCall
    if (this.isUp) this.#heartbeat.turn(this.#pace())
  }

  /** Something hints that the network changed: tries at once, or gives the socket a moment to prove that it lives. */
  nudge(patienceMs = 1000): void {
    if (this.#state === 'up') this.#heartbeat.probe(patienceMs)
    else if (this.#state === 'away' && this.#wire === undefined) void this.#attempt()
  }

  /** Ends the session and with it its calls. Resolves when the server knows, or cannot be told in a second. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return
    if (this.#state === 'up') {
      const told = this.request('bye', {}).catch((error: unknown) =>
        this.#options.log.debug('link.byeFailed', { error }),
      )
      await Promise.race([told, new Promise<void>((resolve) => this.#options.clock.after(1000, resolve))])
    }
    this.#end('disposed', failed('agentDisposed'))
  }

  async #attempt(): Promise<void> {
    const { limits, log, openSocket = (url: string) => new WebSocket(url) } = this.#options
    const number = ++this.#try
    this.#tries.started(limits.tryMs, () => this.#lose('slow'))
    try {
      // Asked for before the socket opens: the server gives a new socket only seconds to say who it is.
      const token = this.#session === undefined ? await this.#options.token() : ''
      if (number !== this.#try || this.#state === 'closed') return
      const wire = new Wire(this.#options.url, openSocket, {
        opened: () => this.#greet(token),
        frame: (text) => this.#take(text),
        gone: (code) => this.#lose('gone', code),
      })
      this.#wire = wire
    } catch (error) {
      log.warn('link.tryFailed', { error })
      if (number === this.#try) this.#lose('failed')
    }
  }

  #greet(token: string): void {
    const { device, displayName } = this.#options
    if (this.#session !== undefined) {
      const { id: session, key } = this.#session
      this.#ask(handshakeId, 'resume', { session, key, seenSeq: this.#seenSeq, calls: this.#listener.calls() })
      return
    }
    const name = displayName === undefined ? {} : { displayName }
    this.#ask(handshakeId, 'hello', { protocol: protocolVersion, token, device, ...name })
  }

  /** Sends what belongs to this socket alone and is not asked again on the next one. */
  #ask<V extends Verb>(id: string, verb: V, body: RequestBody<V>): void {
    this.#askedAt = this.#options.clock.now()
    this.#wire?.send(JSON.stringify({ id, verb, body }))
  }

  #take(text: unknown): void {
    this.#heardAt = this.#options.clock.now()
    this.#heartbeat.heard()
    const read = readFrame(text)
    if (read === undefined) return this.#options.log.error('link.badFrame')
    try {
      if (read.is === 'event') this.#takeEvent(read.frame)
      else if (read.frame.re === handshakeId) this.#takeWelcome(read.frame)
      else if (read.frame.re === pingId) this.#takePong(read.frame)
      else if (read.frame.re === undefined) this.#options.log.error('link.refusedFrame', { reply: read.frame })
      else this.#outstanding.settle(read.frame)
    } catch (error) {
      this.#options.log.error('link.frameFailed', { error })
    }
  }

  #takeEvent(frame: { seq: number; event: string; body: unknown }): void {
    if (frame.seq <= this.#seenSeq) return
    // An event is missing. The next resume brings it, or a snapshot.
    if (frame.seq > this.#seenSeq + 1) return this.#lose('gap')
    this.#seenSeq = frame.seq
    const event = readEvent(frame)
    if (event === undefined) return this.#options.log.warn('link.unknownEvent', { event: frame.event })
    if (event.event === 'session.ended') this.#lose('ended', closeCodes.sessionGone)
    else this.#listener.event(event)
  }

  #takePong(reply: ReplyFrame): void {
    if ('ok' in reply) this.#serverClock.sample(this.#askedAt, readResult('ping', reply.ok).serverTime)
  }

  #takeWelcome(reply: ReplyFrame): void {
    if ('error' in reply) return this.#takeRefusal(refused(reply.error))
    try {
      if (this.#session === undefined) this.#greeted(readResult('hello', reply.ok))
      else this.#resumed(readResult('resume', reply.ok))
    } catch (error) {
      this.#options.log.error('link.badWelcome', { error })
      this.#end('connectionIssue', error instanceof CallingError ? error : failed('badReply', { cause: error }))
    }
  }

  #greeted(welcome: Welcome): void {
    this.#session = { id: welcome.session, key: welcome.key }
    this.#user = rawIdOf(welcome.user)
    this.#pingMs = { idle: welcome.idlePingMs, call: welcome.callPingMs }
    this.#serverClock.sample(this.#askedAt, welcome.serverTime)
    this.#opened.resolve(welcome)
    this.#rise()
  }

  #resumed(result: RequestResult<'resume'>): void {
    this.#serverClock.sample(this.#askedAt, result.serverTime)
    if (result.snapshot !== undefined) {
      this.#seenSeq = result.snapshot.seq
      this.#listener.snapshot(result.snapshot.calls)
    }
    this.#rise()
  }

  #rise(): void {
    const wire = this.#wire
    if (wire === undefined || this.#state === 'closed') return
    this.#state = 'up'
    this.#tries.succeeded()
    this.#heartbeat.start(this.#pace())
    this.#outstanding.flow((frame) => wire.send(frame))
    this.#listener.up()
  }

  #takeRefusal(refusal: CallingError): void {
    if (isError(refusal, 'sessionGone')) return this.#lose('gone', closeCodes.sessionGone)
    // The server cannot now, but may in a moment.
    if (isError(refusal, 'unavailable', 'tooMany', 'internal')) return this.#lose('refused')
    this.#end('invalidToken', refusal)
  }

  /** The socket, or the try to get one, came to nothing. */
  #lose(why: string, code?: number): void {
    if (this.#state === 'new' || this.#state === 'closed') return
    this.#try++
    this.#wire?.drop()
    this.#wire = undefined
    this.#heartbeat.stop()
    this.#outstanding.halt()
    this.#options.log.info('link.lost', { why, code })
    if (this.#state === 'up') this.#fall()
    if (code === closeCodes.takenOver) return this.#end('connectionIssue', failed('linkClosed'))
    const isSessionGone = code === closeCodes.sessionGone || code === closeCodes.unauthenticated
    if (isSessionGone) this.#forgetSession()
    // Nothing that the server does on purpose is answered in the same moment.
    const least = code === closeCodes.tooMany ? 2 : isSessionGone ? 1 : 0
    this.#tries.again(() => void this.#attempt(), least)
  }

  #fall(): void {
    this.#state = 'away'
    this.#tries.begin(this.#options.limits.reconnectMs, () => this.#end('connectionIssue', failed('linkClosed')))
    this.#listener.away()
  }

  /** The server knows this session no more: its calls are over, and only a token opens another one. */
  #forgetSession(): void {
    if (this.#session === undefined) return
    this.#session = undefined
    this.#seenSeq = 0
    this.#outstanding.fail(failed('linkClosed'))
    this.#listener.snapshot([])
  }

  #end(end: LinkEnd, error: CallingError): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#session = undefined
    this.#tries.stop()
    this.#heartbeat.stop()
    this.#wire?.drop()
    this.#wire = undefined
    this.#opened.reject(error)
    this.#outstanding.fail(error)
    this.#options.log.info('link.closed', { end })
    this.#listener.closed(end)
  }

  #pace(): Pace {
    const { idlePatienceMs, callPatienceMs } = this.#options.limits
    const [pingMs, patienceMs] = this.#inCall
      ? [this.#pingMs.call, callPatienceMs]
      : [this.#pingMs.idle, idlePatienceMs]
    return { pingMs, deadMs: pingMs + patienceMs }
  }
}
