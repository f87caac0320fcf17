/** All phones of a node: dialled by order, or calling over a line; found by their sessions. */
import { randomUUID } from 'node:crypto'
import { subscribeSession, type Bus } from '@parley/bus'
import {
  CallId,
  SessionId,
  softphones,
  type NodeId,
  type PhoneInventory,
  type PhoneOrderBody,
  type ReasonName,
} from '@parley/protocol'
import type { IncomingInvite, InviteSession, UserAgent } from '@parley/sip'
import type { Logger } from 'pino'
import { NoPortLeft, type PhoneLeg, type PhoneMedia } from '../media/index.ts'
import { askerFor, insist } from './asking.ts'
import { takeIn, type CameBy } from './incoming.ts'
import { dialOut } from './outgoing.ts'
import { PhoneSdp } from './phone-sdp.ts'
import { Phone, type PhoneParts } from './phone.ts'
import type { Ways } from './way.ts'

export type PhonesParts = {
  node: NodeId
  bus: Bus
  agent: UserAgent
  media: PhoneMedia
  /** The ways to a number, the best first. */
  waysTo: (order: PhoneOrderBody<'dial'>) => Promise<Ways[]>
  silenceLimitMs: number
  /** A phone that calls was refused for what it offers. */
  offerRefused: (invite: IncomingInvite, why: string) => void
  log: Logger
}

/** Our clock may go ahead of the database's. */
const clockSlackMs = 5000
/** An order may come again long after its phone has hung up. */
const mostRemembered = 10_000

export class Phones {
  readonly #parts: PhonesParts
  readonly #phones = new Map<SessionId, Phone>()
  /** Sessions that were dialled once. */
  readonly #dialled = new Set<SessionId>()
  readonly #closing = new Set<Promise<void>>()
  /** Calls that have come in and have no place yet. */
  readonly #asking = new Set<SessionId>()

  constructor(parts: PhonesParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#phones.size
  }

  get inventory(): Omit<PhoneInventory, 'node'> {
    return { phones: [...this.#phones.values()].flatMap(({ inventory }) => inventory), asking: [...this.#asking] }
  }

  /**
   * Carries an order out, once, and not after its time. What becomes of it is told in the name of its session.
   */
  dial(order: PhoneOrderBody<'dial'>): void {
    const { session, until } = order
    if (this.#dialled.has(session) || Date.now() > until + clockSlackMs) return
    this.#dialled.add(session)
    const [oldest] = this.#dialled
    if (this.#dialled.size > mostRemembered && oldest !== undefined) this.#dialled.delete(oldest)
    this.#run(session, this.#dial(order))
  }

  /** @throws {Error} when the phone takes no keys */
  async press({ session, tones }: PhoneOrderBody<'press'>): Promise<void> {
    await this.#phones.get(session)?.press(tones)
  }

  drop({ session, callId }: PhoneOrderBody<'drop'>): void {
    const phone = this.#phones.get(session)
    phone?.loses(callId)
  }

  /** A call has come in. */
  takeIn(invite: IncomingInvite, by: CameBy, address: string): void {
    if (invite.replaces !== undefined) return this.#takeOver(invite.replaces, invite, by, address)
    const session = SessionId.parse(`ses_${randomUUID()}`)
    this.#run(session, this.#takeIn(invite, { session, by, address }))
  }

  /**
   * RFC 3891 section 5: to know a dialog by its name is no right to it. Only who comes over the line of a phone, where it
   * may transfer, puts himself into its place; and not before it has answered: nobody picks up for somebody else here.
   */
  #takeOver(replaced: InviteSession, invite: IncomingInvite, by: CameBy, address: string): void {
    const phone = this.#phoneOf(replaced)
    if (phone?.isUp !== true || !by.mayTransfer || phone.line.trunk !== by.trunk) {
      invite.reject(603)
      return
    }
    const { silenceLimitMs } = this.#parts
    invite.useMedia(
      new PhoneSdp({
        sound: phone.sound,
        terms: by.terms,
        address,
        isTheirs: (one) => by.isTheirs(one),
        silenceLimitMs,
        agreed: (one) => phone.agrees(one),
      }),
    )
    this.#run(phone.session, phone.isTakenOverBy(invite))
  }

  /** Hangs everybody up. */
  async close(): Promise<void> {
    const all = [...this.#phones.values()].map((phone) => phone.close())
    await Promise.all([...all, ...this.#closing])
  }

  async #dial(order: PhoneOrderBody<'dial'>): Promise<void> {
    const { session, callId, legId, until } = order
    const { bus, waysTo, silenceLimitMs } = this.#parts
    // The caller may hang up before there is a phone that would hear of it.
    let end: ReasonName | undefined
    const stop = subscribeSession(bus, session, ({ event, body }) => {
      if (event === 'call.ended') end = body.call.end?.reason ?? 'hungUp'
    })
    try {
      const ways = await waysTo(order)
      const first = ways[0]?.[0]
      // Nobody has registered by this number; or none of the trunks is known here, or can be found.
      const isAway = order.dial.trunks.includes(softphones) ? 'phoneAway' : 'trunkAway'
      if (first === undefined) return await this.#refuse(order, isAway)
      const sound = await this.#soundFor(callId)
      if (sound === undefined) return await this.#refuse(order, 'unavailable')
      const phone = this.#keep({ session, side: 'called', sound, line: first })
      const seat = phone.takesSeat(callId, legId)
      if (end === undefined) await dialOut({ phone, seat, ways, until, silenceLimitMs })
      else phone.hangUp(end)
    } finally {
      stop()
    }
  }

  async #takeIn(
    invite: IncomingInvite,
    { session, by, address }: { session: SessionId; by: CameBy; address: string },
  ): Promise<void> {
    const callId = CallId.parse(randomUUID())
    const sound = await this.#soundFor(callId)
    if (sound === undefined) {
      invite.reject(503, { headers: { 'Retry-After': '5' } })
      return
    }
    const phone = this.#keep({ session, side: 'calling', sound, line: by })
    this.#asking.add(session)
    const { silenceLimitMs, offerRefused } = this.#parts
    try {
      await takeIn({ phone, invite, by, callId, address, silenceLimitMs, offerRefused })
    } catch (error) {
      phone.hangUp('unavailable')
      throw error
    } finally {
      this.#asking.delete(session)
    }
  }

  async #soundFor(call: CallId): Promise<PhoneLeg | undefined> {
    try {
      return await this.#parts.media.open({ call })
    } catch (error) {
      if (!(error instanceof NoPortLeft)) throw error
      this.#parts.log.error({}, 'phones.no_port_left')
      return undefined
    }
  }

  #keep(own: Pick<PhoneParts, 'session' | 'side' | 'sound' | 'line'>): Phone {
    const { bus, node, agent, log } = this.#parts
    const { session } = own
    const phone = new Phone({
      ...own,
      ...{ bus, agent, log, ask: askerFor(bus, { node, session }) },
      phoneOf: (dialog) => this.#phoneOf(dialog),
      gone: (one) => {
        this.#phones.delete(session)
        const closed = one.close().finally(() => this.#closing.delete(closed))
        this.#closing.add(closed)
      },
    })
    this.#phones.set(session, phone)
    return phone
  }

  #phoneOf(dialog: InviteSession): Phone | undefined {
    return [...this.#phones.values()].find((phone) => phone.dialog === dialog)
  }

  /** A phone that was never one. */
  async #refuse({ session, callId }: PhoneOrderBody<'dial'>, reason: ReasonName): Promise<void> {
    const ask = askerFor(this.#parts.bus, { node: this.#parts.node, session })
    await insist(
      () => ask('phone.ended', { callId, reason }),
      () => true,
    )
  }

  #run(session: SessionId, task: Promise<void>): void {
    const running = task
      .catch((err: unknown) => this.#parts.log.warn({ session, err }, 'phone.failed'))
      .finally(() => this.#closing.delete(running))
    this.#closing.add(running)
  }
}
