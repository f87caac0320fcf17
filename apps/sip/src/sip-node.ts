/**
 * A sip node: holds phones. To api it is what the SDK of a browser is, to the phone network a user agent. It decides
 * nothing about calls: whom a phone gets, and whom it may call, is api's.
 */
import { randomUUID } from 'node:crypto'
import type { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { publishAlive, publishPhoneInventory, servePhones, type Bus, type PhoneCarriers } from '@parley/bus'
import { NodeId, softphones, type PhoneOrderBody } from '@parley/protocol'
import {
  dnsBy,
  openTransactionLayer,
  openUserAgent,
  OwnAddresses,
  systemClock,
  type IncomingInvite,
  type LayerOptions,
  type Notice,
  type PeerTrust,
  type TransactionLayer,
  type UserAgent,
} from '@parley/sip'
import type { Logger } from 'pino'
import { Admission, type Refusal } from './admission/admission.ts'
import { PhoneMedia } from './media/index.ts'
import type { CameBy } from './phones/incoming.ts'
import { isLoopback } from './phones/networks.ts'
import { Phones } from './phones/phones.ts'
import type { Ways } from './phones/way.ts'
import type { SipSettings } from './settings.ts'
import { Softphones } from './softphones/softphones.ts'
import type { TrunkLine } from './trunks/trunk-line.ts'
import { Trunks } from './trunks/trunks.ts'

export type SipParts = {
  bus: Bus
  settings: SipSettings
  /** Whether telephones of this machine may call and be called without a trunk. */
  hasSoftphones: boolean
  log: Logger
  /** Asked for the names of trunks. Default: what the system asks. */
  resolver?: Resolver
}

/** What the node has, by its own account. */
export type SipCounts = {
  phones: number
  softphones: number
  trunks: number
  portsLeft: number
  /** Trunks by their names, and whether each answers, and has registered us where it is to. */
  trunksUp: ReadonlyMap<string, boolean>
  refused: ReadonlyMap<Refusal, number>
}

/** What metrics call that of which the stack takes notice: others' faults, and nobody's accidents. */
const countedAs: Partial<Record<Notice['what'], 'malformed' | 'flood'>> = {
  dropped: 'malformed',
  refused: 'malformed',
  limited: 'flood',
}

const heartbeatMs = 500
const inventoryMs = 30_000
const goodbyeMs = 2000

export class SipNode {
  /** Made anew at each start: a restarted node is another one. */
  readonly id: NodeId = NodeId.parse(`node_${randomUUID()}`)
  readonly #parts: SipParts
  readonly #log: Logger
  readonly #media: PhoneMedia
  readonly #own = new OwnAddresses()
  readonly #softphones = new Softphones()
  readonly #stops: (() => void)[] = []
  readonly #agent: UserAgent
  readonly #trunks: Trunks
  readonly #admission: Admission
  readonly #phones: Phones
  #closing: Promise<void> | undefined

  /** Listens, learns its trunks and takes orders. @throws {Error} EADDRINUSE when a port is taken */
  static async create(parts: SipParts): Promise<SipNode> {
    const { settings } = parts
    const trust: Pick<PeerTrust, 'ca'> =
      settings.caFile === undefined ? {} : { ca: await readFile(settings.caFile, 'utf8') }
    // Who calls over TLS proves himself by the same CAs as who is called.
    const tls = settings.tls && {
      cert: await readFile(settings.tls.certFile, 'utf8'),
      key: await readFile(settings.tls.keyFile, 'utf8'),
      ...trust,
    }
    const held: { node?: SipNode } = {}
    const layer: Omit<LayerOptions, 'user'> = {
      listen: settings.listen,
      isKnown: (address) => held.node !== undefined && held.node.#trunks.all.some((line) => line.isAt(address)),
      ...(tls === undefined ? {} : { tls }),
      ...(parts.resolver === undefined ? {} : { resolver: parts.resolver }),
    }
    const agent = await openUserAgent({
      openLayer: (user): Promise<TransactionLayer> => openTransactionLayer({ ...layer, user }),
      name: 'Parley',
      // Whoever calls before it is known who may is not heard, and tries again by himself.
      admit: (request, flow) => (held.node === undefined ? 'ignored' : held.node.#admission.judge(request, flow)),
      isDraining: () => held.node !== undefined && held.node.#trunks.isDraining,
      failed: (err) => parts.log.error({ err }, 'sip.failed'),
      noticed: (notice) => {
        const { what, why, transport, remote } = notice
        parts.log.debug({ what, why, transport, address: remote.address }, 'sip.noticed')
        const counted = countedAs[what]
        if (counted !== undefined && held.node !== undefined) held.node.#admission.noticed(counted, why, notice)
      },
    })
    const node = new SipNode(parts, agent, trust)
    held.node = node
    await node.#start()
    return node
  }

  private constructor(parts: SipParts, agent: UserAgent, trust: PeerTrust) {
    const { bus, settings, hasSoftphones, resolver } = parts
    this.#parts = parts
    this.#log = parts.log.child({ node: this.id })
    this.#agent = agent
    this.#media = new PhoneMedia({ listenIp: () => this.#listenIp(), ports: settings.mediaPorts })
    const common = { bus, node: this.id, agent, log: this.#log }
    const ownAddress = (towards: string): Promise<string> => this.#ownAddress(towards)
    this.#trunks = new Trunks({ ...common, trust, ownAddress, dns: dnsBy(systemClock, resolver) })
    this.#admission = new Admission({ trunks: this.#trunks, hasSoftphones, log: this.#log })
    this.#phones = new Phones({
      ...common,
      media: this.#media,
      waysTo: (order) => this.#waysTo(order),
      silenceLimitMs: settings.silenceLimitMs,
      offerRefused: ({ flow }, why) => flow && this.#admission.noticed('badOffer', why, flow),
    })
  }

  /** Where SIP is heard, as `udp:127.0.0.1:5060`. */
  get listening(): string[] {
    return this.#agent.layer.listening.map(
      ({ transport, local }) => `${transport}:${bracketed(local.address)}:${local.port}`,
    )
  }

  counts(): SipCounts {
    return {
      phones: this.#phones.count,
      softphones: this.#softphones.size,
      trunks: this.#trunks.all.length,
      portsLeft: this.#media.portsLeft,
      trunksUp: new Map(this.#trunks.all.map(({ trunk, isUp }) => [trunk.fqdn, isUp])),
      refused: this.#admission.counts,
    }
  }

  /** Hangs everybody up, and waits a moment for their goodbyes. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #start(): Promise<void> {
    const heartbeat = setInterval(() => this.#beat(), heartbeatMs)
    const inventory = setInterval(() => this.#takeInventory(), inventoryMs)
    this.#stops.push(
      () => clearInterval(heartbeat),
      () => clearInterval(inventory),
      servePhones(this.#parts.bus, this.id, this.#carriers()),
      this.#agent.on('invite', (invite) => this.#takeIn(invite)),
      this.#agent.on('request', (transaction) => this.#softphones.take(transaction)),
    )
    await this.#trunks.start()
    this.#takeInventory()
    this.#beat()
    this.#log.info({ listening: this.listening }, 'sip.ready')
  }

  async #close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    const late = new Promise<void>((resolve) => setTimeout(resolve, goodbyeMs).unref())
    await Promise.race([Promise.all([this.#phones.close(), this.#trunks.close()]), late])
    await this.#agent.close(goodbyeMs)
    await this.#media.close()
  }

  // prettier-ignore
  #carriers(): PhoneCarriers {
    return {
      dial:  async (order) => (this.#phones.dial(order), {}),
      press: async (order) => (this.#press(order), {}),
      drop:  async (order) => (this.#phones.drop(order), {}),
    }
  }

  /** Answered when the keys are understood: pressing them takes its time. */
  #press(order: PhoneOrderBody<'press'>): void {
    this.#phones.press(order).catch((error: unknown) => {
      this.#log.warn({ session: order.session, error: String(error) }, 'phone.press_failed')
    })
  }

  #takeIn(invite: IncomingInvite): void {
    const { flow } = invite
    const admitted = this.#admission.admittedBy(invite.invite)
    if (admitted === undefined || flow === undefined) {
      invite.reject(403)
      return
    }
    const { line } = admitted
    const isTheirs = (address: string): boolean => address === flow.remote.address || line?.isAt(address) === true
    const by = { ...(line === undefined ? this.#softphones.cameBy : cameBy(line)), isTheirs }
    this.#phones.takeIn(invite, by, this.#parts.settings.publicAddress ?? flow.local.address)
  }

  /** Ways that are there come before those that are away, in the order in which they were named. */
  async #waysTo({ dial, callerName }: PhoneOrderBody<'dial'>): Promise<Ways[]> {
    if (dial.trunks.includes(softphones)) {
      const [first, ...others] = this.#softphones.waysTo(dial.number, callerName)
      return first === undefined ? [] : [[first, ...others]]
    }
    const lines = dial.trunks.flatMap((fqdn) => this.#trunks.named(fqdn) ?? [])
    const inOrder = [...lines.filter(({ isThere }) => isThere), ...lines.filter(({ isThere }) => !isThere)]
    const ways = await Promise.allSettled(inOrder.map((line) => line.wayTo(dial)))
    return ways.flatMap((way) => (way.status === 'fulfilled' ? [[way.value]] : []))
  }

  async #ownAddress(towards: string): Promise<string> {
    return this.#parts.settings.publicAddress ?? (await this.#own.towards(towards))
  }

  /**
   * Sound is heard on this machine only, while nobody is elsewhere with whom we speak SIP; and in IPv6 where SIP is, by
   * sockets that speak both families.
   */
  #listenIp(): string {
    const addresses = this.#parts.settings.listen.map(({ address }) => address)
    const isHere = addresses.every(isLoopback) && this.#trunks.all.every((line) => line.isHere)
    if (!addresses.some((address) => isIPv6(address))) return isHere ? '127.0.0.1' : '0.0.0.0'
    return isHere && addresses.every((address) => isIPv6(address)) ? '::1' : '::'
  }

  #beat(): void {
    const isReady = this.#closing === undefined && !this.#trunks.isDraining && this.#media.portsLeft > 0
    this.#publish(() =>
      publishAlive(this.#parts.bus, { node: this.id, role: 'sip', load: this.#phones.count, isReady }),
    )
  }

  #takeInventory(): void {
    const { inventory } = this.#phones
    this.#publish(() => publishPhoneInventory(this.#parts.bus, { node: this.id, ...inventory }))
  }

  /** The bus is a hint: what it does not take now, the next one tells. */
  #publish(tell: () => void): void {
    try {
      tell()
    } catch (err) {
      this.#log.warn({ err }, 'bus.publish_failed')
    }
  }
}

function cameBy({ trunk }: TrunkLine): Omit<CameBy, 'isTheirs'> {
  const { fqdn, mayTransfer, isTrusted, codecs, srtp, symmetricRtp } = trunk
  return { trunk: fqdn, writing: trunk, mayTransfer, isTrusted, terms: { codecs, srtp, symmetricRtp } }
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address
}
