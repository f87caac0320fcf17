/**
 * A session as an app holds it: one call by INVITE, made or received, from its first request to its end.
 *
 *            ┌─────────┐ 1xx   ┌────────────┐ 1xx with a tag ┌───────┐ 2xx  ┌───────────┐
 *   invite ─▶│ trying  ├──────▶│ proceeding ├───────────────▶│ early ├─────▶│ confirmed │
 *            └────┬────┘       └─────┬──────┘                └───┬───┘      └─────┬─────┘
 *                 └──────────────────┴───── ended(SessionEnd) ───┴────────────────┘──▶ terminated
 *
 * The names are those of RFC 4235 section 3.7.1. Each state comes at most once, and after `terminated` nothing is told.
 */
import type { CredentialsFor } from '../digest/index.ts'
import type { NameAddr, Uri } from '../grammar/index.ts'
import type { ReplacedDialog, Request, Response, WithParameters } from '../messages/index.ts'
import type { InfoDigit } from '../dialogs/index.ts'
import type { Direction } from '../sdp/index.ts'
import type { Flow } from '../transports/index.ts'
import type { SipFailure } from './errors.ts'
import type { EventSource } from './events.ts'
import type { SessionMedia } from './media.ts'

export type SessionState = 'trying' | 'proceeding' | 'early' | 'confirmed' | 'terminated'

/** A header to be put into a request or a response: name and value as they will stand there. */
export type ExtraHeaders = Readonly<Record<string, string>>

/** Why a session is over. `response` is the final one that refused an INVITE, `reasons` the Reason headers (RFC 3326). */
export type SessionEnd = {
  // prettier-ignore
  why:
    | 'bye'        // hung up
    | 'rejected'   // the INVITE got 3xx to 6xx, other than by our own CANCEL; by us: we refused it
    | 'cancelled'  // by us: given up before an answer; by the other side: CANCEL
    | 'unanswered' // ring limit reached
    | 'replaced'   // another session has taken its place (RFC 3891)
    | 'failed'     // no response, no way, no server: see `failure`
    | 'lost'       // the other side does not know the dialog any more, or does not answer in it: 408, 481
    | 'expired'    // not refreshed in time (RFC 4028)
    | 'unconfirmed' // no ACK came for our 2xx, or no PRACK for a reliable 1xx
    | 'media'      // the media could not be agreed upon
    | 'closed' // the user agent was closed
  by: 'us' | 'peer'
  /** Of the response to an INVITE, 408 or 503 for failures; absent where there was none. */
  status?: number
  reasons: readonly WithParameters[]
  response?: Response
  failure?: SipFailure
}

/** `digit`: what application/dtmf-relay or application/dtmf says. */
export type IncomingInfo = {
  contentType: string | undefined
  body: string
  digit: InfoDigit | undefined
  request: Request
}

/**
 * Somebody wants us to call somebody else (RFC 3515). One of `accept` and `reject` is to be called, in the time in which
 * he waits for an answer: after 16 s it is rejected.
 */
export interface IncomingRefer {
  readonly request: Request
  /** As it came: tel: stays tel:, headers of the URI stay in it. */
  readonly target: Uri
  readonly referredBy: NameAddr | undefined
  /** The dialog that the new INVITE is to replace, from `?Replaces=` of the target: an attended transfer. */
  readonly replaces: ReplacedDialog | undefined
  /** 202; the first NOTIFY, 100, goes out at once. Ends 60 s later with 408 unless `finished` was called. */
  accept(): ReferReport
  /** Default 603. */
  reject(status?: number): void
}

/** Tells the one who sent us a REFER how it goes on. Goes on working when he has hung up, and then tells nobody. */
export interface ReferReport {
  progress(status: number, reason?: string): void
  finished(status: number, reason?: string): void
}

/** What became of a REFER of ours. */
export type ReferOutcome =
  | { is: 'succeeded'; status: number }
  | { is: 'failed'; status: number; reason: string }
  /** It was accepted, but nobody told the outcome: the other side wanted no subscription, or was silent for the limit. */
  | { is: 'unknown' }

export type ReferOptions = {
  /** Attended transfer: the session at the target whose place the new one takes. Has to be confirmed. */
  replaces?: InviteSession
  referredBy?: NameAddr
  headers?: ExtraHeaders
  /** Each NOTIFY before the last one. */
  onProgress?(status: number, reason: string): void
}

export type EndOptions = {
  /** The status for an INVITE that was not answered by us yet; default 603. Has no meaning in other states. */
  status?: number
  /** Value of a Reason header: `Q.850;cause=16`. */
  reason?: string
  headers?: ExtraHeaders
}

export type SessionEvents = {
  /** A 1xx but 100 for our INVITE. With `hasMedia` its description was given to the media: sound may come before 200. */
  progress: [{ status: number; reason: string; hasMedia: boolean; response: Response }]
  /** The session is up. For one that came in: our 2xx was acknowledged. */
  confirmed: []
  /** An offer and its answer have changed the media, after `confirmed`. */
  renegotiated: [{ by: 'us' | 'peer' }]
  /** What the other side wants to do has changed; `sendonly` and `inactive` are its hold. */
  peerDirection: [Direction]
  refer: [IncomingRefer]
  info: [IncomingInfo]
  /** The last one. */
  ended: [SessionEnd]
}

export interface InviteSession extends EventSource<SessionEvents> {
  readonly direction: 'outgoing' | 'incoming'
  readonly state: SessionState
  /** As it was sent or came, for its headers: P-Asserted-Identity, Diversion and their like. */
  readonly invite: Request
  readonly callId: string
  readonly local: NameAddr
  readonly remote: NameAddr
  /** The flow on which the other side was heard last. */
  readonly flow: Flow | undefined
  /** As another one names this dialog in Replaces; undefined before there is a dialog. */
  readonly replaceable: ReplacedDialog | undefined
  /** Set once, before `ended` is emitted. */
  readonly end: SessionEnd | undefined
  /** Our wish for the media. */
  readonly wish: Direction
  /** What the other side said last; `sendrecv` before it has said anything. */
  readonly peerDirection: Direction

  /** CANCEL, BYE or a final response, whichever fits the state. Resolves when the other side has been told, or cannot be. */
  terminate(options?: EndOptions): Promise<SessionEnd>
  /** Re-INVITE with `sendonly`. Rejects with a SipFailure; the session then is as it was. */
  hold(): Promise<void>
  /** Re-INVITE with `sendrecv`. */
  resume(): Promise<void>
  /** Re-INVITE with a new offer of the media, the wish unchanged: codecs, keys or addresses have changed. */
  reoffer(): Promise<void>
  /** REFER. Resolves when the outcome is known; rejects when it was refused. Ends nothing: that is the caller's task. */
  refer(target: Uri, options?: ReferOptions): Promise<ReferOutcome>
  info(contentType: string, body: string): Promise<void>
  /** INFO with application/dtmf-relay: for who speaks no telephone-event. `digit`: 0-9, *, #, A-D. */
  infoDigit(digit: string, durationMs?: number): Promise<void>
}

export type AnswerOptions = { headers?: ExtraHeaders }
export type ProgressOptions = AnswerOptions & { reason?: string }

/** An INVITE that waits for our decision. What comes too late (the caller has gone) is ignored, but for `accept`. */
export interface IncomingInvite extends InviteSession {
  /** Whether the INVITE has an offer; without one, ours goes into the 2xx (or a reliable 1xx) and the ACK has the answer. */
  readonly hasOffer: boolean
  /** The offer, out of whatever parts the body has. */
  readonly offer: string | undefined
  /** An INVITE with Replaces that we accepted to look at: this session ends when `accept` has succeeded. */
  readonly replaces: InviteSession | undefined
  /** Binds the session to its media. To be called before anything that carries a description; `accept` may bring it too. */
  useMedia(media: SessionMedia): void
  /** For requests of ours inside of this dialog that are challenged. */
  useCredentials(credentials: CredentialsFor): void
  /** 180, without media. */
  ring(options?: ProgressOptions): void
  /**
   * 183 (or another 1xx) with a description of ours: early media. Reliable when the caller knows 100rel (RFC 3262), and
   * then resolves with the PRACK; without one in 32 s the call is refused with 504 and the promise rejected.
   */
  progress(status?: number, options?: ProgressOptions): Promise<void>
  /** 200. Resolves when it was acknowledged; rejects when the caller has gone, or no media could be agreed upon. */
  accept(options?: AnswerOptions & { media?: SessionMedia }): Promise<void>
  /** 4xx to 6xx. */
  reject(status: number, options?: ProgressOptions): void
  /** 302 with these addresses. */
  redirect(contacts: readonly NameAddr[], status?: number): void
}
