/**
 * An agent without an SDK: speaks the socket's protocol as it stands in libs/protocol, and also speaks it wrongly.
 * It has no media, so its calls get as far as Connecting.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { WebSocket } from 'ws'
import {
  protocolVersion,
  socketPath,
  type AgentEvent,
  type CallId,
  type EventBody,
  type EventName,
  type Place,
  type Refusal,
  type RequestBody,
  type RequestResult,
  type Verb,
} from '@parley/protocol'
import { Journal } from './journal.ts'
import { soonMs, within } from './until.ts'

/** What came back for a request that was refused. */
class RefusedByServer extends Error {
  readonly refusal: Refusal

  constructor(verb: string, refusal: Refusal) {
    super(`${verb} was refused with ${refusal.name}: ${refusal.message}`)
    this.name = 'RefusedByServer'
    this.refusal = refusal
  }
}

type Reply = { re?: string; ok?: unknown; error?: Refusal }
type Heard = AgentEvent & { seq: number }
type Closed = { code: number; reason: string }

export class RawClient {
  readonly name: string
  /** Events, in the order in which they came. */
  readonly events: Journal<Heard>
  /** Replies, among them those that answer nothing we know of. */
  readonly replies: Journal<Reply>
  readonly #url: string
  #socket: WebSocket
  #closed: Promise<Closed>
  #requests = 0
  seenSeq = 0
  session: RequestResult<'hello'> | undefined

  private constructor(name: string, url: string) {
    this.name = name
    this.#url = url
    this.events = new Journal(name, ({ event }) => event)
    this.replies = new Journal(name, ({ re = 'nothing', error }) => `${re} ${error?.name ?? 'ok'}`)
    ;[this.#socket, this.#closed] = this.#open()
  }

  /** Opens a socket and says nothing yet. `url` is the platform's, http or https. */
  static async connect(name: string, url: string): Promise<RawClient> {
    const client = new RawClient(name, url)
    await client.#isOpen()
    return client
  }

  /** Opens a socket and a session. */
  static async hello(
    name: string,
    url: string,
    token: string,
    more: { displayName?: string } = {},
  ): Promise<RawClient> {
    const client = await RawClient.connect(name, url)
    client.session = await client.ask('hello', { protocol: protocolVersion, token, device: randomUUID(), ...more })
    return client
  }

  /** Opens a new socket, beside or after the old one, and takes the session over onto it; `calls` are those it names. */
  async resume(calls: CallId[] = []): Promise<RequestResult<'resume'>> {
    const { session, key } = this.session ?? fail(`${this.name} has no session to resume.`)
    ;[this.#socket, this.#closed] = this.#open()
    await this.#isOpen()
    return this.ask('resume', { session, key, seenSeq: this.seenSeq, calls })
  }

  /** Sends a request and waits for its reply. @throws {RefusedByServer} */
  async ask<V extends Verb>(verb: V, body: RequestBody<V>, id = this.nextId()): Promise<RequestResult<V>> {
    const reply = await this.askAnything({ id, verb, body })
    if (reply.error !== undefined) throw new RefusedByServer(verb, reply.error)
    return reply.ok as RequestResult<V> // the platform's promise, which its own tests keep
  }

  /** Sends a frame that need not be a request, and waits for the reply that names its id. */
  async askAnything(frame: { id: string } & Record<string, unknown>): Promise<Reply> {
    const known = this.replies.notes.length
    this.send(JSON.stringify(frame))
    const { id } = frame
    return this.replies.when(`reply to ${String(frame.verb)}`, () =>
      this.replies.notes.slice(known).find(({ re }) => re === id),
    )
  }

  nextId(): string {
    this.#requests += 1
    return `${this.name}-${this.#requests}`
  }

  send(data: string | Buffer): void {
    this.#socket.send(data)
  }

  /** Waits for an event about a call, past or to come. */
  async hears<E extends EventName>(
    event: E,
    matches: (body: EventBody<E>) => boolean = () => true,
    limitMs = soonMs,
  ): Promise<EventBody<E>> {
    const isIt = (heard: Heard) => heard.event === event && matches(heard.body as EventBody<E>)
    const { body } = await this.events.find(event, isIt, limitMs)
    return body as EventBody<E> // the event's name says which body it has
  }

  /** Places a call to someone. The media part names what the routers can, as a browser that can all of it would. */
  startCall(to: string, callId = randomUUID() as CallId): Promise<RequestResult<'call.start'>> {
    const join = { generation: 1, rtpCapabilities: this.session?.rtpCapabilities ?? {} }
    return this.ask('call.start', { callId, to: [to as RequestBody<'call.start'>['to'][0]], isMuted: false, join })
  }

  /** Comes to where people meet. */
  joinPlace(place: Place, callId = randomUUID() as CallId): Promise<RequestResult<'call.join'>> {
    const join = { generation: 1, rtpCapabilities: this.session?.rtpCapabilities ?? {} }
    return this.ask('call.join', { callId, place, isMuted: false, join })
  }

  /** Stops reading from the network, as a page that hangs does. */
  stopReading(): void {
    this.#socket.pause()
  }

  /** Waits until the server has closed the socket. */
  closed(limitMs = soonMs): Promise<Closed> {
    return within(limitMs, `end of ${this.name}'s socket`, this.#closed)
  }

  get isConnected(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  /** Breaks the connection without a word. */
  vanish(): void {
    this.#socket.terminate()
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    this.#socket.close()
    await this.closed()
  }

  #open(): [WebSocket, Promise<Closed>] {
    const socket = new WebSocket(this.#url.replace(/^http/, 'ws').replace(/\/$/, '') + socketPath)
    socket.on('error', () => {}) // `close` follows, with what there is to say
    socket.on('message', (data) => this.#take(data.toString()))
    const closed = new Promise<Closed>((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    )
    return [socket, closed]
  }

  async #isOpen(): Promise<void> {
    if (this.#socket.readyState === WebSocket.OPEN) return
    const opened = once(this.#socket, 'open')
    const refused = this.#closed.then(() => fail(`${this.#url} took no socket.`))
    await within(soonMs, `socket at ${this.#url}`, Promise.race([opened, refused]))
  }

  #take(text: string): void {
    const frame = JSON.parse(text) as Reply | Heard // what the server sends is JSON of one of the two forms
    if ('seq' in frame) {
      this.seenSeq = frame.seq
      this.events.add(frame)
    } else this.replies.add(frame)
  }
}

function fail(sentence: string): never {
  throw new Error(sentence)
}
