/**
 * Transactions (RFC 3261 section 17) as their users, dialogs and user agents, see them. The layer below owns sockets,
 * Via, branches, retransmissions and timers; the users own From, To, Call-ID, CSeq, Contact and route sets.
 *
 * Outside and inside of a dialog a request is sent in the same way; a dialog only fills in more of it. Not done here,
 * because only a dialog can: ACK for a 2xx, repeating a 2xx until its ACK comes, the 487 of a dialog's BYE.
 */
import type { Request, Response, ResponseParts } from '../messages/message.ts'
import type { SipUri, Uri } from '../grammar/uri.ts'
import type { Server } from '../servers/server.ts'
import type { Flow, PeerTrust } from '../transports/flow.ts'
import type { Notice } from '../transports/notice.ts'

/** Where a request goes. */
export type Destination =
  /** The servers of this URI's domain, found by RFC 3263 and tried in order. */
  | { by: 'uri'; uri: Uri }
  /** These, tried in this order: for an outbound proxy or a trunk with several gateways. */
  | { by: 'servers'; servers: readonly Server[] }
  /**
   * Whoever is at its end: what repeats a request after 401 goes to the one who has challenged. A connection that we
   * had opened and that is closed is opened again; one that the other side had opened is a `transport` failure.
   */
  | { by: 'flow'; flow: Flow }

export type SendOptions = {
  /** Default: by the topmost Route if it is a loose one (`;lr`), else by the Request-URI (RFC 3261 section 8.1.2). */
  to?: Destination
  trust?: PeerTrust
  /**
   * Milliseconds in which a server must give any response before the next one is tried. Default: Timer B or F (32 s).
   * The last server always has until Timer B or F.
   */
  firstResponseMs?: number
  /**
   * Is called for each attempt with a copy of the request and the flow on which it goes, before it is written: here a
   * Contact is set that the other side can reach (`TransactionLayer.contactOn`).
   */
  prepare?(request: Request, flow: Flow): void
}

export type ClientFailure =
  /** 408: nobody has answered in 64·T1, or a cancelled INVITE had no end in 64·T1 after its CANCEL. */
  | { why: 'timeout'; status: 408 }
  /** 503: no server could be reached, the connection broke, or a certificate was not the right one. */
  | { why: 'transport'; status: 503; cause: unknown }
  /** 503: DNS knows no server for the domain, or could not be asked. */
  | { why: 'noServer'; status: 503; cause: unknown }
  /** 487: cancelled before anything was sent. */
  | { why: 'cancelled'; status: 487 }
  /** 503: the layer was closed. */
  | { why: 'closed'; status: 503 }

/** What becomes of a request. Exactly one of `final` and `failed` is called, once. */
export interface ClientListener {
  /** Each 1xx, 100 included, as often as it comes: reliable ones (RFC 3262) are told apart by RSeq above. */
  provisional?(response: Response, flow: Flow): void
  /** A final response. The ACK of 3xx to 6xx has been sent already; a 2xx to INVITE waits for `acknowledge`. */
  final(response: Response, flow: Flow): void
  failed(failure: ClientFailure): void
  /**
   * INVITE, after a 2xx in `final`: each further 2xx in 64·T1 (RFC 6026 section 7.2). The same To tag: its ACK was lost
   * and goes again. Another one: a fork has answered as well; ACK it and end it with BYE.
   */
  furtherSuccess?(response: Response, flow: Flow): void
  /**
   * INVITE that went on to the next server: the one before, given up for its silence, has answered 2xx after all. Such a
   * call is to be ended with ACK and BYE. (Had it only rung, the layer would have cancelled it.)
   */
  lateSuccess?(response: Response, flow: Flow): void
}

export interface ClientTransaction {
  /** As it went out at last: with Via, and as `prepare` left it. Before the first attempt: as it was given. */
  readonly request: Request
  /**
   * INVITE only: sends CANCEL as soon as a provisional response allows it (RFC 3261 section 9.1). The end comes as usual:
   * a final 487, or a 2xx that was faster and has to be ended with ACK and BYE. Harmless after the end and when repeated.
   * @param reason value of a Reason header (RFC 3326)
   */
  cancel(reason?: string): void
}

/** What happens to a request that came in, besides our answer. */
export interface ServerListener {
  /**
   * INVITE: a CANCEL has come and was answered with 200. Unless a final response is given in here, the layer answers the
   * INVITE with 487. Not called when the INVITE had its final response already.
   */
  cancelled?(cancel: Request): void
  /** INVITE: a 3xx to 6xx was not acknowledged in 64·T1. Nothing remains to be done. */
  unacknowledged?(): void
  /** A response could not be sent. For a 2xx to INVITE this ends nothing: the dialog repeats it. */
  transportFailed?(cause: unknown): void
  /** The transaction is over: no response can go out any more. */
  ended?(): void
}

export interface ServerTransaction {
  /** As it came; its topmost Via says `received` and `rport` (RFC 3261 section 18.2.1, RFC 3581). */
  readonly request: Request
  readonly flow: Flow
  /** Made for this transaction: the tag of To in all that we answer. Becomes a dialog's local tag. */
  readonly toTag: string
  /** Whether a final response was given. */
  readonly isAnswered: boolean
  /** Its sender was let in, and need not have an answer yet: his connection is not closed as a stranger's is. */
  welcome(): void
  /** At most one listener; without one nothing is told. */
  listen(listener: ServerListener): void
  /**
   * Sends a response, made with `responseTo(request, status, { toTag })`. Several provisional ones, one final one; after a
   * 2xx to INVITE the same or another 2xx may be given again for 64·T1, which is how dialogs repeat it. What comes too late
   * is ignored. Whom we answer so is welcome.
   */
  respond(response: Response): void
  /** As `respond`, with nothing but what is given here. The tag is set unless the request has one. */
  reply(status: number, parts?: Omit<ResponseParts, 'toTag'>): void
  /**
   * A final response that is sent once, and nothing is kept (RFC 3261 section 26.3.2.4): for those who have proven nothing,
   * who are not to have answers repeated to whom they name as sender. What comes again is a new request.
   */
  answerOnce(response: Response): void
  /** Never answers, and keeps nothing either. */
  ignore(): void
}

/** What comes up by itself. */
export interface TransactionUser {
  /**
   * A new request: no CANCEL, no ACK, no repetition. Those that break the rules below (bad syntax 400, merged 482, hops
   * spent 483) were answered already. For an INVITE, 100 goes out after 200 ms unless something was answered by then.
   * When this throws a GrammarError, as headers do that cannot be read, the answer is 400; any other error makes it 500.
   */
  request(transaction: ServerTransaction): void
  /** An ACK for a 2xx, or for nothing we know: found by its dialog, repeated as often as the other side repeats it. */
  ack(ack: Request, flow: Flow): void
  /** A connection is gone; its flow cannot be used any more. Transactions on it were told already. */
  flowClosed?(flow: Flow, cause: unknown): void
  /** For metrics and logs. */
  noticed?(notice: Notice): void
}

/** Sent ACK of a 2xx. */
export interface Acknowledgement {
  /** Resolves when it has gone out or cannot: what follows in the dialog is not to overtake it. */
  readonly sent: Promise<void>
  /** Sends the same bytes again, when the 2xx has come again. */
  again(): void
}

/** RFC 3261 sections 17 and 18 in one object: a user agent has one of them. `openTransactionLayer` makes it. */
export interface TransactionLayer {
  /** Where it listens, with the ports that were really taken. */
  readonly listening: readonly Pick<Flow, 'transport' | 'local'>[]
  /** How many transactions are under way, for metrics. */
  readonly size: number
  /**
   * Sends a request, all but ACK and CANCEL. Needs From, To, Call-ID and CSeq; Via is put on top, and Max-Forwards 70 where
   * there is none. Each attempt at a further server is a new transaction with the same Call-ID and CSeq (RFC 3263 section
   * 4.3): the next one is tried after a transport failure, after silence, and after a 503.
   * Never throws; nothing is called before it has returned.
   */
  send(request: Request, listener: ClientListener, options?: SendOptions): ClientTransaction
  /** Sends the ACK for a 2xx, with a branch of its own (RFC 3261 section 13.2.2.4). Failures are silent: the 2xx comes again. */
  acknowledge(ack: Request, options?: Pick<SendOptions, 'to' | 'trust'>): Acknowledgement
  /** The URI under which the other end of a flow reaches us, for Contact: advertised host and port, `;transport` where needed. */
  contactOn(flow: Flow, user?: string): SipUri
  /** As `contactOn`, where no flow is known yet: as somebody sees us who is reached by this transport. */
  contactFor(transport: Flow['transport'], user?: string): SipUri
  /** Everything ends once: transactions fail with `closed`, sockets are shut. Resolves when they are. */
  close(): Promise<void>
}
