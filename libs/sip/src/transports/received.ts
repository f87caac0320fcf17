/** RFC 3261 section 18.2.1 and RFC 3581 section 4: who hears a request writes into it where it came from. */
import type { Headers } from '../messages/headers.ts'
import { Via } from '../messages/kinds/routing.ts'
import type { SocketPlace } from './flow.ts'

/** Puts `received`, and `rport` where it was asked for, into the topmost Via. */
export function stampVia(headers: Headers, from: SocketPlace): void {
  const [top, ...others] = headers.all(Via)
  if (top === undefined) return
  const wantsPort = top.parameters.has('rport')
  if (!wantsPort && bare(top.host) === from.address) return
  const parameters = new Map(top.parameters).set('received', from.address)
  if (wantsPort) parameters.set('rport', String(from.port))
  headers.setAll(Via, [{ ...top, parameters }, ...others])
}

/** An address as sockets write it: without the brackets that it has in a URI. */
export function bare(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

/** An address as URIs and Via write it. */
export function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
