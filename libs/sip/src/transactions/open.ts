/** The whole lower half of the stack, put together: sockets, DNS, transactions. */
import type { Resolver } from 'node:dns/promises'
import { systemClock, type Clock } from '../clock.ts'
import { dnsBy } from '../servers/dns.ts'
import { findServers, type FindOptions } from '../servers/find-servers.ts'
import { Sockets, type SocketOptions } from '../transports/sockets.ts'
import type { TransportUser } from '../transports/transports.ts'
import { Transactions, type TransactionOptions } from './layer.ts'
import type { TransactionLayer } from './transaction.ts'

export type LayerOptions = Omit<TransactionOptions, 'clock'> &
  Omit<SocketOptions, 'clock'> & {
    clock?: Clock
    /** Asked for names; `setServers` of it may name a port. Default: what the system asks. */
    resolver?: Resolver
    find?: FindOptions
  }

/** Opens all sockets, or none: rejects when a port is taken. */
export async function openTransactionLayer(options: LayerOptions): Promise<TransactionLayer> {
  const clock = options.clock ?? systemClock
  const dns = dnsBy(clock, options.resolver)
  const finder = {
    find: (uri: Parameters<typeof findServers>[0]) => findServers(uri, dns, options.find),
    forget: () => dns.forget(),
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const open = (user: TransportUser): Sockets => {
    const sockets = new Sockets({ ...options, clock }, user)
    sockets.listen().then(resolve, reject)
    return sockets
  }
  const layer = new Transactions({ ...options, clock }, open, finder)
  await promise
  return layer
}
