/** How a request of ours outside of a dialog goes out: what the layer below has to know of the app's wishes. */
import { nameAddr, type NameAddr } from '../grammar/index.ts'
import { Contact, Route, type Headers } from '../messages/index.ts'
import type { SendOptions, TransactionLayer } from '../transactions/index.ts'
import type { WayOptions } from './agent.ts'

/** @param contact what our Contact is to say, made from the address under which the other end reaches us */
export function sendOptions(
  layer: TransactionLayer,
  { destination, trust, firstResponseMs }: WayOptions,
  contactUser: string | undefined,
  contact: (ours: NameAddr) => NameAddr = (ours) => ours,
): SendOptions {
  return {
    ...(destination === undefined ? {} : { to: destination }),
    ...(trust === undefined ? {} : { trust }),
    ...(firstResponseMs === undefined ? {} : { firstResponseMs }),
    prepare: ({ headers }, flow) => {
      headers.setAll(Contact, [contact(nameAddr(layer.contactOn(flow, contactUser)))])
    },
  }
}

/** What every request outside of a dialog carries, besides what makes it one. */
export function putWay(
  headers: Headers,
  { route = [], headers: extra = {} }: WayOptions,
  name: string | undefined,
): void {
  if (route.length > 0) headers.setAll(Route, route)
  if (name !== undefined) headers.setText('User-Agent', name)
  for (const [header, value] of Object.entries(extra)) headers.setText(header, value)
}
