/** A UDP port that counts what comes to it, and may speak RTP itself. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { until } from '../until.ts'

const packetMs = 20
const samples = 160
/** PCMU's silence. */
const silence = Buffer.alloc(samples, 0xff)

export class UdpWitness {
  readonly address: string
  readonly port: number
  /** How many datagrams have come. */
  heard = 0
  readonly #socket: Socket
  #timer: ReturnType<typeof setInterval> | undefined
  #spoken = 0

  /** @param port default: one that is free */
  static async bind(address: string, port = 0): Promise<UdpWitness> {
    const socket = createSocket('udp4').bind(port, address)
    await once(socket, 'listening')
    return new UdpWitness(socket, address)
  }

  private constructor(socket: Socket, address: string) {
    this.#socket = socket
    this.address = address
    this.port = socket.address().port
    socket.on('message', () => (this.heard += 1))
  }

  /** How many packets of RTP it has sent. */
  get spoken(): number {
    return this.#spoken
  }

  /** Speaks to a port on 127.0.0.1, fifty packets a second, until it goes. */
  speaksTo(port: number): void {
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#speak(port), packetMs)
  }

  /** Waits until so many more datagrams have come. */
  async hears(more: number): Promise<void> {
    const wanted = this.heard + more
    await until(`${more} datagrams at ${this.address}:${this.port}`, () =>
      this.heard >= wanted ? { found: true } : { sawOnly: `${this.heard - wanted + more}` },
    )
  }

  async goes(): Promise<void> {
    clearInterval(this.#timer)
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #speak(port: number): void {
    const header = Buffer.alloc(12)
    header.writeUInt8(0x80, 0)
    header.writeUInt16BE(this.#spoken & 0xffff, 2)
    header.writeUInt32BE(this.#spoken * samples, 4)
    header.writeUInt32BE(this.port, 8)
    this.#spoken += 1
    this.#socket.send(Buffer.concat([header, silence]), port, '127.0.0.1')
  }
}
