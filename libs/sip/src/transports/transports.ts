/**
 * The transport layer (RFC 3261 section 18) as the transaction layer sees it: whole messages come and go on flows. It
 * knows nothing of transactions; what it cannot read it answers with 400 by itself, or drops.
 */
import type { Message } from '../messages/message.ts'
import type { ViaHop } from '../messages/kinds/routing.ts'
import type { Server, TransportName } from '../servers/server.ts'
import type { Flow, PeerTrust, SocketPlace } from './flow.ts'
import type { Notice } from './notice.ts'

/** A flow as those see it who may write on it. */
export interface OpenFlow extends Flow {
  /** Where the other side is to send responses and calls, as Via and Contact name it. */
  readonly sentBy: SentBy
  /**
   * Whoever is at its end was let in by those above: his connection may be silent now. A stranger's is closed soon,
   * whatever he says, so that strangers do not hold all that there may be.
   */
  welcome(): void
  /** Rejects when the bytes have surely not gone out. */
  send(bytes: Uint8Array): Promise<void>
}

/** `port` is absent where nobody listens: on a WebSocket that we have opened. */
export type SentBy = { host: string; port?: number }

export interface Transports {
  readonly listening: readonly { transport: TransportName; local: SocketPlace }[]
  /** A flow to a server: the one that is there, or a new one. Rejects when there is none in time. */
  connect(server: Server, trust?: PeerTrust): Promise<OpenFlow>
  /** The flow for the responses to a request that came on a flow (section 18.2.2, RFC 3581 section 4). `via` is its topmost. */
  answerOn(flow: OpenFlow, via: ViaHop): Promise<OpenFlow>
  /** As whom somebody sees us who is reached by this transport. */
  sentBy(transport: TransportName): SentBy
  close(): Promise<void>
}

export interface TransportUser {
  /** Of a request, the topmost Via says already where it came from. */
  message(message: Message, flow: OpenFlow): void
  flowClosed(flow: OpenFlow, cause: unknown): void
  noticed(notice: Notice): void
}

/** Whether somebody has given back a flow that came from here. */
export function isOpenFlow(flow: Flow): flow is OpenFlow {
  return 'send' in flow
}
