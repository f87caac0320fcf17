/** A DNS server of a test's own: a UDP socket on loopback that knows a few records (RFC 1035, 2782, 3403). */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import type { Naptr, Srv } from '../servers/index.ts'

export type Zone = {
  a?: Record<string, string[]>
  srv?: Record<string, Srv[]>
  naptr?: Record<string, Naptr[]>
}

const types = { a: 1, aaaa: 28, srv: 33, naptr: 35 }
const ttlS = 60

export class NameServer {
  readonly #socket: Socket
  readonly #zone: Zone
  /** What was asked: type and name. */
  readonly asked: string[] = []

  private constructor(socket: Socket, zone: Zone) {
    this.#socket = socket
    this.#zone = zone
    socket.on('message', (query, from) => this.#answer(query, from))
  }

  static async open(zone: Zone): Promise<NameServer> {
    const socket = createSocket('udp4')
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new NameServer(socket, zone)
  }

  /** A resolver that asks nobody else. */
  get resolver(): Resolver {
    const resolver = new Resolver({ timeout: 1000, tries: 1 })
    resolver.setServers([`127.0.0.1:${this.#socket.address().port}`])
    return resolver
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #answer(query: Buffer, { port, address }: RemoteInfo): void {
    const { name, end } = readName(query, 12)
    const type = query.readUInt16BE(end)
    this.asked.push(`${nameOfType(type)} ${name}`)
    const records = this.#recordsOf(type, name.toLowerCase())
    const head = Buffer.alloc(12)
    head.writeUInt16BE(query.readUInt16BE(0), 0)
    head.writeUInt16BE(0x8580, 2)
    head.writeUInt16BE(1, 4)
    head.writeUInt16BE(records.length, 6)
    const answers = records.map((data) => Buffer.concat([fields(0xc00c, type, 1, 0, ttlS, data.length), data]))
    this.#socket.send(Buffer.concat([head, query.subarray(12, end + 4), ...answers]), port, address)
  }

  #recordsOf(type: number, name: string): Buffer[] {
    if (type === types.a)
      return (this.#zone.a?.[name] ?? []).map((address) => Buffer.from(address.split('.').map(Number)))
    if (type === types.srv) return (this.#zone.srv?.[name] ?? []).map(srvData)
    return type === types.naptr ? (this.#zone.naptr?.[name] ?? []).map(naptrData) : []
  }
}

function nameOfType(type: number): string {
  return Object.entries(types).find(([, number]) => number === type)?.[0] ?? String(type)
}

function srvData({ priority, weight, port, name }: Srv): Buffer {
  return Buffer.concat([fields(priority, weight, port), nameBytes(name)])
}

function naptrData({ order, preference, flags, service, replacement }: Naptr): Buffer {
  return Buffer.concat([fields(order, preference), text(flags), text(service), text(''), nameBytes(replacement)])
}

function fields(...values: number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 0xff]))
}

function text(value: string): Buffer {
  return Buffer.concat([Buffer.of(value.length), Buffer.from(value)])
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '')
  return Buffer.concat([...labels.map(text), Buffer.of(0)])
}

function readName(bytes: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = []
  let at = start
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), end: at + 1 }
}
