/**
 * The far end of a socket, as cheap as it can be, because it shares the machine with what is measured: frames are not
 * read, only told apart by how they begin. One request is under way at a time, as in a client that waits for replies.
 */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { soonMs, within } from '../support/until.ts'

const eventBegins = Buffer.from('{"seq"')
const refusal = Buffer.from('"error":{')
/** The id of requests whose reply nobody waits for. */
export const unheard = 'unheard'
const unheardBegins = Buffer.from(`{"re":"${unheard}"`)

export class Peer {
  /** How many events came: the server counts them from 1, so this is the number of the last one. */
  eventCount = 0
  /** Told of each event. */
  onEvent: (frame: Buffer) => void = () => {}
  readonly #socket: WebSocket
  #waiting: { resolve: (reply: Buffer) => void; reject: (why: Error) => void } | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (frame) => this.#take(frame as Buffer)) // ws gives a Buffer unless told otherwise
    socket.on('close', (code, reason) => this.#fail(`The socket was closed: ${code} ${reason.toString()}`))
  }

  /** Calls back once, when the socket is gone. */
  onClosed(listener: () => void): void {
    this.#socket.once('close', listener)
  }

  static async open(url: string): Promise<Peer> {
    const socket = new WebSocket(url)
    await within(soonMs, `socket at ${url}`, once(socket, 'open'))
    return new Peer(socket)
  }

  /** Sends a request and gives the frame of its reply. @throws when it was refused */
  ask(frame: string): Promise<Buffer> {
    if (this.#waiting !== undefined) throw new Error('A request is under way already.')
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.send(frame)
    })
  }

  /** Sends a request with the id `unheard`. */
  tell(frame: string): void {
    this.#socket.send(frame)
  }

  /** Waits for the next event of a name. */
  event(name: string): Promise<Buffer> {
    const mark = `"event":"${name}"`
    const came = new Promise<Buffer>((resolve) => {
      this.onEvent = (frame) => {
        if (frame.includes(mark)) resolve(frame)
      }
    })
    return within(soonMs, `event ${name}`, came)
  }

  /** Sends a request after which the server closes the socket. */
  async sayLast(frame: string): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.send(frame)
    await within(soonMs, 'end of a socket', closed)
  }

  /** Breaks the connection without a word. */
  vanish(): void {
    this.#socket.terminate()
  }

  async close(): Promise<void> {
    this.#waiting = undefined
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await within(soonMs, 'end of a socket', closed)
  }

  #take(frame: Buffer): void {
    if (frame.subarray(0, eventBegins.length).equals(eventBegins)) {
      this.eventCount += 1
      return this.onEvent(frame)
    }
    if (frame.subarray(0, unheardBegins.length).equals(unheardBegins)) return
    if (frame.includes(refusal)) return this.#fail(frame.toString())
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(frame)
  }

  #fail(why: string): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(new Error(why))
  }
}
