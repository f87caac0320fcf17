/**
 * Who gets a call from the phone network: whom the operator has given its number to, or whom a server app names when it
 * is asked. A phone on this machine may call the people of the demo by name, and the echo bot.
 */
import type { Logger } from 'pino'
import * as z from 'zod/mini'
import { echoBot, GroupId, rawIdOf, RoomId, UserId, type RawId, type ReasonName } from '@parley/protocol'
import type { NumberTarget } from './own-number.ts'
import type { IncomingPhoneCall, Phones } from './phones.ts'

/** How long a server app may think about who gets a call. */
const webhookMs = 5_000

/** Whom a call leads to in the end. */
export type Destination = { to: RawId } | Exclude<NumberTarget, { user: UserId } | { webhook: string }>

export type ReceptionParts = {
  phones: Phones
  /** Who of the demo is here; undefined where there is no demo. */
  people: { present(): readonly Present[] } | undefined
  log: Logger
}
type Present = { user: UserId; displayName?: string }
type Received = { destination: Destination } | { refused: ReasonName }

/** What a server app answers: one of them, as a number's target is given. */
const ServerAppAnswer = z.union([
  z.object({ user: UserId }),
  z.object({ groupId: GroupId }),
  z.object({ roomId: RoomId }),
])

export class Reception {
  constructor(private readonly parts: ReceptionParts) {}

  async receive(call: IncomingPhoneCall): Promise<Received> {
    const here = call.trunk === undefined ? this.#here(call.to) : undefined
    if (here !== undefined) return { destination: { to: here } }
    const received = await this.parts.phones.receive(call)
    if ('refused' in received) return received
    const { target } = received
    if (!('webhook' in target)) return { destination: destinationOf(target) }
    const named = await this.#ask(target.webhook, call)
    if (named !== undefined) return { destination: named }
    await this.parts.phones.forget(call.legId)
    return { refused: 'noRoute' }
  }

  #here(name: string): RawId | undefined {
    if (name === 'echo') return echoBot
    const isMeant = ({ displayName }: Present): boolean => displayName?.toLowerCase() === name.toLowerCase()
    const found = this.parts.people?.present().find(isMeant)
    return found === undefined ? undefined : rawIdOf(found.user)
  }

  /** A server app that does not answer in time, or not as it should, names nobody. */
  async #ask(url: string, { callId, to, from, trunk }: IncomingPhoneCall): Promise<Destination | undefined> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ callId, to, from, trunk }),
        redirect: 'error',
        signal: AbortSignal.timeout(webhookMs),
      })
      const answer: unknown = response.ok ? JSON.parse(await response.text()) : undefined
      return destinationOf(ServerAppAnswer.parse(answer))
    } catch (error) {
      this.parts.log.warn({ callId, to, error: String(error) }, 'webhook.failed')
      return undefined
    }
  }
}

function destinationOf(target: Exclude<NumberTarget, { webhook: string }>): Destination {
  return 'user' in target ? { to: rawIdOf(target.user) } : target
}
