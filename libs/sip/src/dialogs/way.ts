/**
 * By which way requests inside of a dialog go. RFC 3261 section 12.2.1.1 sends them to the other side's Contact; where
 * that cannot work they go back to where he was heard (RFC 3581, RFC 5626, RFC 7118 in their spirit).
 */
import { isIP } from 'node:net'
import type { SipUri } from '../grammar/index.ts'
import type { Destination } from '../transactions/index.ts'
import type { Flow } from '../transports/index.ts'
import type { Dialog } from './dialog.ts'

/** Undefined: the usual way, by the route set or the target. `flow` is the one on which the other side was heard last. */
export function wayInside(dialog: Dialog, flow: Flow | undefined): Destination | undefined {
  const [firstHop] = dialog.routeSet
  const next = firstHop?.uri ?? dialog.target
  if (flow === undefined || next.kind !== 'sip') return undefined
  // Closed, it is opened again to the same server.
  if (isSecuredPlace(next, flow)) return flow.isOpen || flow.server !== undefined ? { by: 'flow', flow } : undefined
  if (!flow.isOpen || firstHop !== undefined) return undefined
  return isHeardBetterThanNamed(next, flow) ? { by: 'flow', flow } : undefined
}

/**
 * A proxy or a phone that names itself by its address bears that in no certificate: who asked for it by that name would
 * refuse it. We are connected to the very place, and have looked at its certificate by a better name; or it has opened the
 * connection, by whatever port (RFC 5923).
 */
function isSecuredPlace({ host, port }: SipUri, { isSecure, remote, server }: Flow): boolean {
  const isItsAddress = isSecure && host.replace(/^\[|\]$/g, '') === remote.address
  return isItsAddress && (server === undefined || (port ?? 5061) === remote.port)
}

function isHeardBetterThanNamed({ host }: SipUri, flow: Flow): boolean {
  // A connection that he has opened: he may not be able to take one (RFC 7118 section 5, RFC 5626).
  const isHisConnection = flow.transport !== 'udp' && flow.server === undefined
  if (isHisConnection || host.endsWith('.invalid')) return true
  const address = host.replace(/^\[|\]$/g, '')
  // He is behind a NAT and names himself as he sees himself.
  return isIP(address) !== 0 && address !== flow.remote.address && isPrivate(address) && !isPrivate(flow.remote.address)
}

/** RFC 1918, RFC 6598, RFC 3927, RFC 4193 and RFC 4291 section 2.5.6. */
function isPrivate(address: string): boolean {
  if (isIP(address) === 6) return /^(f[cd]|fe[89ab])/i.test(address)
  const [first = 0, second = 0] = address.split('.', 2).map(Number)
  return (
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128)
  )
}
