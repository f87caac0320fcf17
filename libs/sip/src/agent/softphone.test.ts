/** The softphone of docs/sip-stack.md is run as it stands there, and calls a telephone of ours. */
import { expect, it } from '@jest/globals'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { DigestServer } from '../digest/index.ts'
import { Contact, responseTo } from '../messages/index.ts'
import { PaperMedia } from '../testing/phones.ts'
import { openTransactionLayer } from '../transactions/index.ts'
import { openUserAgent } from './user-agent.ts'

const page = readFileSync(new URL('../../../../docs/sip-stack.md', import.meta.url), 'utf8')
const [, softphone = ''] = /## A softphone[\s\S]*?```js\n([\s\S]*?)```/.exec(page) ?? []

it('registers, calls, is answered and hung up on', async () => {
  const server = new DigestServer({ realm: 'here', accountOf: () => ({ password: 'secret' }) })
  const bob = await openUserAgent({
    openLayer: (user) => openTransactionLayer({ user, listen: [{ transport: 'udp', address: '127.0.0.1', port: 0 }] }),
    admit: async (request) => {
      const verdict = await server.verify(request)
      return verdict.is === 'accepted' ? 'admitted' : server.challenge(request)
    },
  })
  const registered: string[] = []
  bob.on('request', (transaction) => {
    registered.push(transaction.request.headers.text('Contact') ?? '')
    const response = responseTo(transaction.request, 200, { toTag: transaction.toTag })
    response.headers.setAll(Contact, transaction.request.headers.all(Contact))
    transaction.respond(response)
  })
  bob.on('invite', (call) => {
    call.ring()
    call.on('confirmed', () => void call.terminate())
    call.accept({ media: new PaperMedia() }).catch(() => undefined)
  })
  const port = bob.layer.listening[0]?.local.port
  const program = spawn(
    process.execPath,
    [
      '--conditions=@parley/source',
      '--input-type=module',
      '--eval',
      softphone,
      '--',
      `<sip:ann@127.0.0.1:${port}>`,
      'secret',
      `sip:bob@127.0.0.1:${port}`,
    ],
    { cwd: fileURLToPath(new URL('../..', import.meta.url)), stdio: ['ignore', 'pipe', 'inherit'], timeout: 20_000 },
  )
  const [told] = await Promise.all([text(program.stdout), once(program, 'exit')])
  expect(told).toBe('180 Ringing\nsend sound to 192.0.2.1\nended bye \n')
  expect(registered.map((contact) => contact.replace(/:\d+>/, ':port>'))).toEqual([
    '<sip:ann@127.0.0.1:port>;expires=3600',
    '<sip:ann@127.0.0.1:port>;expires=0',
  ])
  await bob.close()
}, 25_000)
