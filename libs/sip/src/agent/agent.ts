/**
 * The face of the stack: a user agent (RFC 3261 section 8) that calls, is called and registers. It owns one transaction
 * layer and all dialogs above it. It makes no sound: descriptions of media come from the `SessionMedia` of each session.
 */
import type { NameAddr, SipUri, Uri } from '../grammar/index.ts'
import type { CredentialsFor } from '../digest/index.ts'
import type { ReplacedDialog, Request, Response } from '../messages/index.ts'
import type { Clock, Destination, ServerTransaction, TransactionLayer, TransactionUser } from '../transactions/index.ts'
import type { Flow, Notice, PeerTrust } from '../transports/index.ts'
import type { EventSource } from './events.ts'
import type { SessionMedia } from './media.ts'
import type { ExtraHeaders, IncomingInvite, InviteSession } from './session.ts'

/** Where requests of ours go and how they prove who they are. */
export type WayOptions = {
  /** Default: by RFC 3263 from the Route or the Request-URI. All later requests of a dialog follow its route set. */
  destination?: Destination
  trust?: PeerTrust
  credentials?: CredentialsFor
  /** Put into Route, in this order: an outbound proxy, or the Service-Route of a registration (RFC 3608). */
  route?: readonly NameAddr[]
  headers?: ExtraHeaders
  /** See `SendOptions.firstResponseMs`: how long one server may be silent before the next one is tried. */
  firstResponseMs?: number
}

export type InviteOptions = WayOptions & {
  /** Request-URI; To as well, unless `toHeader` is given. Headers of a URI, as in a Refer-To, are left out. */
  to: Uri
  toHeader?: NameAddr
  from: NameAddr
  media: SessionMedia
  /** Chosen by the caller where a retry after a crash must not dial twice; random when absent. */
  callId?: string
  /** User part of our Contact; absent for calls that hide their number. */
  contactUser?: string
  /** False sends no offer: the other side offers in its 2xx, and our answer goes into the ACK. Default true. */
  hasOffer?: boolean
  /** Default 'supported'. 'required' refuses those who do not know PRACK, 'off' does not speak of it. */
  reliable?: 'off' | 'supported' | 'required'
  /** Until a 2xx comes; then CANCEL. Default 180 s. */
  ringLimitMs?: number
  replaces?: ReplacedDialog
  referredBy?: NameAddr
  /** Giving up is the same as `terminate()`. */
  signal?: AbortSignal
}

export type RequestOptions = WayOptions & {
  method: string
  to: Uri
  toHeader?: NameAddr
  from: NameAddr
  contactUser?: string
  contentType?: string
  body?: string
  /** All tries together; default 32 s. */
  limitMs?: number
}

/** RFC 3261 section 10, RFC 5626 section 4.5 for the pauses between attempts. */
export type RegisterOptions = WayOptions & {
  /** The domain's registrar: `sip:example.com`. */
  registrar: SipUri
  /** The address-of-record. */
  aor: NameAddr
  contactUser?: string
  /** Asked for; the registrar decides. Default 3600. */
  expiresS?: number
}

// prettier-ignore
export type RegistrationState =
  | { is: 'registering' }
  | { is: 'registered'; expiresS: number; flow: Flow }
  | { is: 'failed'; status: number | undefined; why: string; retryInMs: number }
  | { is: 'ended' }

/** Keeps a binding alive until it is ended. */
export interface Registration extends EventSource<{ changed: [RegistrationState] }> {
  readonly state: RegistrationState
  /** What requests of this account carry in Route (RFC 3608); empty before it is registered. */
  readonly serviceRoute: readonly NameAddr[]
  /** Tries at once, whatever pause there was. */
  refresh(): void
  /** REGISTER with Expires 0; resolves when the registrar has answered or the limit (32 s) is over. Idempotent. */
  unregister(): Promise<void>
}

/**
 * Whether somebody may send us this request: asked for each outside of our dialogs, OPTIONS too, also when it says that
 * it is inside of one. 'ignored' answers nothing (for strangers over UDP). A response, such as `DigestServer.challenge`
 * makes, is sent as it is, once: what comes again is asked about again.
 */
export type Admission = 'admitted' | 'ignored' | Response

export type UserAgentOptions = {
  /** Opens the layer below with the user that it shall have: `(user) => openTransactionLayer({ user, listen })`. */
  openLayer(user: TransactionUser): Promise<TransactionLayer>
  /** Default: the system's. */
  clock?: Clock
  /** User-Agent and Server header; none when absent. */
  name?: string
  /** Default: everybody is admitted. Asked again for the same caller after a challenge. */
  admit?(request: Request, flow: Flow): Admission | Promise<Admission>
  /** While it says true, new INVITEs and OPTIONS get 503 with Retry-After; what runs goes on. Default: never. */
  isDraining?(): boolean
  limits?: Partial<AgentLimits>
  /** Something of ours or of a listener has failed where nobody could be told. */
  failed?(error: unknown): void
  noticed?(notice: Notice): void
}

export type AgentLimits = {
  /** At once; above it INVITEs get 503. Default 1000. */
  sessions: number
  /** Session-Expires that we ask for (RFC 4028), default 1800. 0: we do not ask, but answer to those who do. */
  sessionExpiresS: number
  /** The least that we accept, default 90. */
  minSessionExpiresS: number
  /** RFC 3261's T1 and T2 for what dialogs repeat (2xx, reliable 1xx), default 500 and 4000. */
  t1Ms: number
  t2Ms: number
  /** Until the outcome of a REFER must be known, default 60 000. */
  referMs: number
  /** Retry-After of 503, default 5. */
  retryAfterS: number
}

export type UserAgentEvents = {
  /** An INVITE that makes a new session. Without a listener it gets 480. */
  invite: [IncomingInvite]
  /** Any other request outside of a dialog, but OPTIONS. To be answered by the listener; without one it gets 405. */
  request: [ServerTransaction]
}

export interface UserAgent extends EventSource<UserAgentEvents> {
  readonly layer: TransactionLayer
  readonly sessions: readonly InviteSession[]
  invite(options: InviteOptions): InviteSession
  register(options: RegisterOptions): Registration
  /** A request outside of a dialog, OPTIONS or MESSAGE, with digest. Resolves with a 2xx, rejects with a SipFailure. */
  request(options: RequestOptions): Promise<Response>
  /** The dialog that a Replaces names (RFC 3891), among our sessions. */
  sessionNamed(dialog: ReplacedDialog): InviteSession | undefined
  /** Ends all sessions and registrations, waits for their goodbyes up to `limitMs` (default 2 s), closes the layer. */
  close(limitMs?: number): Promise<void>
}
