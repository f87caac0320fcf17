import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { pino } from 'pino'
import { authorityFile, OwnCertificate } from '../../src/tls/certificates.ts'
import { HttpsDoor } from '../../src/tls/https-door.ts'
import { TlsError } from '../../src/tls/tls-error.ts'
import { RestDoors } from './rest-doors.ts'

const dayMs = 86_400_000
const names = ['localhost', '127.0.0.1', '::1']

let dataDir: string
let doors: RestDoors
let door: HttpsDoor
let clockOffMs = 0
let logged = ''

const hasty = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 20 }
const open = (port = 0) =>
  HttpsDoor.open({
    host: '127.0.0.1',
    port,
    certificates: new OwnCertificate(dataDir, names, () => Date.now() + clockOffMs),
    serve: (request, response) => doors.app.getHttpAdapter().getInstance().routing(request, response),
    log: pino({}, { write: (line: string) => void (logged += line) }),
    limits: hasty,
  })

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'parley-https-'))
  clockOffMs = 0
  logged = ''
  doors = await RestDoors.open()
  door = await open()
})
afterEach(async () => {
  await door.close()
  await doors.close()
  await rm(dataDir, { recursive: true })
})

async function connected(): Promise<TLSSocket> {
  const socket = connect({ port: door.port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  return socket
}

/** A server app of its own process, with Microsoft's client exactly as Microsoft documents it. */
async function serverApp(env: Record<string, string>): Promise<unknown> {
  const script = `
    import { CommunicationIdentityClient } from '@azure/communication-identity'
    const client = new CommunicationIdentityClient(process.env.CONNECTION_STRING, { retryOptions: { maxRetries: 0 } })
    const told = await client.createUserAndToken(['voip']).then(({ user }) => user, ({ code, name }) => ({ code, name }))
    console.log(JSON.stringify(told))`
  const endpoint = `endpoint=https://localhost:${door.port}/;accesskey=${doors.accessKey.toString('base64')}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], CONNECTION_STRING: endpoint, ...env },
    timeout: 20_000,
  })
  return JSON.parse(stdout)
}

describe('the https door', () => {
  it("serves Microsoft's own client, unchanged, which trusts ca.pem through NODE_EXTRA_CA_CERTS", async () => {
    const user = await serverApp({ NODE_EXTRA_CA_CERTS: authorityFile(dataDir) })
    expect(user).toEqual({ communicationUserId: expect.stringContaining(`8:acs:${doors.resourceId}_`) })
  }, 30_000)

  it('is trusted by nobody who was not told to', async () => {
    expect(await serverApp({})).toMatchObject({ code: expect.stringMatching(/CERT|SIGNATURE|ISSUER/) })
  }, 30_000)

  it('hands requests to the router of the http door', async () => {
    const socket = connect({
      port: door.port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: await readFile(authorityFile(dataDir)),
    })
    socket.write('GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    expect(answer).toContain('"code":"NotFound"')
  })

  it('hands upgrades to whoever listens to them', async () => {
    door.server.on('upgrade', (request, socket) => socket.end(`HTTP/1.1 101 Switching Protocols\r\n\r\n${request.url}`))
    const socket = await connected()
    socket.write('GET /agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    expect(await text(socket)).toMatch(/101 Switching Protocols\r\n\r\n\/agent$/)
  })

  it('closes what says nothing, before and after the handshake', async () => {
    const [silent, slow] = [await connected(), await connected()]
    slow.write('GET /health HTTP/1.1\r\nX-Slow: ')
    expect(await text(silent)).toMatch(/^HTTP\/1\.1 408 /)
    expect(await text(slow)).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('shows a renewed certificate without being opened anew', async () => {
    const fingerprintShown = async () => {
      const socket = await connected()
      const { fingerprint256 } = socket.getPeerCertificate()
      socket.destroy()
      return fingerprint256
    }
    const first = await fingerprintShown()
    await door.renew()
    expect(await fingerprintShown()).toBe(first)
    clockOffMs = 365 * dayMs
    await door.renew()
    expect(await fingerprintShown()).not.toBe(first)
  })

  it('keeps its certificate when there is no other, and says so in the log', async () => {
    await rm(dataDir, { recursive: true })
    await door.renew()
    expect(logged).toContain('certificate.renew_failed')
    const socket = await connected()
    expect(socket.getPeerCertificate().subject.CN).toBe('Parley')
    socket.destroy()
    dataDir = await mkdtemp(join(tmpdir(), 'parley-https-'))
  })

  it('closes with everything that came through it, once', async () => {
    door.server.on('upgrade', (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
    const socket = await connected()
    socket.write('GET /agent HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await once(socket, 'data')
    const ended = once(socket, 'close')
    socket.on('error', () => undefined) // a reset is an end, too
    await Promise.all([door.close(), door.close(), ended])
    await expect(connected()).rejects.toThrow('ECONNREFUSED')
  })

  it('says in a sentence that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const taken = typeof address === 'object' && address !== null ? address.port : 0
    const opened = open(taken)
    await expect(opened).rejects.toThrow(TlsError)
    await expect(opened).rejects.toThrow(`HTTPS_PORT ${taken} cannot be opened on 127.0.0.1. Set another one.`)
    other.close()
    await once(other, 'close')
  })
})
