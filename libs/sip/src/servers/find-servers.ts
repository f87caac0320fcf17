/**
 * From a URI to the servers that are to be tried for it, in order (RFC 3263 section 4): NAPTR tells transports, SRV tells
 * hosts and ports, A and AAAA tell addresses. What the URI says itself is not asked for.
 */
import { isIP } from 'node:net'
import type { SipUri, Uri } from '../grammar/uri.ts'
import type { Dns, Naptr, Srv } from './dns.ts'
import type { Server, TransportName } from './server.ts'

export type FindOptions = {
  /** By which transports we may call where the URI leaves it open, the dearest first. Default: tls, tcp, udp. */
  transports?: readonly TransportName[]
  /** From 0 up to 1, for the weights of SRV. */
  random?: () => number
}

/** A host to be looked for, before its addresses are known. */
type Host = { transport: TransportName; host: string; port: number }

// prettier-ignore
const services: Record<string, TransportName> = {
  'SIPS+D2T': 'tls', 'SIP+D2T': 'tcp', 'SIP+D2U': 'udp',
  'SIPS+D2W': 'wss', 'SIP+D2W': 'ws', // RFC 7118 section 7
}
// prettier-ignore
const srvPrefixes: Partial<Record<TransportName, string>> = { tls: '_sips._tcp', tcp: '_sip._tcp', udp: '_sip._udp' }
const defaultPorts: Record<TransportName, number> = { udp: 5060, tcp: 5060, tls: 5061, ws: 80, wss: 443 }

/** Rejects for URIs that are not SIP's, and when DNS could not be asked and nothing was found without it. */
export async function findServers(uri: Uri, dns: Dns, options: FindOptions = {}): Promise<Server[]> {
  if (uri.kind !== 'sip') throw new Error(`no server can be found for a URI of the scheme ${schemeOf(uri)}`)
  const domain = plain(uri.parameters.get('maddr') ?? uri.host)
  const search = new Search(dns, options)
  const servers: Server[] = []
  for (const { transport, host, port } of await search.hosts(uri, domain)) {
    for (const address of await search.addresses(host)) servers.push({ transport, address, port, domain })
  }
  if (servers.length === 0 && search.trouble !== undefined) throw search.trouble
  return servers
}

class Search {
  readonly #dns: Dns
  readonly #wanted: readonly TransportName[]
  readonly #random: () => number
  /** Why a question had no answer. It only matters when nothing is found by other ways. */
  trouble: Error | undefined

  constructor(dns: Dns, { transports = ['tls', 'tcp', 'udp'], random = Math.random }: FindOptions) {
    this.#dns = dns
    this.#wanted = transports
    this.#random = random
  }

  /** RFC 3263 sections 4.1 and 4.2. */
  async hosts(uri: SipUri, domain: string): Promise<Host[]> {
    const said = transportOf(uri)
    const transport = said ?? (uri.scheme === 'sips' ? 'tls' : 'udp')
    const itself = [{ transport, host: domain, port: uri.port ?? defaultPorts[transport] }]
    if (uri.port !== undefined || isIP(domain) !== 0 || isLocal(domain)) return itself
    const found = said === undefined ? await this.#byNaptr(domain, uri.scheme) : await this.#bySrv(domain, said)
    return found.length > 0 ? found : itself
  }

  async addresses(host: string): Promise<readonly string[]> {
    if (isIP(host) !== 0) return [host]
    return isLocal(host) ? ['127.0.0.1'] : this.#ask(this.#dns.addresses(host))
  }

  async #byNaptr(domain: string, scheme: SipUri['scheme']): Promise<Host[]> {
    const mayBe = this.#wanted.filter((transport) => scheme === 'sip' || isSecure(transport))
    const records = (await this.#ask(this.#dns.naptr(domain))).filter(isOurs(mayBe)).toSorted(byOrder)
    const hosts: Host[] = []
    for (const { service, replacement } of records) {
      const transport = services[service.toUpperCase()]
      if (transport !== undefined) hosts.push(...(await this.#hostsOf(replacement, transport)))
    }
    if (records.length > 0) return hosts
    for (const transport of mayBe) hosts.push(...(await this.#bySrv(domain, transport)))
    return hosts
  }

  async #bySrv(domain: string, transport: TransportName): Promise<Host[]> {
    const prefix = srvPrefixes[transport]
    return prefix === undefined ? [] : this.#hostsOf(`${prefix}.${domain}`, transport)
  }

  async #hostsOf(name: string, transport: TransportName): Promise<Host[]> {
    const records = await this.#ask(this.#dns.srv(name))
    // RFC 2782: a dot says that this service is decidedly not there.
    const real = records.filter((record) => record.name !== '' && record.name !== '.')
    return inOrder(real, this.#random).map((record) => ({ transport, host: record.name, port: record.port }))
  }

  async #ask<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
    try {
      return await answer
    } catch (error) {
      this.trouble = new Error('DNS could not be asked', { cause: error })
      return []
    }
  }
}

/** RFC 2782: by priority, and among equals by chance, heavier ones more often first. */
export function inOrder(records: readonly Srv[], random: () => number): Srv[] {
  const ordered: Srv[] = []
  const byPriority = Map.groupBy(records, ({ priority }) => priority)
  for (const priority of [...byPriority.keys()].toSorted((one, other) => one - other)) {
    const left = [...(byPriority.get(priority) ?? [])].toSorted((one, other) => one.weight - other.weight)
    while (left.length > 0) ordered.push(...left.splice(drawn(left, random), 1))
  }
  return ordered
}

function drawn(records: readonly Srv[], random: () => number): number {
  const sum = records.reduce((so, { weight }) => so + weight, 0)
  let rest = random() * sum
  for (const [at, { weight }] of records.entries()) {
    rest -= weight
    if (rest < 0) return at
  }
  return records.length - 1
}

function isOurs(transports: readonly TransportName[]): (record: Naptr) => boolean {
  return ({ service, flags }) => {
    const transport = services[service.toUpperCase()]
    return flags.toLowerCase() === 's' && transport !== undefined && transports.includes(transport)
  }
}

function byOrder(one: Naptr, other: Naptr): number {
  return one.order - other.order || one.preference - other.preference
}

/** What the URI says about it: `sips` makes each transport the secure one. */
function transportOf({ scheme, parameters }: SipUri): TransportName | undefined {
  const said = parameters.get('transport')?.toLowerCase()
  if (said === 'ws' || said === 'wss') return scheme === 'sips' || said === 'wss' ? 'wss' : 'ws'
  if (said === 'tls') return 'tls'
  if (said === 'tcp') return scheme === 'sips' ? 'tls' : 'tcp'
  return said === 'udp' && scheme === 'sip' ? 'udp' : undefined
}

function isSecure(transport: TransportName): boolean {
  return transport === 'tls' || transport === 'wss'
}

/** RFC 6761 section 6.3: nobody is to be asked for it. */
function isLocal(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function plain(host: string): string {
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  return bare.endsWith('.') ? bare.slice(0, -1) : bare
}

function schemeOf(uri: Exclude<Uri, SipUri>): string {
  return uri.kind === 'tel' ? 'tel' : uri.scheme
}
