/** As whom others see us: what is advertised, else the address that we have towards them. */
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { TransportName } from '../servers/server.ts'
import type { SocketPlace } from './flow.ts'
import { bracketed } from './received.ts'
import type { SentBy } from './transports.ts'

/** Where to listen. */
export type Listening = {
  transport: TransportName
  /** `0.0.0.0` and `::` are all addresses of the machine. */
  address: string
  /** 0 takes any free one. */
  port: number
  /** What Via and Contact say instead, where others reach us by another name or through a NAT. */
  advertised?: { host: string; port?: number }
}

export function isAnyAddress(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** A place as Via and Contact name it. */
export function sentByOf(local: SocketPlace, advertised?: Listening['advertised']): SentBy {
  if (advertised === undefined) return { host: bracketed(local.address), port: local.port }
  return { host: bracketed(advertised.host), port: advertised.port ?? local.port }
}

/** How IPv4 is written by a socket that hears both kinds of IP. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}

const mostRoutes = 1000

/** Which of our addresses is used towards another one: the system is asked once for each, without sending anything. */
export class OwnAddresses {
  readonly #known = new Map<string, Promise<string>>()

  /** Rejects where there is no way to the other one: as whom he would see us is nobody's to guess. */
  towards(remote: string): Promise<string> {
    const known = this.#known.get(remote)
    if (known !== undefined) return known
    if (this.#known.size >= mostRoutes) this.#known.clear()
    const asked = ask(remote)
    this.#known.set(remote, asked)
    // There may be a way the next time.
    asked.catch(() => this.#known.delete(remote))
    return asked
  }
}

function ask(remote: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const socket = createSocket(isIPv6(remote) ? 'udp6' : 'udp4')
  socket.once('error', reject)
  // The discard port: connecting a datagram socket sends nothing. What its types do not say: failures are told here too.
  socket.connect(9, remote, (failure?: Error) => {
    if (failure === undefined || failure === null) resolve(socket.address().address)
    else reject(failure)
  })
  return promise.finally(() => socket.close())
}
