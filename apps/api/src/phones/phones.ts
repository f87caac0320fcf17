/**
 * The phone network as calls see it: who may dial what, who gets the call that comes in, and what is remembered of it.
 * It decides and counts; what is dialled is an effect of the call's step, and a sip node carries it out.
 */
import { PhoneNumber, type CallId, type LegId, type ReasonName, type ResourceId, type UserId } from '@parley/protocol'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { diallingOf, trunkHasRoom, type Dialling, type DialWish } from './dialling.ts'
import { withFirstTrunk, type FirstPhones } from './first-trunk.ts'
import type { NumberTarget, OwnNumber } from './own-number.ts'
import { trunkNamed, type PhoneBook } from './phone-book.ts'
import type { PhoneCallChange, PhoneCallStore, PhoneStore } from './phone-store.ts'

export type PhonesParts = {
  resourceId: ResourceId
  store: PhoneStore
  calls: PhoneCallStore
  /** The environment's trunk and numbers. */
  first: FirstPhones
  metrics: Registry
  log: Logger
}

/** The leg of a phone in a call. */
export type PhoneLeg = { callId: CallId; legId: LegId }

export type IncomingPhoneCall = PhoneLeg & {
  /** What was called, as the sip node has read it. */
  to: string
  /** Who calls; absent where the network does not say. */
  from: string | undefined
  /** Over which trunk; absent for a phone on this machine. */
  trunk: string | undefined
}

export type Reception = { target: NumberTarget } | { refused: ReasonName }

export class Phones {
  readonly #refusals: Counter<'direction' | 'reason'>

  constructor(private readonly parts: PhonesParts) {
    this.#refusals = new Counter({
      name: 'parley_phone_refusals_total',
      help: 'Phone calls that were refused before anything was sent, by direction and reason',
      labelNames: ['direction', 'reason'],
      registers: [parts.metrics],
    })
  }

  /**
   * Decides whether a user may dial, and over which trunks. A call that may be dialled counts from now on: it is to be
   * ended, or forgotten when it does not come about. Who does not say what is to be shown shows the first number of the
   * environment, so that a first try needs no more than a trunk and a number.
   */
  async dial(leg: PhoneLeg, user: UserId, wish: DialWish): Promise<Dialling> {
    const { resourceId, calls, first } = this.parts
    const shows = wish.callerId ?? first.numbers[0]?.number
    const [book, own] = await Promise.all([this.#book(), this.#own(shows)])
    let decided: Dialling = { refused: 'unavailable' }
    await calls.begin(resourceId, user, (inUse) => {
      decided = diallingOf({ ...wish, callerId: shows }, book, own, inUse)
      if ('refused' in decided) return undefined
      const { number, callerId, trunks } = decided.dial
      const [trunk] = trunks
      const shown = callerId === undefined ? {} : { from: callerId }
      return {
        ...leg,
        resourceId,
        direction: 'out',
        user,
        to: number,
        ...shown,
        ...(trunk === undefined ? {} : { trunk }),
      }
    })
    return this.#counted('out', leg, decided)
  }

  /** Decides who gets a call that comes in. One that somebody gets counts as one that is dialled does. */
  async receive(call: IncomingPhoneCall): Promise<Reception> {
    return this.#counted('in', call, await this.#received(call))
  }

  async #received({ to, from, trunk, ...leg }: IncomingPhoneCall): Promise<Reception> {
    const { resourceId, calls } = this.parts
    const [book, target] = await Promise.all([this.#book(), this.targetOf(to)])
    const over = trunk === undefined ? undefined : trunkNamed(book.trunks, trunk)
    if (book.isDraining) return { refused: 'unavailable' }
    // It was taken away while the call was on its way.
    if (trunk !== undefined && over === undefined) return { refused: 'noTrunk' }
    if (target === undefined) return { refused: 'noRoute' }
    let decided: Reception = { refused: 'tooManyPhoneCalls' }
    await calls.begin(resourceId, undefined, (inUse) => {
      if (over !== undefined && !trunkHasRoom(over, inUse)) return undefined
      decided = { target }
      // The trunk's own name, so that its calls are counted together, however somebody writes it.
      const known = { ...(from === undefined ? {} : { from }), ...(over === undefined ? {} : { trunk: over.fqdn }) }
      return { ...leg, resourceId, direction: 'in', to, ...known }
    })
    return decided
  }

  /** Refuses a call that was received, and that nobody gets after all: it counts no more. `error` is whose fault it is. */
  async refuse(leg: PhoneLeg, reason: ReasonName, error?: unknown): Promise<{ refused: ReasonName }> {
    await this.forget(leg.legId)
    return this.#counted('in', leg, { refused: reason }, error)
  }

  /** Refusals are counted and logged, without the numbers: who tries what nobody allowed is seen in time. */
  #counted<T extends Dialling | Reception | { refused: ReasonName }>(
    direction: 'in' | 'out',
    { callId, legId }: PhoneLeg,
    decided: T,
    error?: unknown,
  ): T {
    if ('refused' in decided) {
      const { refused: reason } = decided
      this.#refusals.inc({ direction, reason })
      const told = { callId, legId, direction, reason }
      if (error === undefined) this.parts.log.info(told, 'phone.refused')
      else this.parts.log.warn({ ...told, error: String(error) }, 'phone.refused')
    }
    return decided
  }

  /** Notes which trunk took a call, that it was answered, and how it ended. */
  async changed(legId: LegId, change: PhoneCallChange): Promise<void> {
    await this.parts.calls.change(legId, change)
  }

  /** A phone that was transferred goes on in another call: that is on record, and counts, as the one before. */
  async wentOn(from: LegId, to: PhoneLeg): Promise<void> {
    await this.parts.calls.goOn(from, to)
  }

  /** The number that a call has gone by. */
  async numberOf(callId: CallId): Promise<PhoneNumber | undefined> {
    return this.parts.calls.ownNumberIn(callId)
  }

  async isOverTrunk(legId: LegId): Promise<boolean> {
    return this.parts.calls.isOverTrunk(legId)
  }

  /** The number whose calls go to a user; the first, where there are several. */
  async numberFor(user: UserId): Promise<PhoneNumber | undefined> {
    const { resourceId, store, first } = this.parts
    const isHis = ({ target }: OwnNumber): boolean => target !== undefined && 'user' in target && target.user === user
    return (await store.numberFor(resourceId, user)) ?? first.numbers.find(isHis)?.number
  }

  /** Who gets the calls to a number of ours. */
  async targetOf(called: string): Promise<NumberTarget | undefined> {
    const read = PhoneNumber.safeParse(called)
    return read.success ? (await this.#own(read.data))?.target : undefined
  }

  /** Forgets a call that was allowed and did not come about. */
  async forget(legId: LegId): Promise<void> {
    await this.parts.calls.forget(legId)
  }

  async #book(): Promise<PhoneBook> {
    const { resourceId, store, first } = this.parts
    return withFirstTrunk(await store.book(resourceId), first)
  }

  async #own(number: PhoneNumber | undefined): Promise<OwnNumber | undefined> {
    if (number === undefined) return undefined
    const { resourceId, store, first } = this.parts
    return (await store.number(resourceId, number)) ?? first.numbers.find((one) => one.number === number)
  }
}
