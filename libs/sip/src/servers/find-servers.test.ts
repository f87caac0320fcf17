import { afterEach, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseUri } from '../grammar/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { NameServer, type Zone } from '../testing/name-server.ts'
import { dnsBy } from './dns.ts'
import { findServers, inOrder, type FindOptions } from './find-servers.ts'

const open: NameServer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

const srv = (name: string, port: number, priority = 1, weight = 0) => ({ name, port, priority, weight })
const naptr = (order: number, service: string, replacement: string) => ({
  order,
  preference: 50,
  flags: 's',
  service,
  replacement,
})

/** What is tried for a URI, in order, as a reader wants to see it; and what was asked for it. */
async function search(
  zone: Zone,
  uri: string,
  options: FindOptions = {},
): Promise<{ tried: string[]; asked: string[] }> {
  const server = await NameServer.open(zone)
  open.push(server)
  const found = await findServers(parseUri(uri), dnsBy(new FakeClock(), server.resolver), options)
  const tried = found.map(({ transport, address, port }) => `${transport} ${address}:${port}`)
  return { tried, asked: server.asked.filter((question) => !question.startsWith('aaaa')) }
}

const zone: Zone = {
  a: {
    'example.com': ['192.0.2.1'],
    'one.example.com': ['192.0.2.11'],
    'two.example.com': ['192.0.2.12', '192.0.2.13'],
    'sbc.example.com': ['192.0.2.21'],
  },
  srv: {
    '_sips._tcp.example.com': [srv('one.example.com', 5071)],
    '_sip._tcp.example.com': [srv('two.example.com', 5062, 2), srv('one.example.com', 5060, 1)],
    '_sip._udp.example.com': [srv('one.example.com', 5060)],
    '_sip._udp.udp-only.example.com': [srv('one.example.com', 5090)],
    '_sip._tcp.gone.example.com': [srv('.', 0)],
  },
  naptr: {
    'named.example.com': [
      naptr(20, 'SIP+D2U', '_sip._udp.example.com'),
      naptr(10, 'SIPS+D2T', '_sips._tcp.example.com'),
      naptr(5, 'SIP+D2S', '_sip._sctp.example.com'),
    ],
  },
}

describe('the servers of a URI (RFC 3263)', () => {
  it('with an address are that address, and nobody is asked', async () => {
    expect(await search({}, 'sip:192.0.2.7')).toEqual({ tried: ['udp 192.0.2.7:5060'], asked: [] })
    expect(await search({}, 'sip:bob@[2001:db8::1]:5070;transport=tcp')).toEqual({
      tried: ['tcp 2001:db8::1:5070'],
      asked: [],
    })
    expect((await search({}, 'sips:192.0.2.7')).tried).toEqual(['tls 192.0.2.7:5061'])
    expect((await search({}, 'sip:localhost;transport=tcp')).tried).toEqual(['tcp 127.0.0.1:5060'])
  })

  it('with a port are the addresses of the name', async () => {
    const { tried, asked } = await search(zone, 'sip:two.example.com:5099')
    expect(tried).toEqual(['udp 192.0.2.12:5099', 'udp 192.0.2.13:5099'])
    expect(asked).toEqual(['a two.example.com'])
  })

  it('with a transport are those of its SRV records, by priority, each with all its addresses', async () => {
    const { tried } = await search(zone, 'sip:bob@example.com;transport=tcp')
    expect(tried).toEqual(['tcp 192.0.2.11:5060', 'tcp 192.0.2.12:5062', 'tcp 192.0.2.13:5062'])
  })

  it('with a transport and without SRV records are the addresses of the name', async () => {
    const { tried, asked } = await search(zone, 'sip:sbc.example.com;transport=tls')
    expect(tried).toEqual(['tls 192.0.2.21:5061'])
    expect(asked).toEqual(['srv _sips._tcp.sbc.example.com', 'a sbc.example.com'])
  })

  it('are by the transports that NAPTR names, in its order, without those that we do not speak', async () => {
    const { tried } = await search(zone, 'sip:named.example.com')
    expect(tried).toEqual(['tls 192.0.2.11:5071', 'udp 192.0.2.11:5060'])
    expect((await search(zone, 'sips:named.example.com')).tried).toEqual(['tls 192.0.2.11:5071'])
    expect((await search(zone, 'sip:named.example.com', { transports: ['udp'] })).tried).toEqual([
      'udp 192.0.2.11:5060',
    ])
  })

  it('without NAPTR are by all transports that have SRV records', async () => {
    const { tried } = await search(zone, 'sip:example.com')
    expect(tried).toEqual([
      'tls 192.0.2.11:5071',
      'tcp 192.0.2.11:5060',
      'tcp 192.0.2.12:5062',
      'tcp 192.0.2.13:5062',
      'udp 192.0.2.11:5060',
    ])
    expect((await search(zone, 'sip:udp-only.example.com')).tried).toEqual(['udp 192.0.2.11:5090'])
  })

  it('without any of these are the addresses of the name, by UDP', async () => {
    expect((await search(zone, 'sip:sbc.example.com')).tried).toEqual(['udp 192.0.2.21:5060'])
    expect((await search(zone, 'sips:sbc.example.com')).tried).toEqual(['tls 192.0.2.21:5061'])
  })

  it('are nobody for names that are not there', async () => {
    expect((await search(zone, 'sip:nowhere.example.com')).tried).toEqual([])
  })

  it('bear the domain that was looked for, which their certificates have to bear too', async () => {
    const server = await NameServer.open(zone)
    open.push(server)
    const found = await findServers(parseUri('sip:example.com;transport=tls'), dnsBy(new FakeClock(), server.resolver))
    expect(found).toEqual([{ transport: 'tls', address: '192.0.2.11', port: 5071, domain: 'example.com' }])
  })

  it('are not found for what is no URI of SIP, or when DNS is away', async () => {
    await expect(search(zone, 'tel:+4930123456')).rejects.toThrow('tel')
    const server = await NameServer.open(zone)
    const { resolver } = server
    await server.close()
    await expect(findServers(parseUri('sip:example.com'), dnsBy(new FakeClock(), resolver))).rejects.toThrow(
      'DNS could not be asked',
    )
  })
})

describe('answers of DNS', () => {
  it('are kept as long as DNS says, and asked anew, not too often, when they were of no use', async () => {
    const server = await NameServer.open(zone)
    open.push(server)
    const clock = new FakeClock()
    const dns = dnsBy(clock, server.resolver)
    const ask = (): Promise<unknown> => dns.addresses('one.example.com')
    await Promise.all([ask(), ask()])
    await clock.passes(59_000)
    await ask()
    expect(server.asked.filter((question) => question.startsWith('a '))).toHaveLength(1)
    await clock.passes(2000)
    await ask()
    expect(server.asked.filter((question) => question.startsWith('a '))).toHaveLength(2)
    dns.forget()
    await ask()
    expect(server.asked.filter((question) => question.startsWith('a '))).toHaveLength(2)
    await clock.passes(6000)
    dns.forget()
    await ask()
    expect(server.asked.filter((question) => question.startsWith('a '))).toHaveLength(3)
  })
})

describe('SRV records', () => {
  const record = fc.record({
    name: fc.string({ minLength: 1 }),
    port: fc.nat(65_535),
    priority: fc.nat(3),
    weight: fc.nat(100),
  })

  it('come each once, by priority', () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 12 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (records, chance) => {
          const ordered = inOrder(records, () => chance)
          expect(new Set(ordered)).toEqual(new Set(records))
          expect(ordered.map(({ priority }) => priority)).toEqual(
            records.map(({ priority }) => priority).toSorted((one, other) => one - other),
          )
        },
      ),
    )
  })

  it('come first as often as their weight says', () => {
    const records = [srv('heavy', 1, 1, 75), srv('light', 1, 1, 25), srv('never', 1, 1, 0)]
    const first: Record<string, number> = {}
    for (let n = 0; n < 1000; n += 1) {
      const name = inOrder(records, () => n / 1000)[0]?.name ?? ''
      first[name] = (first[name] ?? 0) + 1
    }
    expect(first['heavy']).toBe(750)
    expect(first['light']).toBe(250)
  })
})
