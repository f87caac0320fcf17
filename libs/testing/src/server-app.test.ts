import { afterEach, expect, it } from '@jest/globals'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { ServerApp } from './server-app.ts'

const id = '8:acs:00000000-0000-4000-8000-000000000001_00000000-0000-4000-8000-000000000002'
const key = Buffer.from('a key of no platform')
let server: Server | undefined

afterEach(() => {
  server?.close()
})

/** A server app, and what its server is asked; the server answers everything in the same way. */
async function serverApp(status: number, answer: object) {
  const asked: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = []
  const listening = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { url, headers } = request
      asked.push({ url, headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  server = listening
  await once(listening, 'listening')
  const address = listening.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { app: new ServerApp(`endpoint=http://127.0.0.1:${port}/;accesskey=${key.toString('base64')}`), asked }
}

it('asks for a user whose token allows plain media, and signs what it asks', async () => {
  const { app, asked } = await serverApp(201, { identity: { id }, accessToken: { token: 'a.b.c', expiresOn: '' } })
  expect(await app.createUser()).toEqual({ id, token: 'a.b.c' })
  const [{ url, headers, body } = { url: '', headers: {} as IncomingHttpHeaders, body: '' }] = asked
  expect(JSON.parse(body)).toEqual({ createTokenWithScopes: ['voip'], parley: { plainMedia: true } })
  const hash = createHash('sha256').update(body).digest('base64')
  const signed = `POST\n${url}\n${headers['x-ms-date']?.toString()};${headers.host};${hash}`
  const signature = createHmac('sha256', key).update(signed).digest('base64')
  expect(headers['x-ms-content-sha256']).toBe(hash)
  expect(headers.authorization).toBe(
    `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
  )
})

it('says what a request was refused with', async () => {
  const { app } = await serverApp(401, { error: { code: 'Denied' } })
  await expect(app.createUser()).rejects.toThrow('was answered with 401: {"error":{"code":"Denied"}}')
})

it.each(['', 'endpoint=http://localhost:1', 'accesskey=abc', 'endpoint=nowhere;accesskey=abc'])(
  'takes no "%s" for a connection string',
  (text) => expect(() => new ServerApp(text)).toThrow('as the platform prints it'),
)
