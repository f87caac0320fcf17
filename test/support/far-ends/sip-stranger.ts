/** Somebody who sends whatever he likes to where SIP is heard, over UDP, from a loopback address of his own. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { Journal } from '../journal.ts'

export class SipStranger {
  readonly port: number
  /** What has come back, as it came. */
  readonly answers: Journal<string>
  readonly #socket: Socket
  readonly #address: string
  readonly #to: () => number
  #sent = 0

  /** `to` is the port that he sends to on 127.0.0.1. */
  static async come(address: string, to: () => number): Promise<SipStranger> {
    const socket = createSocket('udp4').bind(0, address)
    await once(socket, 'listening')
    return new SipStranger(socket, address, to)
  }

  private constructor(socket: Socket, address: string, to: () => number) {
    this.#socket = socket
    this.#address = address
    this.#to = to
    this.port = socket.address().port
    this.answers = new Journal(address, (text) => text.split('\r\n', 1)[0] ?? '')
    socket.on('message', (bytes) => this.answers.add(bytes.toString('latin1')))
  }

  sends(datagram: string | Buffer): void {
    this.#socket.send(datagram, this.#to(), '127.0.0.1')
  }

  /** Sends a request that is written as it should be; headers may be told, or told otherwise. Returns its branch. */
  asks(method: string, uri: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
    const branch = `z9hG4bK${this.port}-${(this.#sent += 1)}`
    const usual = {
      Via: `SIP/2.0/UDP ${this.#address}:${this.port};rport;branch=${branch}`,
      From: `<sip:mallory@${this.#address}>;tag=${branch}`,
      To: `<${uri}>`,
      'Call-ID': branch,
      CSeq: `1 ${method}`,
      Contact: `<sip:mallory@${this.#address}:${this.port}>`,
      'Max-Forwards': '70',
      'Content-Length': String(Buffer.byteLength(body)),
      ...headers,
    }
    const lines = Object.entries(usual).map(([name, value]) => `${name}: ${value}`)
    this.sends(`${method} ${uri} SIP/2.0\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
    return branch
  }

  /** Sends a request within the dialog that an answer to his INVITE has opened: the ACK of it, or what comes later. */
  follows(answer: string, method: string, sequence: number): void {
    const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(answer)?.[1] ?? ''
    const uri = /<([^>]*)>/.exec(header('Contact'))?.[1] ?? ''
    const kept = Object.fromEntries(['From', 'To', 'Call-ID'].map((name) => [name, header(name)]))
    this.asks(method, uri, { ...kept, CSeq: `${sequence} ${method}` })
  }

  /** Waits for the answer to a request, which is not provisional. */
  async isAnswered(branch: string): Promise<{ status: number; text: string }> {
    const text = await this.answers.find(
      `answer to ${branch}`,
      (one) => one.includes(branch) && !one.startsWith('SIP/2.0 1'),
    )
    return { status: Number(text.slice(8, 11)), text }
  }

  async goes(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}
