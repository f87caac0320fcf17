/** User agents in a test: telephones with names on a network of their own, each writing down what it was told. */
import type { Uri } from '../grammar/index.ts'
import { nameAddr, sipUri } from '../grammar/index.ts'
import { openUserAgent } from '../agent/user-agent.ts'
import type { InviteOptions, UserAgent, UserAgentOptions } from '../agent/agent.ts'
import { MediaRefused, type MediaWish, type SessionMedia } from '../agent/media.ts'
import type { IncomingInvite, InviteSession } from '../agent/session.ts'
import {
  agreeOnAnswer,
  answerAudio,
  offerAudio,
  parseSdp,
  writeSdp,
  type AgreedAudio,
  type Codec,
  type LocalAudio,
  type SessionDescription,
} from '../sdp/index.ts'
import type { Server, TransportName } from '../servers/server.ts'
import { Transactions } from '../transactions/layer.ts'
import { FakeClock } from './fake-clock.ts'
import { Network } from './network.ts'

export const pcmu: Codec = { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 }
export const g729: Codec = { payloadType: 18, name: 'G729', clockRate: 8000, channels: 1 }

/** Media that make no sound, but agree as real ones do. */
export class PaperMedia implements SessionMedia {
  /** What was agreed, in order: early answers too. */
  readonly log: string[] = []
  codecs: readonly Codec[] = [pcmu]
  agreed: AgreedAudio | undefined
  readonly #address: string
  #description: SessionDescription | undefined
  #offered: { local: LocalAudio; description: SessionDescription } | undefined

  constructor(address = '192.0.2.1') {
    this.#address = address
  }

  offer({ direction }: MediaWish): string {
    const local = this.#local(direction)
    this.#offered = { local, description: offerAudio(local, this.#description) }
    this.log.push(`offers ${direction}`)
    return writeSdp(this.#offered.description)
  }

  answer(offer: string, { direction }: MediaWish): string {
    const answered = answerAudio(parseSdp(offer), this.#local(direction), this.#description)
    if (answered === undefined) throw new MediaRefused('no codec in common')
    this.#description = answered.description
    this.agreed = answered.agreed
    this.log.push(`answers ${answered.agreed.direction}`)
    return writeSdp(answered.description)
  }

  answered(answer: string, { isEarly }: { isEarly: boolean }): void | Promise<void> {
    const offered = this.#offered
    const agreed = offered && agreeOnAnswer(offered.description, parseSdp(answer), offered.local)
    if (offered === undefined || agreed === undefined) throw new MediaRefused('no codec in common')
    this.agreed = agreed
    this.#description = offered.description
    this.log.push(`${isEarly ? 'hears early' : 'agrees'} ${agreed.direction}`)
  }

  withdrawn(): void {
    this.log.push('withdraws')
  }

  #local(direction: LocalAudio['direction']): LocalAudio {
    return { address: this.#address, port: 4000, codecs: this.codecs, direction }
  }
}

export class Phone {
  readonly name: string
  readonly agent: UserAgent
  readonly uri: Uri
  /** What the app was told, in order, in short words. */
  readonly told: string[] = []
  readonly incoming: IncomingInvite[] = []
  /** The media of calls that come in. */
  media = new PaperMedia()
  /** What is done with a call that comes in. */
  answers: (call: IncomingInvite) => void = () => undefined

  constructor(name: string, agent: UserAgent) {
    this.name = name
    this.agent = agent
    this.uri = sipUri({ user: name, host: name })
    agent.on('invite', (call) => {
      this.incoming.push(call)
      this.hears(call)
      this.answers(call)
    })
  }

  calls(other: { name: string }, options: Partial<InviteOptions> = {}): InviteSession & { media: PaperMedia } {
    const media = new PaperMedia()
    const call = this.agent.invite({
      to: sipUri({ user: other.name, host: other.name }),
      from: nameAddr(this.uri),
      media,
      ...options,
    })
    this.hears(call)
    return Object.assign(call, { media })
  }

  /** Accepts each call at once. */
  acceptsAll(): this {
    this.answers = (call) => this.accepts(call)
    return this
  }

  accepts(call: IncomingInvite): void {
    call.accept({ media: this.media }).catch((error: unknown) => this.told.push(`accept: ${String(error)}`))
  }

  hears(call: InviteSession): void {
    call.on('progress', ({ status, hasMedia }) => this.told.push(`${status}${hasMedia ? ' with media' : ''}`))
    call.on('confirmed', () => this.told.push('confirmed'))
    call.on('renegotiated', ({ by }) => this.told.push(`renegotiated by ${by}`))
    call.on('peerDirection', (direction) => this.told.push(`peer ${direction}`))
    call.on('info', ({ digit }) => this.told.push(`digit ${digit?.digit} ${digit?.durationMs}`))
    call.on('ended', ({ why, by, status }) => this.told.push(`ended: ${why} by ${by} ${status ?? ''}`.trim()))
  }
}

export type Place = {
  clock: FakeClock
  network: Network
  /** Failures that nobody was told: none, unless a test says so. */
  failures: unknown[]
  phone: (name: string, options?: Partial<UserAgentOptions>) => Promise<Phone>
}

/** A network on which everybody is found by his name. */
export function place(transport: TransportName = 'udp'): Place {
  const clock = new FakeClock()
  const network = new Network(clock)
  const failures: unknown[] = []
  const finder = {
    find: async (uri: Uri): Promise<Server[]> =>
      uri.kind === 'sip' ? [{ transport, address: uri.host, port: 5060, domain: uri.host }] : [],
    forget: () => undefined,
  }
  const phone = async (name: string, options: Partial<UserAgentOptions> = {}): Promise<Phone> => {
    const agent = await openUserAgent({
      openLayer: async (user) => new Transactions({ user, clock }, network.host(name, transport), finder),
      clock,
      failed: (error) => void failures.push(error),
      ...options,
    })
    return new Phone(name, agent)
  }
  return { clock, network, failures, phone }
}

/** Ann and Bob, who accepts whatever comes. */
export async function annCallsBob(options: { transport?: TransportName; call?: Partial<InviteOptions> } = {}) {
  const around = place(options.transport)
  const ann = await around.phone('ann')
  const bob = (await around.phone('bob')).acceptsAll()
  const call = ann.calls(bob, options.call)
  await around.clock.passes(200)
  const [answered] = bob.incoming
  if (answered === undefined) throw new Error('bob was not called')
  return { ...around, ann, bob, call, answered }
}
