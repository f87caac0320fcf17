/** Ports for a platform of its own, beside whatever else runs on the machine. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that Linux gives to outgoing connections, so that nothing takes one between the look and the use. */
const lowest = 20_000
const highest = 31_000

const given = new Set<number>()

/** Finds so many ports in a row that are free for TCP and UDP on loopback. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 200; tries += 1) {
    const first = lowest + Math.floor(Math.random() * (highest - lowest - count))
    const row = Array.from({ length: count }, (_, index) => first + index)
    if (row.some((port) => given.has(port))) continue
    // Before the look, which takes its time: others look for theirs meanwhile.
    for (const port of row) given.add(port)
    const free = await Promise.all(row.map(isFree))
    if (!free.includes(false)) return first
  }
  throw new Error(`No ${count} free ports in a row were found between ${lowest} and ${highest}.`)
}

async function isFree(port: number): Promise<boolean> {
  return (await isFreeForTcp(port)) && (await isFreeForUdp(port))
}

async function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false // taken: that is the answer
  }
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4').bind(port, '127.0.0.1')
  try {
    await once(socket, 'listening')
    socket.close()
    await once(socket, 'close')
    return true
  } catch {
    return false // taken: that is the answer
  }
}
