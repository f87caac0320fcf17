/**
 * One trunk as this node finds it: where its servers are, whether they answer our OPTIONS, whether it has registered us,
 * and how a call over it is written.
 */
import type { BlockList } from 'node:net'
import type { Dial, Trunk, TrunkHealth } from '@parley/protocol'
import {
  escaped,
  findServers,
  may,
  nameAddr,
  sipUri,
  SipFailure,
  type CredentialsFor,
  type Dns,
  type PeerTrust,
  type Registration,
  type Server,
  type SipUri,
  type UserAgent,
} from '@parley/sip'
import { isIn, isLoopback, networksOf } from '../phones/networks.ts'
import type { Way } from '../phones/way.ts'
import { identityOf } from './identity.ts'

type Found = Pick<TrunkHealth, 'ping' | 'registration' | 'says'>

export type TrunkLineParts = {
  trunk: Trunk
  agent: UserAgent
  dns: Dns
  trust: PeerTrust
  /** As whom others see us who are at this address. */
  ownAddress: (towards: string) => Promise<string>
  /** Something of its health has changed. */
  changed: (fqdn: string, found: Found) => void
}

/** Who has not answered in this time does not answer at all. */
const pingMs = 8000
/** RFC 3261 leaves it open; a carrier that is away for longer is asked again anyway. */
const longestAbsenceS = 300
/** A caller does not wait for DNS for longer. */
const dnsMs = 500
/** After so many questions without an answer it is tried only when nobody else is there. */
const mostSilent = 3

export class TrunkLine {
  readonly trunk: Trunk
  readonly #parts: TrunkLineParts
  readonly #sources: BlockList
  #registration: Registration | undefined
  #found: Found
  /** Where it was found last. */
  #servers: readonly Server[] = []
  #unanswered = 0
  #looking: Promise<void> | undefined
  #awayUntilMs = 0
  #isClosed = false

  constructor(parts: TrunkLineParts) {
    this.trunk = parts.trunk
    this.#parts = parts
    this.#sources = networksOf(this.trunk.sources)
    const registers = this.trunk.registers && this.trunk.account !== undefined
    this.#found = { ping: 'unknown', registration: registers ? 'trying' : 'none' }
  }

  get health(): Found {
    return this.#found
  }

  /** Whether it is known to be on this machine. */
  get isHere(): boolean {
    return this.#servers.length > 0 && this.#servers.every(({ address }) => isLoopback(address))
  }

  /** Whether it answers, and has registered us where it is to. */
  get isUp(): boolean {
    const { ping, registration } = this.#found
    return ping === 'ok' && (registration === 'none' || registration === 'registered')
  }

  /** Whether there is hope for a call over it. */
  get isThere(): boolean {
    return this.#unanswered < mostSilent && Date.now() >= this.#awayUntilMs
  }

  /** Whether an address is one of its own: a server's, as far as DNS has said, or one of its sources. */
  isAt(address: string): boolean {
    return this.#servers.some((server) => server.address === address) || isIn(this.#sources, address)
  }

  /**
   * Looks where it is and whether it answers, and registers there when that is still to be done. Asked again meanwhile,
   * it is one look: silence is counted once.
   */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    return this.#looking
  }

  /** How a number is called over it. Rejects, and soon, when it is not known where it is. */
  async wayTo(dial: Dial): Promise<Way> {
    const { trunk } = this
    const { trust } = this.#parts
    const servers = await this.#foundSoon()
    const address = await this.#ownAddress(servers)
    const { codecs, srtp, symmetricRtp } = trunk
    const route = this.#registration?.serviceRoute ?? []
    return {
      trunk: trunk.fqdn,
      writing: trunk,
      mayTransfer: trunk.mayTransfer,
      terms: { codecs, srtp, symmetricRtp },
      address,
      isTheirs: (one) => this.isAt(one),
      invite: {
        ...identityOf(dial, trunk, address),
        destination: { by: 'servers', servers },
        trust,
        route,
        // All servers of a trunk together have the patience that one has.
        firstResponseMs: Math.floor(3000 / Math.max(servers.length, 1)),
        ...(trunk.account === undefined ? {} : { credentials: this.#credentials }),
      },
      isAway: (forS) => (this.#awayUntilMs = Date.now() + Math.min(forS, longestAbsenceS) * 1000),
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#registration?.unregister()
  }

  async #look(): Promise<void> {
    const { agent, trust } = this.#parts
    try {
      const servers = await this.#find()
      if (this.#isClosed) return
      this.#registration ??= this.#register(servers)
      const from = nameAddr(sipUri({ host: await this.#ownAddress(servers) }))
      const destination = { by: 'servers' as const, servers }
      await agent.request({ method: 'OPTIONS', to: this.#uri(), from, destination, trust, limitMs: pingMs })
      this.#answered('ok')
    } catch (error) {
      this.#failed(error)
    }
  }

  readonly #credentials: CredentialsFor = (realm) => {
    const { account } = this.trunk
    if (account === undefined || (account.realm !== undefined && account.realm !== realm)) return undefined
    return { username: account.user, password: account.password }
  }

  #uri(user?: string): SipUri {
    const { fqdn, port } = this.trunk
    return sipUri({ ...(user === undefined ? {} : { user }), host: fqdn, port })
  }

  /** While DNS does not say where it is, it is where it was found last. */
  async #find(): Promise<readonly Server[]> {
    const { fqdn, address, port, transport } = this.trunk
    const host = address ?? fqdn
    try {
      const found = await findServers(sipUri({ host, port, parameters: { transport } }), this.#parts.dns)
      if (found.length === 0) throw new Error(`DNS knows no server for ${host}`)
      // Its certificate has to bear its FQDN, wherever it is reached.
      this.#servers = found.map((server) => ({ ...server, domain: fqdn }))
    } catch (error) {
      if (this.#servers.length === 0) throw error
    }
    return this.#servers
  }

  /** The same for somebody who waits: DNS may be slow to say that it has nothing to say. */
  async #foundSoon(): Promise<readonly Server[]> {
    const isLate = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => isLate.resolve(undefined), dnsMs)
    try {
      const servers = (await Promise.race([this.#find(), isLate.promise])) ?? this.#servers
      if (servers.length === 0) throw new Error('it is not known where the trunk is')
      return servers
    } finally {
      clearTimeout(timer)
    }
  }

  /** As whom the first of its servers sees us to which there is a way. */
  async #ownAddress(servers: readonly Server[]): Promise<string> {
    for (const { address } of servers) {
      const own = await this.#parts.ownAddress(address).catch(() => undefined)
      if (own !== undefined) return own
    }
    throw new Error('there is no way to the trunk')
  }

  #register(servers: readonly Server[]): Registration | undefined {
    const { account, registers, fqdn, address, port, transport } = this.trunk
    if (account === undefined || !registers) return undefined
    const uri = sipUri({ host: fqdn, port, parameters: { transport } })
    const registration = this.#parts.agent.register({
      registrar: sipUri({ host: fqdn }),
      aor: nameAddr(sipUri({ user: escaped(account.user, may.user), host: fqdn })),
      contactUser: account.user,
      credentials: this.#credentials,
      // By its name DNS is asked anew each time; where an address stands for the name, it is the name's all the same.
      destination: address === undefined ? { by: 'uri', uri } : { by: 'servers', servers },
      trust: this.#parts.trust,
    })
    registration.on('changed', (state) => {
      if (state.is === 'registered') this.#is({ registration: 'registered' })
      else if (state.is === 'failed') this.#is({ registration: 'refused', says: state.why })
      else if (state.is === 'registering' && this.#found.registration !== 'registered')
        this.#is({ registration: 'trying' })
    })
    return registration
  }

  #failed(error: unknown): void {
    if (!(error instanceof SipFailure)) return this.#silent('error', String(error))
    // Whoever refuses is there, unless he says that he is not.
    if (error.code === 'refused') {
      if (error.status !== undefined && error.status >= 500) this.#silent('error', error.message)
      else this.#answered('ok')
      return
    }
    const cause = error.cause instanceof Error ? `: ${error.cause.message}` : ''
    this.#silent(error.code === 'timeout' ? 'expired' : 'error', `${error.message}${cause}`)
  }

  #answered(ping: 'ok'): void {
    this.#unanswered = 0
    this.#is({ ping })
  }

  #silent(ping: 'expired' | 'error', says: string): void {
    this.#unanswered += 1
    this.#is({ ping, says })
  }

  #is(change: Partial<Found>): void {
    if (this.#isClosed) return
    const { says: _, ...before } = this.#found
    const says = change.says === undefined ? {} : { says: change.says.slice(0, 256) }
    const now: Found = { ...before, ...change, ...says }
    const isNews = now.ping !== before.ping || now.registration !== before.registration
    this.#found = now
    if (isNews) this.#parts.changed(this.trunk.fqdn, now)
  }
}
