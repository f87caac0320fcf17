/** What api has the sip nodes do with the phones that they hold: dial them, and press keys towards them. */
import { orderPhone, type Bus } from '@parley/bus'
import { phonesHearing, viewOf, type Call, type Effect, type Leg } from '@parley/call'
import { Refused, type CallId, type LegId, type SessionId, type Tones } from '@parley/protocol'
import { Queues } from '../calls/call-queue.ts'
import type { Phones } from './phones.ts'

export class PhoneOrders {
  /** What is noted of one leg is noted in order. */
  readonly #records = new Queues<LegId>()

  constructor(
    private readonly parts: {
      bus: Bus
      phones: Phones
      /** A call as it is now. */
      find: (callId: CallId) => Promise<Call | undefined>
      orderMs: number
    },
  ) {}

  /** Has a phone dialled. @throws {BusError} when its node is gone */
  async dial(call: Call, leg: Leg, { dial, expiresAt: until }: Extract<Effect, { do: 'dial' }>): Promise<void> {
    const { id: legId, session, phone } = leg
    if (session === undefined || phone === undefined) return
    const { displayName } = viewOf(call, legId).caller
    const callerName = displayName === undefined ? {} : { callerName: displayName }
    const order = { callId: call.id, legId, session, dial, ...callerName, until }
    await orderPhone(this.parts.bus, phone, 'dial', order, this.#within)
  }

  /** Presses keys towards the phones in a call. @throws Refused 'notConnected' | 'notInThisCall' | 'unavailable' */
  async press(call: Call, by: SessionId, tones: Tones): Promise<void> {
    const hearing = phonesHearing(call, by)
    if (typeof hearing === 'string') throw new Refused(hearing)
    await Promise.all(hearing.map((leg) => this.#press(call.id, leg, tones)))
  }

  /** Remembers how a phone's call goes. */
  record(call: Call, { legId, end }: Extract<Effect, { do: 'record' }>): Promise<void> {
    return this.#records.run(legId, async () => {
      if (end !== undefined) return this.parts.phones.changed(legId, { end: { reason: end } })
      const before = await this.#legBefore(call, legId)
      if (before === undefined) await this.parts.phones.changed(legId, { isAnswered: true })
      else await this.parts.phones.wentOn(before, { callId: call.id, legId })
    })
  }

  /** The leg that a phone had in the call from which it was transferred into this one. */
  async #legBefore({ legs }: Call, legId: LegId): Promise<LegId | undefined> {
    const transferOf = legs.find(({ id }) => id === legId)?.transferOf
    const before = transferOf && (await this.parts.find(transferOf.callId))
    return before?.transfer?.id === transferOf?.id ? before?.transfer?.of : undefined
  }

  async #press(callId: CallId, { id: legId, session, phone }: Leg, tones: Tones): Promise<void> {
    if (session === undefined || phone === undefined) return
    try {
      await orderPhone(this.parts.bus, phone, 'press', { callId, legId, session, tones }, this.#within)
    } catch (cause) {
      throw new Refused('unavailable', { detail: 'The connector of the phone did not answer.', cause })
    }
  }

  get #within(): { timeoutMs: number } {
    return { timeoutMs: this.parts.orderMs }
  }
}
