/** The lower half of the stack over real sockets on loopback: every transport, keep-alives, limits, certificates, ends. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createServer } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { WebSocket } from 'ws'
import type { Server, TransportName } from '../servers/index.ts'
import { Authority } from '../testing/certificates.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { requestOf } from '../testing/people.ts'
import {
  openTransactionLayer,
  type ClientFailure,
  type LayerOptions,
  type ServerTransaction,
  type TransactionLayer,
} from '../transactions/index.ts'
import { Via } from '../messages/index.ts'
import type { Flow, Notice, PeerTrust, TlsIdentity } from './index.ts'

const opened: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()))
})

/** A user agent that answers 200 to everything, and what it has seen. */
type Agent = {
  layer: TransactionLayer
  requests: ServerTransaction[]
  notices: Notice[]
  closedFlows: Flow[]
  ports: Partial<Record<TransportName, number>>
}

async function agent(options: Partial<LayerOptions> & Pick<LayerOptions, 'listen'>): Promise<Agent> {
  const requests: ServerTransaction[] = []
  const notices: Notice[] = []
  const closedFlows: Flow[] = []
  const user = {
    request(transaction: ServerTransaction) {
      requests.push(transaction)
      transaction.reply(200)
    },
    ack: () => undefined,
    noticed: (notice: Notice) => void notices.push(notice),
    flowClosed: (flow: Flow) => void closedFlows.push(flow),
  }
  const layer = await openTransactionLayer({ user, ...options })
  opened.push(layer)
  const ports = Object.fromEntries(layer.listening.map(({ transport, local }) => [transport, local.port]))
  return { layer, requests, notices, closedFlows, ports }
}

const on = (...transports: TransportName[]) =>
  transports.map((transport) => ({ transport, address: '127.0.0.1', port: 0 }))
const at = (transport: TransportName, port: number | undefined, domain = '127.0.0.1'): Server => ({
  transport,
  address: '127.0.0.1',
  port: port ?? 0,
  domain,
})

type Outcome = { status: number; flow: Flow } | { failed: ClientFailure }

/** Asks and waits for the end. */
function ask(
  { layer }: Agent,
  server: Server | Flow,
  more: { body?: number; trust?: PeerTrust } = {},
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const request = { ...requestOf('OPTIONS'), body: new Uint8Array(more.body ?? 0) }
  const listener = {
    final: ({ status }: { status: number }, flow: Flow) => resolve({ status, flow }),
    failed: (failed: ClientFailure) => resolve({ failed }),
  }
  const to =
    'domain' in server ? ({ by: 'servers', servers: [server] } as const) : ({ by: 'flow', flow: server } as const)
  layer.send(request, listener, { to, ...(more.trust === undefined ? {} : { trust: more.trust }) })
  return promise
}

async function askWell(from: Agent, server: Server | Flow, more: Parameters<typeof ask>[2] = {}): Promise<Flow> {
  const outcome = await ask(from, server, more)
  if ('failed' in outcome) throw new Error(`failed: ${outcome.failed.why}`, { cause: outcome.failed })
  expect(outcome.status).toBe(200)
  return outcome.flow
}

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  const limit = Date.now() + 4000
  while (!isSo()) {
    if (Date.now() > limit) throw new Error('it did not become so')
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

async function plainSocket(port: number | undefined): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect(port ?? 0, '127.0.0.1')
  opened.push({ close: () => socket.destroy() })
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString()
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return { socket, text: () => text }
}

const optionsText = (more: string[] = []): string =>
  [
    'OPTIONS sip:bob@example.com SIP/2.0',
    'Via: SIP/2.0/TCP unreachable.example.com;branch=z9hG4bKplain',
    'From: <sip:ann@example.com>;tag=1',
    'To: <sip:bob@example.com>',
    'Call-ID: plain',
    'CSeq: 1 OPTIONS',
    ...more,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n')

let authority: Authority
let identity: TlsIdentity
beforeAll(async () => {
  authority = await Authority.create()
  identity = await authority.certify([
    { type: 'dns', value: 'pbx.test' },
    { type: 'ip', value: '127.0.0.1' },
  ])
})

describe('a request and its answer', () => {
  for (const transport of ['udp', 'tcp', 'tls', 'ws', 'wss'] as const) {
    it(`travel by ${transport}`, async () => {
      const bob = await agent({ listen: on(transport), tls: identity })
      const ann = await agent({ listen: [] })
      const flow = await askWell(ann, at(transport, bob.ports[transport], 'pbx.test'), { trust: { ca: authority.ca } })
      expect(flow).toMatchObject({ transport, isOpen: true, isSecure: transport === 'tls' || transport === 'wss' })
      expect(bob.requests[0]?.flow.transport).toBe(transport)
    })

    it(`travel by ${transport} the other way on the same flow`, async () => {
      const bob = await agent({ listen: on(transport), tls: identity })
      const ann = await agent({ listen: [] })
      await askWell(ann, at(transport, bob.ports[transport], 'pbx.test'), { trust: { ca: authority.ca } })
      const [incoming] = bob.requests
      if (incoming === undefined) throw new Error('nothing came')
      await askWell(bob, incoming.flow)
      expect(ann.requests).toHaveLength(1)
    })
  }

  it('share a connection, also when both begin at once', async () => {
    const bob = await agent({ listen: on('tcp') })
    const ann = await agent({ listen: [] })
    const flows = await Promise.all([1, 2, 3].map(() => askWell(ann, at('tcp', bob.ports.tcp))))
    flows.push(await askWell(ann, at('tcp', bob.ports.tcp)))
    expect(new Set(flows.map(({ id }) => id)).size).toBe(1)
  })

  it('do not share it with those who believe somebody else', async () => {
    const bob = await agent({ listen: on('tls'), tls: identity })
    const ann = await agent({ listen: [] })
    const one = await askWell(ann, at('tls', bob.ports.tls, 'pbx.test'), { trust: { ca: authority.ca } })
    const other = await askWell(ann, at('tls', bob.ports.tls, 'pbx.test'), { trust: { isVerified: false } })
    expect(one.id).not.toBe(other.id)
  })

  it('longer than 1300 bytes go over TCP, and over UDP where nobody hears TCP', async () => {
    const [place] = on('udp')
    if (place === undefined) throw new Error('no place')
    const bob = await agent({ listen: [place] })
    const ann = await agent({ listen: on('udp') })
    await askWell(ann, at('udp', bob.ports.udp), { body: 1500 })
    expect(bob.requests[0]?.flow.transport).toBe('udp')
    const both = await agent({ listen: [{ ...place, port: 0 }] })
    const port = both.ports.udp ?? 0
    await both.layer.close()
    const carol = await agent({
      listen: [
        { transport: 'udp', address: '127.0.0.1', port },
        { transport: 'tcp', address: '127.0.0.1', port },
      ],
    })
    await askWell(ann, at('udp', port), { body: 1500 })
    await askWell(ann, at('udp', port), { body: 15 })
    expect(carol.requests.map(({ flow }) => flow.transport)).toEqual(['tcp', 'udp'])
  })
})

describe('responses to datagrams', () => {
  it('go to the port that asked when rport is wished, else to the one in Via (RFC 3581)', async () => {
    const bob = await agent({ listen: on('udp') })
    const [asker, named] = await Promise.all([udpSocket(), udpSocket()])
    const text = (rport: string): string =>
      optionsText().replace('SIP/2.0/TCP unreachable.example.com', `SIP/2.0/UDP 127.0.0.1:${named.port}${rport}`)
    asker.socket.send(text(';rport'), bob.ports.udp, '127.0.0.1')
    await until(() => asker.heard.length === 1)
    expect(asker.heard[0]).toContain(`rport=${asker.port}`)
    asker.socket.send(
      text('').replace('Call-ID: plain', 'Call-ID: other').replace('z9hG4bKplain', 'z9hG4bKother'),
      bob.ports.udp,
      '127.0.0.1',
    )
    await until(() => named.heard.length === 1)
    expect(asker.heard).toHaveLength(1)
  })

  it('that were nothing, or keep-alives, are none', async () => {
    const bob = await agent({ listen: on('udp') })
    const asker = await udpSocket()
    for (const bytes of ['\r\n\r\n', '\0', 'no sip\r\n\r\n', 'x'.repeat(3000)])
      asker.socket.send(bytes, bob.ports.udp, '127.0.0.1')
    asker.socket.send(optionsText(['Max-Forwards: many']), bob.ports.udp, '127.0.0.1')
    await until(() => bob.notices.some(({ what }) => what === 'refused'))
    expect(bob.notices.filter(({ what }) => what === 'dropped')).toHaveLength(2)
    expect(bob.requests).toEqual([])
  })

  async function udpSocket() {
    const socket = createSocket('udp4')
    opened.push({ close: () => socket.close() })
    const heard: string[] = []
    socket.on('message', (bytes) => heard.push(bytes.toString()))
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return { socket, heard, port: socket.address().port }
  }
})

describe('certificates', () => {
  const refusedBy = async (
    names: Parameters<Authority['certify']>[0],
    trust: PeerTrust | undefined,
    commonName?: string,
  ): Promise<string> => {
    const bob = await agent({ listen: on('tls'), tls: await authority.certify(names, commonName) })
    const ann = await agent({ listen: [] })
    const outcome = await ask(ann, at('tls', bob.ports.tls, 'pbx.test'), trust === undefined ? {} : { trust })
    if (!('failed' in outcome)) return 'nobody'
    expect(outcome.failed).toMatchObject({ why: 'transport', status: 503 })
    expect(bob.requests).toEqual([])
    expect(ann.notices.map(({ what }) => what)).toEqual(['connectionFailed'])
    return String('cause' in outcome.failed ? outcome.failed.cause : '')
  }
  const trust = (): PeerTrust => ({ ca: authority.ca })

  it('with another name are refused', async () => {
    expect(await refusedBy([{ type: 'dns', value: 'other.test' }], trust())).toContain(
      'for other.test, not for pbx.test',
    )
    expect(await refusedBy([{ type: 'dns', value: '*.test' }], trust())).toContain('not for pbx.test')
    expect(
      await refusedBy(
        [
          { type: 'url', value: 'sip:other.test' },
          { type: 'dns', value: 'pbx.test' },
        ],
        trust(),
      ),
    ).toContain('not for pbx.test')
  })

  it('of a CA that nobody knows are refused', async () => {
    expect(await refusedBy([{ type: 'dns', value: 'pbx.test' }], undefined)).toContain('certificate')
  })

  it('that say it as a URI or as the subject are the right ones, and with open eyes all are', async () => {
    expect(await refusedBy([{ type: 'url', value: 'sip:pbx.test' }], trust())).toBe('nobody')
    expect(await refusedBy([], trust(), 'pbx.test')).toBe('nobody')
    expect(await refusedBy([{ type: 'dns', value: 'other.test' }], { isVerified: false })).toBe('nobody')
  })

  it('of WebSockets are looked at in the same way', async () => {
    const bob = await agent({ listen: on('wss'), tls: await authority.certify([{ type: 'dns', value: 'other.test' }]) })
    const ann = await agent({ listen: [] })
    expect(await ask(ann, at('wss', bob.ports.wss, 'pbx.test'), { trust: trust() })).toMatchObject({
      failed: { why: 'transport' },
    })
  })

  it('of clients prove their domains to a server', async () => {
    const bob = await agent({ listen: on('tls'), tls: identity })
    const ann = await agent({ listen: [], tls: await authority.certify([{ type: 'dns', value: 'sbc.test' }]) })
    const nobody = await agent({ listen: [] })
    for (const from of [ann, nobody]) await askWell(from, at('tls', bob.ports.tls, 'pbx.test'), { trust: trust() })
    expect(bob.requests.map(({ flow }) => flow.provenDomains)).toEqual([['sbc.test'], []])
  })

  it('are needed to listen', async () => {
    await expect(agent({ listen: on('tls') })).rejects.toThrow('certificate')
  })
})

describe('a connection', () => {
  it('answers keep-alives, also those that come in pieces (RFC 5626)', async () => {
    const bob = await agent({ listen: on('tcp') })
    const { socket, text } = await plainSocket(bob.ports.tcp)
    socket.write('\r\n\r\n')
    await until(() => text() === '\r\n')
    socket.write(`${optionsText()}\r\n`)
    socket.write('\r\n')
    await until(() => text().endsWith('\r\n\r\n\r\n'))
    expect(text()).toContain('200 OK')
  })

  it('sends keep-alives where we have opened it, and is given up when they are answered no more', async () => {
    const heard: string[] = []
    const server = createServer((socket) => {
      opened.push({ close: () => socket.destroy() })
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        heard.push(chunk.toString())
        if (heard.length === 1) socket.write(optionsText())
        if (chunk.toString() === '\r\n\r\n' && heard.filter((one) => one === '\r\n\r\n').length === 1)
          socket.write('\r\n')
      })
    })
    opened.push({ close: () => server.close() })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const ann = await agent({ listen: [], limits: { pingMs: 50, pongMs: 50 } })
    const { port } = server.address() as AddressInfo
    const asked = ask(ann, at('tcp', port))
    await until(() => ann.closedFlows.length === 1)
    expect(await asked).toMatchObject({ failed: { why: 'transport' } })
    expect(heard.filter((one) => one === '\r\n\r\n')).toHaveLength(2)
  })

  it('that says nothing is closed, and one that was answered may be silent', async () => {
    const bob = await agent({ listen: on('tcp', 'ws'), limits: { strangerMs: 1000, idleMs: 60_000 } })
    const silent = await plainSocket(bob.ports.tcp)
    const speaker = await plainSocket(bob.ports.tcp)
    const halfOpen = await plainSocket(bob.ports.ws)
    speaker.socket.write(optionsText())
    halfOpen.socket.write('GET / HTTP/1.1\r\n')
    await once(silent.socket, 'close')
    expect(speaker.socket.readyState).toBe('open')
    expect(speaker.text()).toContain('200 OK')
  })

  it('that sends what is no message is closed, and so is one that sends too long a message', async () => {
    const bob = await agent({ listen: on('tcp') })
    for (const bytes of [
      'x'.repeat(70_000),
      optionsText().replace('Content-Length: 0', 'Content-Length: 70000'),
      '\rx',
    ]) {
      const { socket } = await plainSocket(bob.ports.tcp)
      socket.write(bytes)
      await once(socket, 'close')
    }
    expect(bob.notices.map(({ what }) => what)).toEqual(['dropped', 'dropped', 'dropped'])
    expect(bob.requests).toEqual([])
  })

  it('is one of so many that an address may have', async () => {
    const bob = await agent({ listen: on('tcp', 'ws'), limits: { connectionsPerAddress: 2 } })
    const [first] = [await plainSocket(bob.ports.tcp), await plainSocket(bob.ports.ws)]
    const third = await plainSocket(bob.ports.tcp)
    await once(third.socket, 'close')
    expect(bob.notices).toMatchObject([{ what: 'limited', transport: 'tcp' }])
    first?.socket.destroy()
    await until(() => bob.closedFlows.length === 1)
    const ann = await agent({ listen: [] })
    await askWell(ann, at('tcp', bob.ports.tcp))
  })

  it('of somebody who is known is taken, however many strangers there are, and is nothing to hurry with', async () => {
    let isKnown = false
    const clock = new FakeClock()
    const bob = await agent({ listen: on('tcp'), limits: { connections: 1 }, isKnown: () => isKnown, clock })
    const first = await plainSocket(bob.ports.tcp)
    const stranger = await plainSocket(bob.ports.tcp)
    await once(stranger.socket, 'close')
    isKnown = true
    const known = await plainSocket(bob.ports.tcp)
    known.socket.write('\r\n\r\n')
    await until(() => known.text() === '\r\n')
    const closed = once(first.socket, 'close')
    await clock.passes(10_001)
    await closed
    expect(bob.closedFlows).toHaveLength(1)
    expect(known.socket.readyState).toBe('open')
  })

  it('that breaks is told of, ends what was asked on it, and is opened again for the next request', async () => {
    const bob = await agent({ listen: on('tcp') })
    const ann = await agent({ listen: [] })
    const flow = await askWell(ann, at('tcp', bob.ports.tcp))
    await bob.layer.close()
    await until(() => ann.closedFlows.length === 1)
    expect(flow.isOpen).toBe(false)
    const carol = await agent({ listen: [{ transport: 'tcp', address: '127.0.0.1', port: bob.ports.tcp ?? 0 }] })
    await askWell(ann, flow)
    expect(carol.requests).toHaveLength(1)
    const [incoming] = carol.requests
    await ann.layer.close()
    await until(() => carol.closedFlows.length === 1)
    if (incoming === undefined) throw new Error('nothing came')
    expect(await ask(carol, incoming.flow)).toMatchObject({ failed: { why: 'transport' } })
  })

  it('that cannot be opened in time is none', async () => {
    const server = createServer((socket) => void opened.push({ close: () => socket.destroy() }))
    opened.push({ close: () => server.close() })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const ann = await agent({ listen: [], limits: { connectMs: 100 } })
    // TCP stands, and TLS never comes.
    for (const transport of ['tls', 'wss', 'ws'] as const) {
      expect(await ask(ann, at(transport, port))).toMatchObject({ failed: { why: 'transport' } })
    }
    expect(ann.notices).toHaveLength(3)
  })

  it('takes so many messages in a second', async () => {
    const bob = await agent({ listen: on('tcp'), limits: { messagesPerSecond: 5 } })
    const { socket } = await plainSocket(bob.ports.tcp)
    for (let n = 0; n < 40; n += 1)
      socket.write(optionsText().replace('z9hG4bKplain', `z9hG4bK${n}`).replaceAll('plain', `plain${n}`))
    await until(() => bob.notices.length >= 25)
    // At the turn of a second there is room for five more.
    expect(bob.requests.length).toBeLessThanOrEqual(10)
    expect(bob.notices.every(({ what }) => what === 'limited')).toBe(true)
  })
})

describe('a WebSocket', () => {
  it('that does not speak SIP is refused, and so is what is no WebSocket', async () => {
    const bob = await agent({ listen: on('ws') })
    const strange = new WebSocket(`ws://127.0.0.1:${bob.ports.ws}`, 'chat')
    const [error] = (await once(strange, 'error')) as [Error]
    expect(error.message).toContain('400')
    const { socket, text } = await plainSocket(bob.ports.ws)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'close')
    expect(text()).toContain('426')
  })

  it('of a page from another host is refused, one of a page from here is not', async () => {
    const bob = await agent({ listen: on('ws') })
    const from = (origin: string) => new WebSocket(`ws://127.0.0.1:${bob.ports.ws}`, 'sip', { origin })
    const [error] = (await once(from('https://example.com'), 'error')) as [Error]
    expect(error.message).toContain('400')
    const own = from('http://127.0.0.1:8080')
    await once(own, 'open')
    own.close()
    await once(own, 'close')
  })

  it('of a client is known by a host that is nowhere (RFC 7118)', async () => {
    const bob = await agent({ listen: on('ws') })
    const ann = await agent({ listen: [] })
    const flow = await askWell(ann, at('ws', bob.ports.ws))
    expect(bob.requests[0]?.request.headers.first(Via)?.host).toMatch(/\.invalid$/)
    expect(ann.layer.contactOn(flow, 'ann')).toMatchObject({ user: 'ann', parameters: new Map([['transport', 'ws']]) })
  })
})

describe('where we are', () => {
  it('is what we advertise, else the address that the other side sees', async () => {
    const bob = await agent({
      listen: [
        { transport: 'udp', address: '127.0.0.1', port: 0, advertised: { host: 'sip.example.com', port: 5060 } },
        ...on('tcp'),
      ],
    })
    expect(bob.layer.contactFor('udp')).toMatchObject({ host: 'sip.example.com', port: 5060 })
    expect(bob.layer.contactFor('tcp', 'bob')).toMatchObject({ host: '127.0.0.1', port: bob.ports.tcp, user: 'bob' })
    const everywhere = await agent({
      listen: [
        { transport: 'udp', address: '0.0.0.0', port: 0 },
        { transport: 'tcp', address: '0.0.0.0', port: 0 },
      ],
    })
    for (const transport of ['udp', 'tcp'] as const) {
      const flow = await askWell(bob, at(transport, everywhere.ports[transport]))
      expect(flow.remote.address).toBe('127.0.0.1')
      const seen = everywhere.requests.at(-1)?.flow
      if (seen === undefined) throw new Error('nothing came')
      expect(everywhere.layer.contactOn(seen)).toMatchObject({ host: '127.0.0.1', port: everywhere.ports[transport] })
    }
  })

  it('may be in both kinds of IP at once, where the machine has both', async () => {
    const hasBoth = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
    const any = hasBoth ? '::' : '0.0.0.0'
    const addresses = hasBoth ? ['127.0.0.1', '::1'] : ['127.0.0.1']
    const transports = ['udp', 'tcp'] as const
    const bob = await agent({ listen: transports.map((transport) => ({ transport, address: any, port: 0 })) })
    const ann = await agent({ listen: [] })
    for (const transport of transports) {
      for (const address of addresses) {
        const flow = await askWell(ann, { ...at(transport, bob.ports[transport]), address })
        expect(bob.requests.at(-1)?.flow.remote.address).toBe(address)
        await askWell(bob, bob.requests.at(-1)?.flow ?? flow)
      }
    }
    expect(ann.requests).toHaveLength(2 * addresses.length)
  })

  it('is where nobody else is: a port that is taken is an error, and nothing stays open', async () => {
    const bob = await agent({ listen: on('tcp') })
    const taken = { transport: 'tcp', address: '127.0.0.1', port: bob.ports.tcp ?? 0 } as const
    await expect(agent({ listen: [...on('udp'), taken] })).rejects.toThrow('EADDRINUSE')
  })
})

describe('the end', () => {
  it('comes once, for everything', async () => {
    const bob = await agent({ listen: on('udp', 'tcp', 'tls', 'ws', 'wss'), tls: identity })
    const ann = await agent({ listen: on('udp') })
    const trust = { ca: authority.ca }
    for (const transport of ['udp', 'tcp', 'tls', 'ws', 'wss'] as const)
      await askWell(ann, at(transport, bob.ports[transport], 'pbx.test'), { trust })
    const { socket } = await plainSocket(bob.ports.tls)
    await Promise.all([bob.layer.close(), bob.layer.close(), once(socket, 'close')])
    await until(() => ann.closedFlows.length === 4)
    await ann.layer.close()
    expect(ann.closedFlows).toHaveLength(4)
    expect(bob.closedFlows).toHaveLength(4)
    expect(await ask(ann, at('udp', bob.ports.udp))).toMatchObject({ failed: { why: 'closed' } })
  })
})
