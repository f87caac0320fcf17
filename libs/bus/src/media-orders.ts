/** Orders from api to one sfu, typed on both sides and checked at the sfu's door. */
import {
  mediaOrders,
  Refused,
  subjects,
  type MediaVerb,
  type NodeId,
  type OrderBody,
  type OrderResult,
} from '@parley/protocol'
import type { Bus, Stop } from './bus.ts'
import { parseMessage, parseOrder, type Schema } from './parse.ts'

/** The schemas of all orders, tied to their verbs so that one function can serve each of them. */
const orders: { [V in MediaVerb]: { body: Schema<OrderBody<V>>; result: Schema<OrderResult<V>> } } = mediaOrders

/** What an sfu does for each order. A thrown Refused is a Refused for api. */
export type MediaCarriers = { [V in MediaVerb]: (body: OrderBody<V>) => Promise<OrderResult<V>> }

/**
 * Has an sfu carry out an order.
 *
 * @throws {Refused} what the sfu refused
 * @throws {BusError} noServer (there is no such node), timedOut (it may have been carried out), closed or malformed
 */
export async function orderMedia<V extends MediaVerb>(
  bus: Bus,
  node: NodeId,
  order: V,
  body: OrderBody<V>,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<OrderResult<V>> {
  const subject = subjects.media(node)
  const result = await bus.request(subject, { order, body }, options)
  return parseMessage(orders[order].result, result, subject)
}

/** Takes the orders to this node. */
export function serveMedia(bus: Bus, node: NodeId, carriers: MediaCarriers): Stop {
  return bus.serve(subjects.media(node), (message) => {
    const { order, body } = readOrder(message)
    return carryOut(carriers, order, body)
  })
}

function readOrder(message: unknown): { order: MediaVerb; body: unknown } {
  if (typeof message !== 'object' || message === null || !('order' in message) || !('body' in message)) {
    throw new Refused('badRequest', { detail: 'An order has the fields order and body.' })
  }
  if (!isMediaVerb(message.order)) throw new Refused('unknownVerb', { path: 'order' })
  return { order: message.order, body: message.body }
}

function isMediaVerb(order: unknown): order is MediaVerb {
  return typeof order === 'string' && Object.hasOwn(orders, order)
}

function carryOut<V extends MediaVerb>(carriers: MediaCarriers, order: V, body: unknown): Promise<OrderResult<V>> {
  return carriers[order](parseOrder(orders[order].body, body))
}
