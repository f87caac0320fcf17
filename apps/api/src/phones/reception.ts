/**
 * Who gets a call from the phone network: whom the operator has given its number to, or whom a server app names when it
 * is asked. A phone on this machine may call the people of the demo by name, and the echo bot.
 */
import type { Logger } from 'pino'
import { echoBot, rawIdOf, Refused, type RawId, type ReasonName, type UserId } from '@parley/protocol'
import type { NumberTarget } from './own-number.ts'
import type { IncomingPhoneCall, Phones } from './phones.ts'
import type { WebhookCall, Webhooks } from './webhooks.ts'

/** Whom a call leads to in the end. */
export type Destination = { to: RawId } | Exclude<NumberTarget, { user: UserId } | { webhook: string }>

export type ReceptionParts = {
  phones: Pick<Phones, 'receive' | 'refuse' | 'targetOf'>
  webhooks: Pick<Webhooks, 'ask' | 'close'>
  /** Who of the demo is here; undefined where there is no demo. */
  people: { present(): readonly Present[] } | undefined
  log: Logger
}
type Present = { user: UserId; displayName?: string }
type Received = { destination: Destination } | { refused: ReasonName }

export class Reception {
  #isClosed = false

  constructor(private readonly parts: ReceptionParts) {}

  async receive(call: IncomingPhoneCall): Promise<Received> {
    const here = call.trunk === undefined ? this.#here(call.to) : undefined
    if (here !== undefined) return { destination: { to: here } }
    const received = await this.parts.phones.receive(call)
    if ('refused' in received) return received
    const { target } = received
    if (!('webhook' in target)) return { destination: destinationOf(target) }
    return this.#named(target.webhook, call)
  }

  /**
   * Where a number of ours leads somebody who is sent there out of a call, and comes over no trunk; undefined for a number
   * that is none of ours, or leads nowhere.
   */
  async leads(call: Omit<WebhookCall, 'trunk'>): Promise<Destination | undefined> {
    const { phones, webhooks } = this.parts
    const target = await phones.targetOf(call.to)
    if (target === undefined || !('webhook' in target)) return target && destinationOf(target)
    try {
      const named = await webhooks.ask(target.webhook, { ...call, trunk: undefined })
      if (named !== undefined) return destinationOf(named)
    } catch (error) {
      this.parts.log.warn({ callId: call.callId, error: String(error) }, 'webhook.failed')
    }
    throw new Refused('nobodyThere')
  }

  /** Calls that wait for a server app are refused now. */
  close(): void {
    this.#isClosed = true
    this.parts.webhooks.close()
  }

  #here(name: string): RawId | undefined {
    if (name === 'echo') return echoBot
    const isMeant = ({ displayName }: Present): boolean => displayName?.toLowerCase() === name.toLowerCase()
    const found = this.parts.people?.present().find(isMeant)
    return found === undefined ? undefined : rawIdOf(found.user)
  }

  /** Whom a server app names. One that does not say so is at fault, not who calls: he may try again. */
  async #named(url: string, call: IncomingPhoneCall): Promise<Received> {
    const { phones, webhooks } = this.parts
    try {
      const named = await webhooks.ask(url, call)
      return named === undefined ? await phones.refuse(call, 'noRoute') : { destination: destinationOf(named) }
    } catch (error) {
      return phones.refuse(call, this.#isClosed ? 'unavailable' : 'serverAppFailed', error)
    }
  }
}

function destinationOf(target: Exclude<NumberTarget, { webhook: string }>): Destination {
  return 'user' in target ? { to: rawIdOf(target.user) } : target
}
