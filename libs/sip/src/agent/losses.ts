/** Failures inside of a dialog that end it, and how other failures are told. */
import { SipFailure } from './errors.ts'
import type { SessionPart } from './session-part.ts'

/** RFC 3261 section 12.2.1.2: no answer, 408 and 481 mean that there is nobody any more. */
export function endIfLost(session: SessionPart, error: unknown): void {
  if (!(error instanceof SipFailure) || session.signal.aborted) return
  const isGone = error.code === 'timeout' || (error.code === 'refused' && [408, 481].includes(error.status ?? 0))
  if (!isGone) return
  const { status, response } = error
  session.endWithBye({
    why: 'lost',
    by: 'peer',
    failure: error,
    ...(status === undefined ? {} : { status }),
    ...(response === undefined ? {} : { response }),
  })
}

/** What the media has thrown, as a failure of the stack. */
export function mediaFailure(error: unknown): SipFailure {
  if (error instanceof SipFailure) return error
  return new SipFailure('media', 'the media could not be agreed upon', { cause: error })
}
