/**
 * A sip node without SIP: it takes orders and asks over the bus as apps/sip does, and what the phone network says is up
 * to the test.
 */
import { randomUUID } from 'node:crypto'
import {
  askForPhone,
  publishAlive,
  publishPhoneInventory,
  servePhones,
  subscribeSession,
  type Bus,
  type PhoneCarriers,
} from '@parley/bus'
import {
  CallId,
  NodeId,
  SessionId,
  type AgentEvent,
  type CallView,
  type EventBody,
  type EventName,
  type LegId,
  type PhoneAsk,
  type PhoneAskBody,
  type PhoneAskResult,
  type PhoneInventory,
  type PhoneOrderBody,
  type PhoneVerb,
  type ReasonName,
} from '@parley/protocol'
import { Journal } from '../../../../test/support/journal.ts'

const beatMs = 200
const srtpParameters = { cryptoSuite: 'AEAD_AES_128_GCM', keyBase64: `${'A'.repeat(38)}==` } as const

type Order = { [V in PhoneVerb]: { order: V; body: PhoneOrderBody<V> } }[PhoneVerb]

export class SipStandIn {
  readonly id = NodeId.parse(`node_${randomUUID()}`)
  readonly orders = new Journal<Order>('the sip node', ({ order }) => order)
  /** The one with the lowest gets the next phone. */
  load = 0
  /** While set it answers no orders. */
  isDeaf = false
  #isReady = true
  readonly #stops: (() => void)[] = []
  /** Nobody takes orders any more, and nobody knows yet. */
  readonly stopsServing: () => void

  constructor(readonly bus: Bus) {
    this.stopsServing = servePhones(bus, this.id, this.#carriers)
    const beat = setInterval(() => this.#beat(), beatMs)
    this.#stops.push(
      () => clearInterval(beat),
      () => this.stopsServing(),
    )
    this.#beat()
  }

  /** Waits until a number is to be dialled. */
  async dials(number: string): Promise<Phone & { order: PhoneOrderBody<'dial'> }> {
    const order = await this.orders.when(`order to dial ${number}`, () => this.#dialled(number))
    return Object.assign(this.heldAs(order), { order })
  }

  /** The phone that an order has dialled. */
  heldAs({ callId, legId, session }: PhoneOrderBody<'dial'>): Phone {
    return new Phone(this, session, callId, legId)
  }

  /** How often it was told to dial a number. */
  timesDialled(number: string): number {
    return this.orders.notes.filter((note) => note.order === 'dial' && note.body.dial.number === number).length
  }

  /** Somebody's phone that may call. */
  phone(): Phone {
    return new Phone(this, SessionId.parse(`ses_${randomUUID()}`), CallId.parse(randomUUID()))
  }

  /** Drains, or takes new calls again. */
  takesCalls(isReady: boolean): void {
    this.#isReady = isReady
    this.#beat()
  }

  tellsInventory(...phones: PhoneInventory['phones']): void {
    publishPhoneInventory(this.bus, { node: this.id, phones, asking: [] })
  }

  /** The inventory of a moment at which these have asked and have not been answered. */
  tellsWhoAsks(...asking: PhoneInventory['asking']): void {
    publishPhoneInventory(this.bus, { node: this.id, phones: [], asking })
  }

  /** Is gone from one moment to the next. */
  dies(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  readonly #carriers: PhoneCarriers = {
    dial: (body) => this.#take({ order: 'dial', body }),
    press: (body) => this.#take({ order: 'press', body }),
    drop: (body) => this.#take({ order: 'drop', body }),
  }

  async #take(order: Order): Promise<Record<string, never>> {
    this.orders.add(order)
    return this.isDeaf ? new Promise(() => {}) : {}
  }

  #dialled(number: string): PhoneOrderBody<'dial'> | undefined {
    const orders = this.orders.notes.flatMap((note) => (note.order === 'dial' ? [note.body] : []))
    return orders.find(({ dial }) => dial.number === number)
  }

  #beat(): void {
    publishAlive(this.bus, { node: this.id, role: 'sip', load: this.load, isReady: this.#isReady })
  }
}

/** One phone: it asks in the name of its session, and hears what that is told. */
export class Phone {
  readonly events: Journal<AgentEvent>

  constructor(
    readonly sip: SipStandIn,
    readonly session: SessionId,
    public callId: CallId,
    public legId?: LegId,
  ) {
    this.events = new Journal<AgentEvent>('the phone', ({ event }) => event)
    subscribeSession(sip.bus, session, (event) => this.events.add(event))
  }

  /** As an inventory names it. */
  get held(): PhoneInventory['phones'][number] {
    if (this.legId === undefined) throw new Error('It is in no call.')
    return { callId: this.callId, legId: this.legId, session: this.session }
  }

  asks<A extends PhoneAsk>(ask: A, body: PhoneAskBody<A>, node: NodeId = this.sip.id): Promise<PhoneAskResult<A>> {
    return askForPhone(this.sip.bus, { node, session: this.session }, ask, body, { timeoutMs: 10_000 })
  }

  /** Calls from outside. Gives the call, or why it leads nowhere. */
  async calls(
    to: string,
    more: Partial<PhoneAskBody<'phone.incoming'>> = {},
  ): Promise<PhoneAskResult<'phone.incoming'>> {
    const result = await this.asks('phone.incoming', { callId: this.callId, to, from: {}, ...more })
    if ('call' in result) ({ callId: this.callId, legId: this.legId } = result.call)
    return result
  }

  /** Calls from outside, and somebody gets the call. */
  async getsThrough(to: string, more: Partial<PhoneAskBody<'phone.incoming'>> = {}): Promise<CallView> {
    const result = await this.calls(to, more)
    if (!('call' in result)) throw new Error(`The call to ${to} was refused: ${result.refused}.`)
    return result.call
  }

  async progresses(what: Omit<PhoneAskBody<'phone.progress'>, 'callId'>): Promise<void> {
    await this.asks('phone.progress', { callId: this.callId, ...what })
  }

  /** Picks up, and its sound is there. */
  async answers(): Promise<void> {
    await this.getsSound()
    await this.asks('call.accept', { callId: this.callId, isMuted: false })
  }

  async getsSound(): Promise<void> {
    await this.asks('media.joinPlain', { callId: this.callId, generation: 1, rtpCapabilities: {}, srtpParameters })
  }

  async ends(reason: ReasonName, sipStatus?: number): Promise<void> {
    const status = sipStatus === undefined ? {} : { sipStatus }
    await this.asks('phone.ended', { callId: this.callId, reason, ...status })
  }

  async hears<E extends EventName>(event: E, matches: (body: EventBody<E>) => boolean = () => true): Promise<void> {
    await this.events.find(event, (heard) => heard.event === event && matches(heard.body as EventBody<E>))
  }
}
