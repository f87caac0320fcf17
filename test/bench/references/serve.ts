/** What every reference does beside its own work: says where it is, and ends with whoever started it. */
import type { AddressInfo } from 'node:net'
import type { WebSocket, WebSocketServer } from 'ws'

type Listening = { address(): AddressInfo | string | null }

/** Tells the benchmark the port of a server that listens. */
export function announce(server: Listening): void {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('This server has no port.')
  process.stdout.write(`${address.port}\n`)
  // The benchmark holds the other end of stdin: however it ends, so do we.
  process.stdin.on('end', () => process.exit()).resume()
}

/** A setting that the benchmark gives. */
export function given(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`The benchmark gave no ${name}.`)
  return value
}

/** A request as it stands on Parley's socket. */
export type Asked = { id: string; verb: string; body: Record<string, unknown> }

/** Calls back for each request; nothing is checked. */
export function onAsked(server: WebSocketServer, carryOut: (asked: Asked, ws: WebSocket) => Promise<void>): void {
  server.on('connection', (ws) => {
    ws.on('message', (data) => {
      const asked = JSON.parse(data.toString()) as Asked // only the benchmark speaks to us
      carryOut(asked, ws).catch((error: unknown) => {
        console.error(error)
        process.exit(1)
      })
    })
  })
}
