/** UDP sockets that are bound before anybody hears of them, and closed once. */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { once } from 'node:events'

/** @throws what the system says, `EADDRINUSE` above all */
export async function bound(ip: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(ip) ? 'udp6' : 'udp4')
  socket.bind(port, ip)
  try {
    await once(socket, 'listening')
  } catch (error) {
    socket.close()
    throw error
  }
  // A far end that is not there any more: what becomes of the call is not for its packets to say.
  socket.on('error', () => {})
  return socket
}

export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()))
}
