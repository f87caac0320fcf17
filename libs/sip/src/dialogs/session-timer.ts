/**
 * Session timers (RFC 4028): who refreshes, how often, and when a session that nobody has refreshed is over.
 *
 * The pure half reads and writes headers; `SessionTimer` waits. Both sides agree anew with each INVITE and UPDATE.
 */
import {
  MinSE,
  Require,
  SessionExpires,
  Supported,
  type Message,
  type Request,
  type Response,
} from '../messages/index.ts'
import type { Clock } from '../transactions/index.ts'

export type SessionTimerLimits = {
  /** What we ask for, seconds; 0: we ask for nothing. */
  sessionExpiresS: number
  minSessionExpiresS: number
}

/** What was agreed: seconds between refreshes, and whether they are our task. */
export type SessionTerms = { expiresS: number; isOurTask: boolean }

function supportsTimer({ headers }: Message): boolean {
  return headers.all(Supported).some((tag) => tag.toLowerCase() === 'timer')
}

/**
 * What our INVITE or UPDATE asks for (RFC 4028 section 7.1). `terms` are those that hold now: who refreshes goes on with it.
 * `leastS` is what a 422 has told us.
 */
export function askForTimer(request: Request, limits: SessionTimerLimits, leastS: number, terms?: SessionTerms): void {
  if (limits.sessionExpiresS === 0 && terms === undefined) return
  const least = Math.max(leastS, limits.minSessionExpiresS)
  const refresher = terms === undefined ? {} : { refresher: terms.isOurTask ? ('uac' as const) : ('uas' as const) }
  const seconds = Math.max(terms?.expiresS ?? limits.sessionExpiresS, least)
  request.headers.set(SessionExpires, { seconds, ...refresher }).set(MinSE, least)
}

/** RFC 4028 section 7.3: the interval that would be accepted, from a 422. */
export function leastIntervalIn(response: Response): number | undefined {
  return response.status === 422 ? response.headers.get(MinSE) : undefined
}

/** What a 2xx to our request has agreed to (RFC 4028 section 7.2); undefined: this session does not expire. */
export function termsFromResponse(response: Response): SessionTerms | undefined {
  const stated = response.headers.get(SessionExpires)
  return stated && { expiresS: stated.seconds, isOurTask: stated.refresher !== 'uas' }
}

/**
 * RFC 4028 section 9: whether a request asks for less than we accept, which is 422. Only the one who knows timers can do
 * something about it; of a proxy's wish the caller knows nothing.
 */
export function isIntervalTooSmall(request: Request, limits: SessionTimerLimits): boolean {
  const asked = request.headers.get(SessionExpires)
  return asked !== undefined && asked.seconds < limits.minSessionExpiresS && supportsTimer(request)
}

/** Agrees, in our 2xx, to what a request asks for (RFC 4028 section 9, table 2). */
export function answerTimer(
  request: Request,
  response: Response,
  limits: SessionTimerLimits,
): SessionTerms | undefined {
  const asked = request.headers.get(SessionExpires)
  const knowsTimers = supportsTimer(request)
  if (asked === undefined && limits.sessionExpiresS === 0) return undefined
  const least = Math.max(request.headers.get(MinSE) ?? 0, limits.minSessionExpiresS)
  const expiresS = Math.max(asked?.seconds ?? limits.sessionExpiresS, least)
  const refresher = knowsTimers ? (asked?.refresher ?? 'uac') : 'uas'
  response.headers.set(SessionExpires, { seconds: expiresS, refresher })
  if (refresher === 'uac') response.headers.setAll(Require, [...response.headers.all(Require), 'timer'])
  return { expiresS, isOurTask: refresher === 'uas' }
}

/** RFC 4028 section 10: a BYE goes out this much before the end, so that it is heard before the other side forgets us. */
const longestHeadStartS = 32

export class SessionTimer {
  readonly #clock: Clock
  readonly #due: { refresh(): void; expired(): void }
  #terms: SessionTerms | undefined
  #stopEnd: () => void = () => undefined
  #stopRefresh: () => void = () => undefined

  constructor(clock: Clock, due: { refresh(): void; expired(): void }) {
    this.#clock = clock
    this.#due = due
  }

  get terms(): SessionTerms | undefined {
    return this.#terms
  }

  /** Begins anew with each agreement. */
  start(terms: SessionTerms | undefined): void {
    this.stop()
    this.#terms = terms
    if (terms === undefined) return
    const { expiresS, isOurTask } = terms
    const headStartS = Math.min(longestHeadStartS, expiresS / 3)
    this.#stopEnd = this.#clock.after((expiresS - headStartS) * 1000, () => this.#due.expired())
    if (isOurTask) this.#refreshAfter(expiresS / 2)
  }

  /** A refresh has failed in a way that may pass. */
  refreshLater(): void {
    if (this.#terms !== undefined) this.#refreshAfter(this.#terms.expiresS / 16)
  }

  stop(): void {
    this.#stopEnd()
    this.#stopRefresh()
  }

  #refreshAfter(seconds: number): void {
    this.#stopRefresh()
    this.#stopRefresh = this.#clock.after(seconds * 1000, () => this.#due.refresh())
  }
}
