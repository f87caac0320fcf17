/** The way of a request: from its destination to servers and flows. */
import type { Uri } from '../grammar/uri.ts'
import { Route } from '../messages/kinds/routing.ts'
import type { Request } from '../messages/message.ts'
import type { Server } from '../servers/server.ts'
import type { Flow, PeerTrust } from '../transports/flow.ts'
import { isOpenFlow, type OpenFlow, type Transports } from '../transports/transports.ts'
import type { Destination } from './transaction.ts'

/** RFC 3261 section 8.1.2: a loose route goes to its first proxy; a strict one stands in the Request-URI already. */
export function destinationOf({ headers, uri }: Request): Destination {
  const first = headers.first(Route)?.uri
  const isLoose = first?.kind === 'sip' && first.parameters.has('lr')
  return { by: 'uri', uri: isLoose ? first : uri }
}

/** Finds the servers of a URI, in the order in which they are to be tried (RFC 3263). */
export interface ServerFinder {
  find(uri: Uri): Promise<readonly Server[]>
  /** Those that were found did not answer: the next search asks anew. */
  forget?(): void
}

/** After a server of UDP has refused TCP, big requests go to it in fragments for so long. */
const refusalLastsMs = 300_000

export class Ways {
  readonly #transports: Transports
  readonly #finder: ServerFinder
  readonly #now: () => number
  readonly #refusals = new Map<string, number>()

  constructor(transports: Transports, finder: ServerFinder, now: () => number) {
    this.#transports = transports
    this.#finder = finder
    this.#now = now
  }

  find(uri: Uri): Promise<readonly Server[]> {
    return this.#finder.find(uri)
  }

  forget(): void {
    this.#finder.forget?.()
  }

  connect(server: Server, trust?: PeerTrust): Promise<OpenFlow> {
    return this.#transports.connect(server, trust)
  }

  /** A flow as it is, or, when it was ours and is closed, a new one to the same server. */
  async again(flow: Flow, trust?: PeerTrust): Promise<OpenFlow> {
    if (flow.isOpen && isOpenFlow(flow)) return flow
    if (flow.server === undefined) throw new Error('the connection is closed, and the other side had opened it')
    return this.connect(flow.server, trust)
  }

  /** RFC 3261 section 18.1.1: TCP to the server that would get a datagram; undefined where it does not hear TCP. */
  async streamBeside({ server }: Flow): Promise<OpenFlow | undefined> {
    if (server === undefined) return undefined
    const place = `${server.address} ${server.port}`
    if ((this.#refusals.get(place) ?? -Infinity) > this.#now()) return undefined
    try {
      return await this.connect({ ...server, transport: 'tcp' })
    } catch {
      // Not told to anybody: the datagram is the answer to it.
      if (this.#refusals.size >= mostRefusals) this.#refusals.clear()
      this.#refusals.set(place, this.#now() + refusalLastsMs)
      return undefined
    }
  }
}

const mostRefusals = 1000
