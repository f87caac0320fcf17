/** A trunk, or a telephone, as SIP sees it: a user agent on loopback that says what it is told to. Only tests import this. */
import {
  agreeOnAnswer,
  answerAudio,
  MediaRefused,
  nameAddr,
  offerAudio,
  openTransactionLayer,
  openUserAgent,
  parseSdp,
  sipUri,
  writeSdp,
  type Codec,
  type IncomingInvite,
  type InviteOptions,
  type InviteSession,
  type LocalAudio,
  type MediaWish,
  type SessionDescription,
  type SessionMedia,
  type UserAgent,
  type UserAgentOptions,
} from '@parley/sip'
import { eventually } from '../media/testing/eventually.ts'
import { FarPhone } from '../media/testing/far-phone.ts'

const pcmu: Codec = { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 }
const events: Codec = { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-15' }

/** Descriptions of a telephone of two sockets. */
class FarMedia implements SessionMedia {
  readonly #port: number
  readonly codecs: readonly Codec[]
  /** Where the node hears it. */
  nodePort = 0
  #description: SessionDescription | undefined
  #offered: { local: LocalAudio; description: SessionDescription } | undefined

  constructor(port: number, codecs: readonly Codec[]) {
    this.#port = port
    this.codecs = codecs
  }

  offer({ direction }: MediaWish): string {
    const local = this.#local(direction)
    this.#offered = { local, description: offerAudio(local, this.#description) }
    return writeSdp(this.#offered.description)
  }

  answer(offer: string, { direction }: MediaWish): string {
    const answered = answerAudio(parseSdp(offer), this.#local(direction), this.#description)
    if (answered === undefined) throw new MediaRefused('no codec in common')
    this.#description = answered.description
    this.nodePort = answered.agreed.remote.port
    return writeSdp(answered.description)
  }

  answered(answer: string): void {
    const offered = this.#offered
    const agreed = offered && agreeOnAnswer(offered.description, parseSdp(answer), offered.local)
    if (offered === undefined || agreed === undefined) throw new MediaRefused('no codec in common')
    this.#description = offered.description
    this.nodePort = agreed.remote.port
  }

  #local(direction: MediaWish['direction']): LocalAudio {
    return { address: '127.0.0.1', port: this.#port, codecs: this.codecs, direction, canMuxRtcp: true }
  }
}

export class FarEnd {
  readonly agent: UserAgent
  readonly port: number
  readonly incoming: IncomingInvite[] = []
  readonly sound: FarPhone
  readonly media: FarMedia
  /** What was told of its calls, in short words. */
  readonly told: string[] = []
  /** What is done with a call that comes in; nothing leaves it without any answer. */
  answers: (call: IncomingInvite) => void | Promise<void> = () => undefined

  static async open(
    options: Partial<UserAgentOptions> & {
      codecs?: readonly Codec[]
      transport?: 'udp' | 'tcp'
      address?: string
    } = {},
  ): Promise<FarEnd> {
    const { transport = 'udp', address = '127.0.0.1', codecs = [pcmu, events], ...more } = options
    const agent = await openUserAgent({
      openLayer: (user) => openTransactionLayer({ user, listen: [{ transport, address, port: 0 }] }),
      ...more,
    })
    const sound = await FarPhone.open('PCMU')
    return new FarEnd(agent, sound, codecs)
  }

  private constructor(agent: UserAgent, sound: FarPhone, codecs: readonly Codec[]) {
    this.agent = agent
    this.sound = sound
    this.media = new FarMedia(sound.port, codecs)
    this.port = agent.layer.listening[0]?.local.port ?? 0
    agent.on('invite', (call) => {
      this.incoming.push(call)
      this.#hear(call)
      void this.answers(call)
    })
  }

  /** Accepts whatever comes. */
  accepts(): this {
    this.answers = (call) => call.accept({ media: this.media })
    return this
  }

  refuses(status: number, headers: Record<string, string> = {}): this {
    this.answers = (call) => call.reject(status, { headers })
    return this
  }

  calls(user: string, port: number, options: Partial<InviteOptions> = {}): InviteSession {
    const call = this.agent.invite({
      to: sipUri({ user, host: '127.0.0.1', port }),
      from: nameAddr(sipUri({ user: '+4930333', host: 'far.example.com' }), 'Far Away'),
      media: this.media,
      ...options,
    })
    this.#hear(call)
    return call
  }

  /** Waits until it is called. */
  async isCalled(): Promise<IncomingInvite> {
    return eventually('call', () => this.incoming.at(-1))
  }

  async isTold(what: string): Promise<void> {
    await eventually(`${what}; told was ${this.told.join(', ')}`, () => this.told.includes(what))
  }

  /** Says a tone to the node. */
  hums(hz: number): void {
    this.sound.says(hz, this.media.nodePort)
  }

  presses(key: string): void {
    this.sound.presses(key, this.media.nodePort)
  }

  async close(): Promise<void> {
    await Promise.all([this.sound.close(), this.agent.close(200)])
  }

  #hear(call: InviteSession): void {
    call.on('progress', ({ status }) => this.told.push(String(status)))
    call.on('confirmed', () => this.told.push('confirmed'))
    call.on('peerDirection', (direction) => this.told.push(direction))
    call.on('ended', ({ why, by, status, reasons }) => {
      const said = reasons.map(({ value, parameters }) => ` ${value} ${parameters.get('cause')}`).join('')
      this.told.push(`${why} by ${by}${status === undefined ? '' : ` ${status}`}${said}`)
    })
    call.on('info', ({ digit }) => this.told.push(`info ${digit?.digit}`))
  }
}
