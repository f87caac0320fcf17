/** UDP sockets that are bound before anybody hears of them, and closed once. */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram'
import { lookup } from 'node:dns'
import { isIP, isIPv6 } from 'node:net'
import { once } from 'node:events'

/** @throws what the system says, `EADDRINUSE` above all */
export async function bound(ip: string, port: number): Promise<Socket> {
  const socket = createSocket({ type: isIPv6(ip) ? 'udp6' : 'udp4', lookup: addressOf })
  // Without a lookup it listens at once.
  const listening = once(socket, 'listening')
  socket.bind(port, ip)
  try {
    await listening
  } catch (error) {
    socket.close()
    throw error
  }
  // A far end that is not there any more: what becomes of the call is not for its packets to say.
  socket.on('error', () => {})
  return socket
}

/** An address is one already: Node would look it up for each packet, and send that a turn later. */
const addressOf: NonNullable<SocketOptions['lookup']> = (host, options, found) => {
  const family = isIP(host)
  if (family === 0) lookup(host, options, found)
  else found(null, host, family)
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()))
}

/** How a socket that hears both families writes the older one (RFC 4291 section 2.5.5.2). */
const mapped = '::ffff:'

/** Where a packet came from, as SDP would write it. */
export function plainAddress(address: string): string {
  return address.startsWith(mapped) ? address.slice(mapped.length) : address
}

/** An address as a socket that is bound to `listenIp` takes it. */
export function addressFor(listenIp: string, address: string): string {
  return isIPv6(listenIp) && !isIPv6(address) ? mapped + address : address
}

/** Whether sound can go to an address: only a socket that hears everybody in IPv6 speaks both families. */
export function reaches(listenIp: string, address: string): boolean {
  return listenIp === '::' || isIPv6(listenIp) === isIPv6(address)
}
