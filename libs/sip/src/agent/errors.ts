/** What can go wrong when something is asked of the stack, as a closed list. */
import type { Response } from '../messages/index.ts'
import type { ClientFailure } from '../transactions/index.ts'

// prettier-ignore
export type SipFailureCode =
  | 'refused'     // a final response other than 2xx: see `response`
  | 'timeout'     // nobody answered, or not in time
  | 'transport'   // no way to the other side
  | 'noServer'    // DNS knows nobody
  | 'cancelled'   // given up before anything was sent
  | 'closed'      // the user agent, or the session, is over
  | 'wrongState'  // not now: the session is not there yet, or the last offer has no answer yet
  | 'media' // the media failed to make or to take a description

/** Thrown, and told in `SessionEnd`. `status` is that of the response, or the one that RFC 3261 section 8.1.3.1 gives it. */
export class SipFailure extends Error {
  readonly code: SipFailureCode
  readonly status: number | undefined
  readonly response: Response | undefined

  constructor(
    code: SipFailureCode,
    message: string,
    more: { status?: number | undefined; response?: Response | undefined; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'SipFailure'
    this.code = code
    this.status = more.status ?? more.response?.status
    this.response = more.response
  }
}

export function refused(method: string, response: Response): SipFailure {
  return new SipFailure('refused', `${method} was refused: ${response.status} ${response.reason}`, { response })
}

export function failedToSend(method: string, failure: ClientFailure): SipFailure {
  const cause = 'cause' in failure ? failure.cause : undefined
  return new SipFailure(failure.why, `${method} failed: ${failure.why}`, { status: failure.status, cause })
}
