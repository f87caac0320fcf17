/**
 * Who may ask something of this node: trunks by their address or by their account, and telephones of this machine. All
 * others get 403, or nothing at all where an answer would only tell them that somebody is here (UDP).
 */
import { DigestServer, responseTo, Via, type Admission as Verdict, type Flow, type Request } from '@parley/sip'
import type { Logger } from 'pino'
import { isLoopback } from '../phones/networks.ts'
import type { TrunkLine } from '../trunks/trunk-line.ts'
import type { Trunks } from '../trunks/trunks.ts'
import { Attackers } from './attackers.ts'

export type AdmissionParts = {
  trunks: Pick<Trunks, 'all'>
  /** Whether telephones of this machine need nothing. */
  hasSoftphones: boolean
  log: Logger
}

/** Why somebody was not let in; the names are metrics'. */
export type Refusal =
  | 'scanner'
  | 'barred'
  | 'flood'
  | 'stranger'
  | 'unproven'
  | 'wrongCredentials'
  | 'malformed'
  | 'badOffer'
/** Whoever was let in. */
export type Admitted = { line: TrunkLine } | { line: undefined }

const scanners = /friendly-scanner|sipvicious|sundayddr|sip-?scan|pplsip|sipcli|vaxsip|iwar|smap|siparmyknife/i
const retryAfterS = 5

export class Admission {
  readonly #parts: AdmissionParts
  readonly #attackers = new Attackers()
  readonly #digest: DigestServer
  readonly #admitted = new WeakMap<Request, Admitted>()
  readonly #counts = new Map<Refusal, number>()

  constructor(parts: AdmissionParts) {
    this.#parts = parts
    this.#digest = new DigestServer({ realm: 'parley', accountOf: (user) => this.#accountOf(user) })
  }

  /** How often somebody was refused, by why. */
  get counts(): ReadonlyMap<Refusal, number> {
    return this.#counts
  }

  /** Over which line a request has come that was let in. */
  admittedBy(request: Request): Admitted | undefined {
    return this.#admitted.get(request)
  }

  readonly judge = async (request: Request, flow: Flow): Promise<Verdict> => {
    const { address } = flow.remote
    if (scanners.test(request.headers.text('User-Agent') ?? '')) return this.#refuse('scanner', request, flow)
    if (this.#attackers.isBarred(address)) return this.#refuse('barred', request, flow)
    const rate = request.method === 'INVITE' ? this.#attackers.calls(address) : 'usual'
    if (rate !== 'usual') return this.#flood(rate, request, flow)
    const line = this.#lineFrom(request, flow)
    if (line !== undefined) return this.#letIn(request, { line })
    if (this.#isSoftphone(flow)) return this.#letIn(request, { line: undefined })
    return this.#byProof(request, flow)
  }

  /** Something was refused, or dropped, that is no fault of who may ask what. */
  noticed(why: 'flood' | 'malformed' | 'badOffer', told: string, from: Pick<Flow, 'remote' | 'transport'>): void {
    this.#note(why, told, from)
  }

  #letIn(request: Request, admitted: Admitted): Verdict {
    this.#admitted.set(request, admitted)
    return 'admitted'
  }

  /** The trunk whose address this is. Where several share it, port and transport say which one is meant. */
  #lineFrom(request: Request, flow: Flow): TrunkLine | undefined {
    const { remote, provenDomains, isSecure, transport } = flow
    const fitting = this.#parts.trunks.all.filter(
      (line) => line.isAt(remote.address) || (isSecure && provenDomains.includes(line.trunk.fqdn.toLowerCase())),
    )
    const ports = new Set([remote.port, request.headers.first(Via)?.port])
    const ofPort = fitting.filter(({ trunk }) => ports.has(trunk.port))
    const exact = ofPort.find(({ trunk }) => trunk.transport === transport) ?? ofPort[0]
    // On loopback everybody has the same address: a trunk beside softphones is told from them by its port alone.
    return exact ?? (this.#isSoftphone(flow) ? undefined : fitting[0])
  }

  /** Nobody reaches a loopback address from elsewhere, whatever address of this machine a softphone has bound. */
  #isSoftphone({ local, remote }: Flow): boolean {
    return this.#parts.hasSoftphones && (isLoopback(remote.address) || isLoopback(local.address))
  }

  async #byProof(request: Request, flow: Flow): Promise<Verdict> {
    if (!this.#parts.trunks.all.some(({ trunk }) => trunk.account !== undefined)) {
      return this.#refuse('stranger', request, flow)
    }
    const { address } = flow.remote
    const verdict = await this.#digest.verify(request, address)
    if (verdict.is === 'accepted') {
      const line = this.#lineOf(verdict.username)
      if (line !== undefined) return this.#letIn(request, { line })
      return this.#refuse('stranger', request, flow)
    }
    if (verdict.is === 'wrong') {
      this.#attackers.wasWrong(address)
      this.#note('wrongCredentials', request.method, flow)
      if (this.#attackers.isBarred(address)) return this.#refuse('barred', request, flow)
      return this.#digest.challenge(request, { to: address })
    }
    this.#count('unproven')
    return this.#digest.challenge(request, { isStale: verdict.isStale, to: address })
  }

  #lineOf(user: string): TrunkLine | undefined {
    return this.#parts.trunks.all.find(({ trunk }) => trunk.account?.user === user)
  }

  #accountOf(user: string): { password: string } | undefined {
    return this.#lineOf(user)?.trunk.account
  }

  #flood(rate: 'high' | 'flood', request: Request, flow: Flow): Verdict {
    this.#note('flood', request.method, flow)
    if (rate === 'flood') return 'ignored'
    const response = responseTo(request, 503)
    response.headers.setText('Retry-After', String(retryAfterS))
    return response
  }

  #refuse(why: Refusal, request: Request, flow: Flow): Verdict {
    this.#note(why, request.method, flow)
    return flow.transport === 'udp' || why === 'scanner' ? 'ignored' : responseTo(request, 403)
  }

  #note(why: Refusal, what: string, { remote, transport }: Pick<Flow, 'remote' | 'transport'>): void {
    this.#count(why)
    if (!this.#attackers.isNews(why, remote.address)) return
    this.#parts.log.warn({ why, what, transport, address: remote.address }, 'sip.refused')
  }

  #count(why: Refusal): void {
    this.#counts.set(why, (this.#counts.get(why) ?? 0) + 1)
  }
}
