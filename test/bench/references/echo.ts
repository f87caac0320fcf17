/** Reference: a bare WebSocket server that sends back what it gets. */
import { WebSocketServer } from 'ws'
import { announce } from './serve.ts'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', (ws) => ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary })))
server.on('listening', () => announce(server))
