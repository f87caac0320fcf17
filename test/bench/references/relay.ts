/**
 * Reference: a bare WebSocket server that hands a message to another one after it has committed one row, as large as
 * a call's.
 */
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { WebSocketServer, type WebSocket } from 'ws'
import { announce, given, onAsked } from './serve.ts'

const pool = new pg.Pool({ connectionString: given('DATABASE_URL'), max: 16, idleTimeoutMillis: 0 })
const state = JSON.parse(given('STATE')) as object
const incoming = JSON.parse(given('INCOMING')) as object
const here = new Map<unknown, WebSocket>()
let seq = 0

const insert = { name: 'insert', text: 'INSERT INTO bench (id, version, state) VALUES ($1, 1, $2)' }

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
onAsked(server, async ({ id, verb, body }, ws) => {
  if (verb === 'hello') here.set(body.user, ws)
  else {
    await pool.query({ ...insert, values: [randomUUID(), JSON.stringify(state)] })
    const [to] = body.to as string[]
    seq += 1
    here.get(to)?.send(JSON.stringify({ seq, event: 'call.incoming', body: incoming }))
  }
  ws.send(JSON.stringify({ re: id, ok: {} }))
})
server.on('listening', () => announce(server))
