/**
 * Reference: a bare WebSocket server that makes one commit for each request: one row, replaced when its version is the
 * one expected, with a state as large as a call's. No queue and no effects; whoever asks waits for the reply.
 */
import pg from 'pg'
import { WebSocketServer } from 'ws'
import { announce, given, onAsked } from './serve.ts'

const pool = new pg.Pool({ connectionString: given('DATABASE_URL'), max: 16, idleTimeoutMillis: 0 })
const state = JSON.parse(given('STATE')) as object
const versions = new Map<string, number>()

const replace = {
  name: 'replace',
  text: 'UPDATE bench SET version = $2, state = $3 WHERE id = $1 AND version = $2 - 1 RETURNING id',
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
onAsked(server, async ({ id, body }, ws) => {
  const callId = String(body.callId)
  const version = (versions.get(callId) ?? 1) + 1
  const values = [callId, version, JSON.stringify({ ...state, version })]
  const { rowCount } = await pool.query({ ...replace, values })
  if (rowCount !== 1) throw new Error(`Version ${version} of ${callId} was not expected.`)
  versions.set(callId, version)
  ws.send(JSON.stringify({ re: id, ok: {} }))
})
server.on('listening', () => announce(server))
