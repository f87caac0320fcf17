/** We ask the other side to call somebody (RFC 3515), and hear from it what became of that: the subscription of a REFER. */
import { readStatusFragment, sipfragType } from '../dialogs/index.ts'
import { nameAddr, type Uri } from '../grammar/index.ts'
import { bodyText, CSeq, Event, ReferredBy, ReferTo, SubscriptionState } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { reply } from './answering.ts'
import { endIfLost } from './losses.ts'
import type { ReferOptions, ReferOutcome } from './session.ts'
import type { SessionPart } from './session-part.ts'

type Subscription = {
  /** RFC 3515 section 2.4.6: the number of the REFER's CSeq. Known once it has gone out. */
  id: number
  told: ReferOptions['onProgress']
  outcome: Promise<ReferOutcome>
  settle(outcome: ReferOutcome): void
}

export class OurRefers {
  readonly #session: SessionPart
  readonly #subscriptions = new Set<Subscription>()

  constructor(session: SessionPart) {
    this.#session = session
  }

  /** When nobody waits any more: a NOTIFY may come after the BYE (RFC 5057 section 4.1). */
  async settled(): Promise<void> {
    await Promise.all([...this.#subscriptions].map(({ outcome }) => outcome))
  }

  /** Nothing will be heard any more. */
  abandon(): void {
    for (const subscription of this.#subscriptions) subscription.settle({ is: 'unknown' })
  }

  async refer(target: Uri, options: Omit<ReferOptions, 'replaces'>): Promise<ReferOutcome> {
    const { context } = this.#session
    const link = this.#session.confirmedLink()
    const request = link.request('REFER', { headers: options.headers })
    request.headers.set(ReferTo, nameAddr(target))
    request.headers.set(ReferredBy, options.referredBy ?? nameAddr(this.#session.local.uri))
    const { promise, resolve } = Promise.withResolvers<ReferOutcome>()
    const subscription: Subscription = {
      id: request.headers.need(CSeq).number,
      told: options.onProgress,
      outcome: promise,
      settle: (outcome) => {
        this.#subscriptions.delete(subscription)
        callOff()
        resolve(outcome)
      },
    }
    // A NOTIFY may be faster than the 202.
    this.#subscriptions.add(subscription)
    const callOff = context.clock.after(context.limits.referMs, () => subscription.settle({ is: 'unknown' }))
    try {
      const response = await link.askWith(request)
      // RFC 4488 section 4: nobody will tell us.
      if (response.headers.text('Refer-Sub')?.toLowerCase().startsWith('false')) subscription.settle({ is: 'unknown' })
    } catch (error) {
      subscription.settle({ is: 'unknown' })
      endIfLost(this.#session, error)
      throw error
    }
    return promise
  }

  takeNotify(transaction: ServerTransaction): void {
    const { context } = this.#session
    const { headers } = transaction.request
    const event = headers.get(Event)
    if (event?.value.toLowerCase() !== 'refer') {
      reply(context, transaction, 489, { headers: { 'Allow-Events': 'refer' } })
      return
    }
    const subscription = this.#named(event.parameters.get('id'))
    if (subscription === undefined) {
      reply(context, transaction, 481)
      return
    }
    reply(context, transaction, 200)
    const isLast = headers.get(SubscriptionState)?.value.toLowerCase() === 'terminated'
    const isFragment = headers.text('Content-Type')?.toLowerCase().startsWith(sipfragType) ?? false
    this.#tell(subscription, isFragment ? readStatusFragment(bodyText(transaction.request)) : undefined, isLast)
  }

  /** A digest's repetition has given the REFER another number, so without a match the only one open is meant. */
  #named(id: string | undefined): Subscription | undefined {
    const open = [...this.#subscriptions]
    return open.find((one) => String(one.id) === id) ?? (open.length === 1 ? open[0] : undefined)
  }

  /** Some forget to say that their last word is the last: a final status is. */
  #tell(subscription: Subscription, told: { status: number; reason: string } | undefined, isLast: boolean): void {
    if (told === undefined) {
      if (isLast) subscription.settle({ is: 'unknown' })
    } else if (told.status >= 300) {
      subscription.settle({ is: 'failed', ...told })
    } else if (told.status >= 200) {
      subscription.settle({ is: 'succeeded', status: told.status })
    } else {
      subscription.told?.(told.status, told.reason)
      if (isLast) subscription.settle({ is: 'unknown' })
    }
  }
}
