/**
 * Phones whose sip node has died, or does not know them any more: their legs end, and nobody dials again. And phones
 * that a node holds and no row knows: they are hung up.
 */
import type { Logger } from 'pino'
import { orderPhone, subscribePhoneInventories, type Bus } from '@parley/bus'
import type { Call, Leg } from '@parley/call'
import { Refused, type NodeId, type PhoneInventory } from '@parley/protocol'
import type { Calls } from '../calls/calls.ts'
import type { CallStore } from '../calls/call-store.ts'
import type { Nodes } from '../nodes/nodes.ts'

type Held = PhoneInventory['phones'][number]

export class LostPhones {
  readonly #unsubscribe: () => void
  readonly #underWay = new Set<Promise<void>>()
  #alive: readonly NodeId[] | undefined

  constructor(
    private readonly parts: { calls: Calls; store: CallStore; nodes: Nodes; bus: Bus; orderMs: number; log: Logger },
  ) {
    this.#unsubscribe = subscribePhoneInventories(parts.bus, (inventory) => this.#run(() => this.#compare(inventory)))
  }

  /** Ends the legs of phones whose node is dead. Looks only when a node has gone since the last time, and at first. */
  async endDeadNodes(): Promise<void> {
    const alive = this.parts.nodes.sips()
    if (this.#alive?.every((node) => alive.includes(node)) === true) {
      this.#alive = alive
      return
    }
    const calls = await this.parts.store.callsWithPhones()
    const isLost = (leg: Leg): boolean => leg.phone !== undefined && !alive.includes(leg.phone)
    await Promise.all(calls.flatMap((call) => call.legs.filter(isLost).map((leg) => this.#end(call, leg))))
    this.#alive = alive
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await Promise.all(this.#underWay)
  }

  #run(task: () => Promise<void>): void {
    const running = task()
      // The row is the truth: an inventory repeats what was not taken now.
      .catch((error: unknown) => this.parts.log.warn({ error: String(error) }, 'phones.report_failed'))
      .finally(() => this.#underWay.delete(running))
    this.#underWay.add(running)
  }

  async #compare({ node, phones, asking }: PhoneInventory): Promise<void> {
    const held = new Set(phones.map(({ legId }) => legId))
    const coming = new Set<Leg['session']>(asking)
    // Read after the inventory was heard: a leg that it names was committed before.
    const calls = await this.parts.store.callsWithPhones()
    // Before it is connected the node may not have heard of it yet, and its state has an end of its own.
    const isKnown = ({ id, session }: Leg): boolean => held.has(id) || coming.has(session)
    const isLost = (leg: Leg): boolean => leg.phone === node && leg.state === 'Connected' && !isKnown(leg)
    const lost = calls.flatMap((call) => call.legs.filter(isLost).map((leg) => this.#end(call, leg)))
    const live = new Set(calls.flatMap(({ legs }) => legs).flatMap(({ id, state }) => (isOver(state) ? [] : [id])))
    const orphans = phones.filter(({ legId }) => !live.has(legId))
    await Promise.all([...lost, ...orphans.map((phone) => this.#drop(node, phone))])
  }

  async #drop(node: NodeId, phone: Held): Promise<void> {
    await orderPhone(this.parts.bus, node, 'drop', phone, { timeoutMs: this.parts.orderMs })
    this.parts.log.warn({ callId: phone.callId, legId: phone.legId }, 'phone.orphan_dropped')
  }

  async #end(call: Call, { session, state }: Leg): Promise<void> {
    if (session === undefined || isOver(state)) return
    const event = { type: 'sessionEnded', session, reason: 'phoneLost' } as const
    await this.parts.calls.step(call.id, event).catch((error: unknown) => {
      if (!(error instanceof Refused)) throw error // the call has ended meanwhile
    })
  }
}

function isOver(state: Leg['state']): boolean {
  return state === 'Disconnected'
}
