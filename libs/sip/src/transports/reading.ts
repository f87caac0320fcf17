/** What every transport does with the bytes of a message: counts, reads, and refuses or drops what cannot be read. */
import type { Clock } from '../clock.ts'
import { writeMessage } from '../messages/message.ts'
import { parseMessage } from '../messages/parse.ts'
import { Rates } from './rates.ts'
import { stampVia } from './received.ts'
import type { Notice } from './notice.ts'
import type { OpenFlow, TransportUser } from './transports.ts'

export class Reading {
  readonly #user: TransportUser
  readonly #rates: Rates

  constructor(user: TransportUser, clock: Clock, messagesPerSecond: number) {
    this.#user = user
    this.#rates = new Rates(clock, messagesPerSecond)
  }

  /** Takes the bytes of one message. Never throws. */
  take(bytes: Uint8Array, flow: OpenFlow): void {
    if (this.#rates.count(flow.remote.address) > 1) {
      return this.notice('limited', 'more messages in a second than one address may send', flow)
    }
    const parsed = parseMessage(bytes)
    if (parsed.is === 'dropped') return this.notice('dropped', parsed.why, flow)
    if (parsed.is === 'refused') {
      this.notice('refused', parsed.response.reason, flow)
      stampVia(parsed.response.headers, flow.remote)
      // Who cannot be reached hears nothing; what he has sent was nothing either.
      flow.send(writeMessage(parsed.response)).catch(() => undefined)
      return
    }
    if (parsed.message.kind === 'request') stampVia(parsed.message.headers, flow.remote)
    this.#user.message(parsed.message, flow)
  }

  notice(
    what: Notice['what'],
    why: string,
    { transport, remote }: Pick<OpenFlow, 'transport' | 'remote'>,
    cause?: unknown,
  ): void {
    this.#user.noticed({ what, why, transport, remote, ...(cause === undefined ? {} : { cause }) })
  }
}
