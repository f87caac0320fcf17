/** An api on a real socket, whose every word a test decides. */
import { once } from 'node:events'
import { closeCodes, type EventBody, type EventName, type FailureName, failures } from '@parley/protocol'
import { type WebSocket, WebSocketServer } from 'ws'
import { Inbox } from './inbox.ts'
import { user } from './tokens.ts'

type Asked = { id: string; verb: string; body: Record<string, unknown> }

export class ApiStandIn {
  readonly #server: WebSocketServer
  readonly #sockets = new Inbox<ApiSocket>('a socket')

  static async open(): Promise<ApiStandIn> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    return new ApiStandIn(server)
  }

  private constructor(server: WebSocketServer) {
    this.#server = server
    server.on('connection', (socket) => this.#sockets.put(new ApiSocket(socket)))
  }

  get url(): string {
    const address = this.#server.address()
    if (typeof address !== 'object' || address === null) throw new Error('The stand-in does not listen.')
    return `ws://127.0.0.1:${address.port}`
  }

  /** The next socket that a client opens. */
  socket(): Promise<ApiSocket> {
    return this.#sockets.next()
  }

  async close(): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** The api's end of one socket. */
export class ApiSocket {
  readonly #socket: WebSocket
  readonly #asked = new Inbox<Asked>('a request')
  readonly gone: Promise<unknown>
  /** Answers pings by itself, and says nothing of them. */
  answersPings = false

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.gone = once(socket, 'close')
    socket.on('message', (data: Buffer) => this.#take(JSON.parse(data.toString()) as Asked))
  }

  #take(asked: Asked): void {
    if (this.answersPings && asked.verb === 'ping') this.answers(asked, { serverTime: 0 })
    else this.#asked.put(asked)
  }

  /** The next request; fails when it is of another verb. */
  async hears(verb: string): Promise<Asked> {
    const asked = await this.#asked.next()
    if (asked.verb !== verb) throw new Error(`Waited for ${verb}, and heard ${asked.verb}.`)
    return asked
  }

  get unheard(): string[] {
    return this.#asked.rest.map(({ verb }) => verb)
  }

  answers({ id }: { id: string }, ok: unknown = {}): void {
    this.says({ re: id, ok })
  }

  refuses({ id }: { id: string }, name: FailureName): void {
    const { code, subCode, says } = failures[name]
    this.says({ re: id, error: { name, code, subCode, message: says } })
  }

  tells<E extends EventName>(seq: number, event: E, body: EventBody<E>): void {
    this.says({ seq, event, body })
  }

  /** Hears a hello and lets the client in. */
  async welcomes(): Promise<Asked> {
    const hello = await this.hears('hello')
    this.answers(hello, welcome)
    return hello
  }

  /** Hears a resume and goes on. */
  async resumes(snapshot?: { seq: number; calls: unknown[] }): Promise<Asked> {
    const resume = await this.hears('resume')
    this.answers(resume, { serverTime: 0, ...(snapshot === undefined ? {} : { snapshot }) })
    return resume
  }

  says(frame: unknown): void {
    this.#socket.send(JSON.stringify(frame))
  }

  cuts(): void {
    this.#socket.terminate()
  }

  closes(code: keyof typeof closeCodes): void {
    this.#socket.close(closeCodes[code])
  }
}

export const welcome = {
  session: 'ses_11111111',
  key: 'key',
  user,
  serverTime: 1_800_000_000_000,
  rtpCapabilities: {},
  idlePingMs: 15_000,
  callPingMs: 2_000,
}
