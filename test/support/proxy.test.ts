import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { Proxy } from './proxy.ts'
import { within } from './until.ts'

const ann = 'http://ann.localhost'
const bob = 'http://bob.localhost'

describe('the proxy', () => {
  const server = createServer()
  const echo = new WebSocketServer({ server })
  echo.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  let proxy: Proxy
  let sockets: WebSocket[] = []

  beforeEach(async () => {
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo // it listens on TCP
    proxy = await Proxy.open(() => ({ host: '127.0.0.1', port }))
  })
  afterEach(async () => {
    for (const socket of sockets) socket.terminate()
    sockets = []
    await proxy.close()
    server.close()
  })

  async function connect(origin: string): Promise<WebSocket> {
    const socket = new WebSocket(proxy.url.replace('http', 'ws'), { origin })
    socket.on('error', () => {})
    sockets.push(socket)
    await within(2_000, 'connection', once(socket, 'open'))
    return socket
  }

  async function echoes(socket: WebSocket): Promise<boolean> {
    const back = once(socket, 'message')
    socket.send('hello')
    return within(500, 'echo', back).then(
      () => true,
      () => false,
    )
  }

  it('lets bytes pass, and knows whose they are', async () => {
    const socket = await connect(ann)
    expect(await echoes(socket)).toBe(true)
    expect(proxy.connections(ann)).toMatchObject([{ origin: ann, isOpen: true, swallowedBytes: 0 }])
    expect(proxy.connections(bob)).toEqual([])
  })

  it('destroys the connections of one origin, and turns new ones of it away until told otherwise', async () => {
    const [hers, his] = [await connect(ann), await connect(bob)]
    const closed = once(hers, 'close')
    proxy.destroy(ann)
    expect((await within(1_000, 'end of the connection', closed))[0]).toBe(1006)
    await expect(connect(ann)).rejects.toThrow(/hang up|ECONNRESET|connection/)
    expect(proxy.refused).toBe(1)
    expect(await echoes(his)).toBe(true)
    proxy.pass(ann)
    expect(await echoes(await connect(ann))).toBe(true)
  })

  it('swallows bytes and keeps both ends open', async () => {
    const [hers, his] = [await connect(ann), await connect(bob)]
    proxy.swallow(ann)
    expect(await echoes(hers)).toBe(false)
    expect(hers.readyState).toBe(WebSocket.OPEN)
    expect(await echoes(his)).toBe(true)
    expect(proxy.connections(ann)[0]).toMatchObject({ isOpen: true })
    expect(proxy.connections(ann)[0]?.swallowedBytes).toBeGreaterThan(0)
  })

  it('does not tell one end that the other has gone, while it swallows', async () => {
    const hers = await connect(ann)
    proxy.swallow(ann)
    hers.terminate()
    const [still] = echo.clients
    expect(still?.readyState).toBe(WebSocket.OPEN)
    if (still === undefined) throw new Error('The server lost its end.')
    const closed = once(still, 'close')
    proxy.pass(ann)
    await within(1_000, 'end of the connection', closed)
  })

  it('fails with a sentence when it has nothing to cut', () => {
    expect(() => proxy.destroy(bob)).toThrow('No connection from http://bob.localhost goes through the proxy')
  })
})
