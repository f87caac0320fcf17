import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrames } from './text-frames.ts'

let http: Server
let sockets: WebSocketServer

beforeEach(async () => {
  http = createServer().listen(0, '127.0.0.1')
  sockets = new WebSocketServer({ server: http })
  await once(http, 'listening')
})
afterEach(async () => {
  http.close()
  await once(http, 'close')
})

describe('text frames', () => {
  it('are read by a client as they were written, whatever their length', async () => {
    const lengths = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000]
    const texts = lengths.map((length) => 'x'.repeat(length))
    expect((await read([texts])).map((text) => text.length)).toEqual(lengths)
  })

  it('count bytes and not characters', async () => {
    const texts = ['Grüße', '電話'.repeat(40), '👋'.repeat(20_000)]
    expect(await read([texts])).toEqual(texts)
  })

  it('keep their order over several writes', async () => {
    expect(await read([['1'], ['2', '3'], ['4']])).toEqual(['1', '2', '3', '4'])
  })
})

/** What a client gets of these writes. */
async function read(writes: string[][]): Promise<string[]> {
  sockets.once('connection', (ws, request) => {
    for (const texts of writes) request.socket.write(textFrames(texts))
    ws.close(1000, 'That was all.')
  })
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  const texts: string[] = []
  client.on('message', (data) => texts.push(data.toString()))
  const [code] = await once(client, 'close')
  expect(code).toBe(1000)
  return texts
}
