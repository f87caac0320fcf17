/** What api and the sip nodes say to each other about phones, typed on both sides and checked at both doors. */
import {
  PhoneAskFrame,
  phoneAsks,
  PhoneInventory,
  phoneOrders,
  Refused,
  subjects,
  type NodeId,
  type PhoneAsk,
  type PhoneAskBody,
  type PhoneAskResult,
  type PhoneOrderBody,
  type PhoneVerb,
  type SessionId,
} from '@parley/protocol'
import type { Bus, Stop } from './bus.ts'
import { parseMessage, parseOrder, type Schema } from './parse.ts'

type Within = { timeoutMs: number; signal?: AbortSignal }
type Empty = Record<string, never>

/** The schemas, tied to their names so that one function can serve each of them. */
const orders: { [V in PhoneVerb]: { body: Schema<PhoneOrderBody<V>> } } = phoneOrders
const asks: { [A in PhoneAsk]: { body: Schema<PhoneAskBody<A>>; result: Schema<PhoneAskResult<A>> } } = phoneAsks

/** What a sip node does for each order. A thrown Refused is a Refused for api. */
export type PhoneCarriers = { [V in PhoneVerb]: (body: PhoneOrderBody<V>) => Promise<Empty> }

/**
 * Has a sip node carry out an order.
 *
 * @throws {Refused} what the node refused
 * @throws {BusError} noServer (there is no such node), timedOut (it may have been carried out), closed or malformed
 */
export async function orderPhone<V extends PhoneVerb>(
  bus: Bus,
  node: NodeId,
  order: V,
  body: PhoneOrderBody<V>,
  within: Within,
): Promise<void> {
  await bus.request(subjects.phones(node), { order, body }, within)
}

/** Takes the orders to this node. */
export function servePhones(bus: Bus, node: NodeId, carriers: PhoneCarriers): Stop {
  return bus.serve(subjects.phones(node), (message) => {
    const { order, body } = readOrder(message)
    const carry: (body: never) => Promise<Empty> = carriers[order]
    // The schema of its name gave the body; TypeScript does not tie the two together.
    return carry(parseOrder<unknown>(orders[order].body, body) as never)
  })
}

function readOrder(message: unknown): { order: PhoneVerb; body: unknown } {
  if (typeof message !== 'object' || message === null || !('order' in message) || !('body' in message)) {
    throw new Refused('badRequest', { detail: 'An order has the fields order and body.' })
  }
  if (!isName(orders, message.order)) throw new Refused('unknownVerb', { path: 'order' })
  return { order: message.order, body: message.body }
}

/** Who asks: the session of a phone, and the node that holds it. */
export type PhoneAsker = { node: NodeId; session: SessionId }
/** What is asked, with its name. */
export type Asked = { [A in PhoneAsk]: { ask: A; body: PhoneAskBody<A> } }[PhoneAsk]

/**
 * Asks api in the name of a phone's session.
 *
 * @throws {Refused} as on the socket
 * @throws {BusError} noServer, timedOut (it may have been carried out), closed or malformed
 */
export async function askForPhone<A extends PhoneAsk>(
  bus: Bus,
  by: PhoneAsker,
  ask: A,
  body: PhoneAskBody<A>,
  within: Within,
): Promise<PhoneAskResult<A>> {
  const result = await bus.request(subjects.phoneAsks, { ...by, ask, body }, within)
  return parseMessage(asks[ask].result, result, subjects.phoneAsks)
}

/** Answers what phones ask. */
export function servePhoneAsks(bus: Bus, answer: (by: PhoneAsker, asked: Asked) => Promise<unknown>): Stop {
  return bus.serve(subjects.phoneAsks, (message) => {
    const { ask, body, ...by } = parseOrder(PhoneAskFrame, message)
    if (!isName(asks, ask)) throw new Refused('unknownVerb', { path: 'ask' })
    const schema: Schema<unknown> = asks[ask].body
    // The schema of its name gave the body; TypeScript does not tie the two together.
    return answer(by, { ask, body: parseOrder(schema, body) } as Asked)
  })
}

/** A sip node tells which phones it holds. */
export function publishPhoneInventory(bus: Bus, inventory: PhoneInventory): void {
  bus.publish(subjects.phoneReports, inventory)
}

export function subscribePhoneInventories(
  bus: Bus,
  listener: (inventory: PhoneInventory) => void | Promise<void>,
): Stop {
  const subject = subjects.phoneReports
  return bus.subscribe(subject, (body) => listener(parseMessage(PhoneInventory, body, subject)), { group: 'api' })
}

function isName<T extends object>(table: T, name: unknown): name is keyof T {
  return typeof name === 'string' && Object.hasOwn(table, name)
}
