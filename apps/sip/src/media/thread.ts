/** Where a thread of phones' sound begins. */
import { parentPort } from 'node:worker_threads'
import { LegHost } from './leg-host.ts'
import type { FromThread, ToThread } from './orders.ts'

const port = parentPort
if (port === null) throw new Error('This is a thread of its own.')
const host = new LegHost((message: FromThread) => port.postMessage(message))
port.on('message', (message: ToThread) => host.take(message))
