/** Reference: a bare UDP socket that sends on what it gets, to a port that the benchmark gives. */
import { createSocket } from 'node:dgram'
import { announce, given } from './serve.ts'

const to = Number(given('FORWARD_TO'))
const socket = createSocket('udp4')
socket.on('message', (packet) => socket.send(packet, to, '127.0.0.1'))
socket.bind(0, '127.0.0.1', () => announce(socket))
