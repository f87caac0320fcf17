/**
 * Reference: a bare HTTP server that verifies the same signature, reads one row and signs the same token, with nothing
 * around it: one path, one kind of body, no other answers than 200 and 401.
 */
import { createHmac, createSecretKey, generateKeyPairSync, hash, randomUUID, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import jwt from 'jsonwebtoken'
import pg from 'pg'
import { announce, given } from './serve.ts'

const pool = new pg.Pool({ connectionString: given('DATABASE_URL'), max: 16, idleTimeoutMillis: 0 })
const accessKey = createSecretKey(given('ACCESS_KEY'), 'base64')
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const header = { alg: 'ES256', typ: 'JWT', kid: randomUUID() }
const lifetimeS = 86_400
const toleranceMs = 300_000

const find = { name: 'find', text: 'SELECT resource_id, token_epoch FROM identity WHERE user_id = $1' }
type Identity = { resource_id: string; token_epoch: number }

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    if (!isSigned(request, body)) return response.writeHead(401).end()
    void answer(request, body).then((text) =>
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(text),
    )
  })
})
server.listen(0, '127.0.0.1', () => announce(server))

function isSigned({ method, url, headers }: IncomingMessage, body: Buffer): boolean {
  const bodyHash = hash('sha256', body, 'base64')
  const date = String(headers['x-ms-date'])
  const signed = `${method}\n${url}\n${date};${headers.host};${bodyHash}`
  const expected = createHmac('sha256', accessKey).update(signed).digest()
  const signature = Buffer.from(headers.authorization?.split('Signature=')[1] ?? '', 'base64')
  return (
    headers['x-ms-content-sha256'] === bodyHash &&
    Math.abs(Date.now() - Date.parse(date)) < toleranceMs &&
    signature.length === expected.length &&
    timingSafeEqual(signature, expected)
  )
}

async function answer({ url = '' }: IncomingMessage, body: Buffer): Promise<string> {
  const user = decodeURIComponent(url.slice('/identities/'.length, url.indexOf('/:issueAccessToken')))
  const { scopes } = JSON.parse(body.toString()) as { scopes: string[] }
  const [identity] = (await pool.query<Identity>({ ...find, values: [user] })).rows
  const iat = Math.floor(Date.now() / 1000)
  const exp = iat + lifetimeS
  const claims = {
    skypeid: user.slice('8:'.length),
    scp: 1792,
    csi: String(iat),
    acsScope: scopes.join(','),
    resourceId: identity?.resource_id,
    epoch: identity?.token_epoch,
    iat,
    exp,
    iss: 'http://localhost:8080',
    aud: 'parley',
    sub: user,
  }
  const token = jwt.sign(claims, privateKey, { algorithm: 'ES256', header })
  return JSON.stringify({ token, expiresOn: new Date(exp * 1000).toISOString() })
}
