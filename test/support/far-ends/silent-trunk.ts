/** A trunk that is half open: datagrams reach it, and nothing ever comes back. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { soonMs, until } from '../until.ts'

export class SilentTrunk {
  readonly port: number
  readonly #socket: Socket
  /** When the first INVITE of each call came, by performance.now(). */
  readonly #invites = new Map<string, number>()

  static async open(): Promise<SilentTrunk> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new SilentTrunk(socket)
  }

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (bytes) => {
      const text = bytes.toString('latin1')
      const callId = /^Call-ID: *(\S+)/im.exec(text)?.[1] ?? ''
      if (text.startsWith('INVITE ') && !this.#invites.has(callId)) this.#invites.set(callId, performance.now())
    })
  }

  /** How many calls have come. */
  get calls(): number {
    return this.#invites.size
  }

  /** Waits for the first call, and says when it came. */
  isCalled(): Promise<number> {
    return until(
      'call at the silent trunk',
      () => {
        const [at] = this.#invites.values()
        return at === undefined ? { sawOnly: 'none' } : { found: at }
      },
      soonMs,
    )
  }

  async goes(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}
