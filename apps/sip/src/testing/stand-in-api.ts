/** api as a sip node knows it: has phones dialled, answers what they ask, tells them of their calls. Only tests import this. */
import { randomUUID } from 'node:crypto'
import {
  orderPhone,
  publishToSession,
  publishTrunksChanged,
  servePhoneAsks,
  serveTrunks,
  subscribePhoneInventories,
  subscribeTrunkHealth,
  type MemoryBus,
} from '@parley/bus'
import {
  CallId,
  endOf,
  EpochMs,
  LegId,
  RawId,
  SessionId,
  type AgentEvent,
  type CallView,
  type Dial,
  type NodeId,
  type PhoneAsk,
  type PhoneAskBody,
  type PhoneAskResult,
  type PhoneInventory,
  type ReasonName,
  type Trunk,
  type TrunkHealth,
} from '@parley/protocol'
import { eventually } from '../media/testing/eventually.ts'
import { FarSfu } from '../media/testing/far-sfu.ts'

type Asked = { ask: PhoneAsk; session: SessionId; body: unknown }
type Answers = { [A in PhoneAsk]?: (body: PhoneAskBody<A>, session: SessionId) => unknown }

export type Dialled = { callId: CallId; legId: LegId; session: SessionId }

export class StandInApi {
  readonly asked: Asked[] = []
  readonly health: TrunkHealth[] = []
  inventory: Omit<PhoneInventory, 'node'> | undefined
  trunks: Trunk[] = []
  isDraining = false
  /** What is answered instead of the usual. */
  answers: Answers = {}
  /** The sfu's ends of the phones' sound, in the order in which they were joined. */
  readonly sounds: FarSfu[] = []
  readonly #bus: MemoryBus
  readonly #stops: (() => void)[]
  readonly #versions = new Map<CallId, number>()
  readonly #legs = new Map<CallId, LegId>()

  constructor(bus: MemoryBus) {
    this.#bus = bus
    this.#stops = [
      servePhoneAsks(bus, async ({ session }, { ask, body }) => {
        this.asked.push({ ask, session, body })
        const own = this.answers[ask] as ((body: unknown, session: SessionId) => unknown) | undefined
        return own === undefined ? this.#usual(ask, body) : own(body, session)
      }),
      serveTrunks(bus, async () => ({ isDraining: this.isDraining, trunks: this.trunks })),
      subscribePhoneInventories(bus, ({ node: _, ...inventory }) => void (this.inventory = inventory)),
      subscribeTrunkHealth(bus, (health) => void this.health.push(health)),
    ]
  }

  /** Has a phone dialled; the same order again when `again` names one. */
  async dials(node: NodeId, dial: Partial<Dial> & Pick<Dial, 'trunks'>, again?: Dialled): Promise<Dialled> {
    const dialled = again ?? newLeg()
    const order = {
      ...dialled,
      dial: { number: '+4930111', callerId: '+4930222', isHidden: false, ...dial } as Dial, // literals of its grammar
      until: EpochMs.parse(Date.now() + 60_000),
    }
    await orderPhone(this.#bus, node, 'dial', order, { timeoutMs: 1000 })
    return dialled
  }

  async presses(node: NodeId, leg: Dialled, tones: string): Promise<void> {
    await orderPhone(this.#bus, node, 'press', { ...leg, tones }, { timeoutMs: 1000 })
  }

  async drops(node: NodeId, leg: Dialled): Promise<void> {
    await orderPhone(this.#bus, node, 'drop', leg, { timeoutMs: 1000 })
  }

  changesTrunks(trunks: Trunk[]): void {
    this.trunks = trunks
    publishTrunksChanged(this.#bus)
  }

  /** Tells a phone how its call looks now. */
  shows({ callId, legId, session }: Dialled, view: Partial<CallView>): void {
    this.tells(session, { event: 'call.changed', body: { call: this.view(callId, legId, view) } })
  }

  ends({ callId, legId, session }: Dialled, reason: ReasonName): void {
    const call = this.view(callId, legId, { state: 'Disconnected', end: endOf(reason) })
    this.tells(session, { event: 'call.ended', body: { call } })
  }

  tells(session: SessionId, event: AgentEvent): void {
    publishToSession(this.#bus, session, event)
  }

  view(callId: CallId, legId: LegId, more: Partial<CallView> = {}): CallView {
    const version = (this.#versions.get(callId) ?? 0) + 1
    this.#versions.set(callId, version)
    this.#legs.set(callId, legId)
    return {
      ...{ callId, legId, version, kind: 'direct', direction: 'Incoming', state: 'Connected' },
      ...{ isMuted: false, mutedByOthers: 0, may: ['speak'], forbidden: [], isSharing: false, mediaLost: false },
      caller: { id: RawId.parse('8:acs:ann') },
      participants: [],
      ...more,
    }
  }

  /** Where a phone sits of which only the session is known. */
  seatOf({ callId, session }: Pick<Dialled, 'callId' | 'session'>): Dialled {
    const legId = this.#legs.get(callId)
    if (legId === undefined) throw new Error('Nobody sits in this call.')
    return { callId, legId, session }
  }

  /** Waits until a phone asks this, and gives what it asked. */
  async isAsked<A extends PhoneAsk>(
    ask: A,
    is: (body: PhoneAskBody<A>) => boolean = () => true,
  ): Promise<{ body: PhoneAskBody<A>; session: SessionId }> {
    const found = await eventually(`question ${ask}; asked was ${this.#story()}`, () =>
      this.asked.find((one) => one.ask === ask && is(one.body as PhoneAskBody<A>)),
    )
    return { body: found.body as PhoneAskBody<A>, session: found.session }
  }

  /** The names of what was asked, without what concerns media. */
  get story(): PhoneAsk[] {
    return this.asked.flatMap(({ ask }) => (ask.startsWith('media.') ? [] : [ask]))
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop()
    await Promise.all(this.sounds.map((sound) => sound.close()))
  }

  async #usual(ask: PhoneAsk, body: unknown): Promise<PhoneAskResult<PhoneAsk>> {
    const { callId } = body as { callId: CallId }
    switch (ask) {
      case 'phone.incoming':
      case 'call.start':
        return { call: this.view(callId, newLeg().legId, { state: 'Ringing' }) }
      case 'call.accept':
      case 'call.transfer':
        return { call: this.view(callId, newLeg().legId) }
      case 'media.joinPlain':
        return this.#join(body as PhoneAskBody<'media.joinPlain'>)
      case 'media.send':
        return { id: 'producer' }
      default:
        return {}
    }
  }

  async #join({ generation, srtpParameters }: PhoneAskBody<'media.joinPlain'>) {
    const sound = await FarSfu.open(srtpParameters)
    this.sounds.push(sound)
    return { media: { generation, ...sound.media, consumers: [], streams: [] } }
  }

  #story(): string {
    return this.asked.map(({ ask }) => ask).join(', ') || 'nothing'
  }
}

export function newLeg(): Dialled {
  return {
    callId: CallId.parse(randomUUID()),
    legId: LegId.parse(`leg_${randomUUID()}`),
    session: SessionId.parse(`ses_${randomUUID()}`),
  }
}
