/** How the ends of SIP sessions and of calls are called on the other side. */
import { endOf, reasonOfStatus, statusOfReason, type ReasonName } from '@parley/protocol'
import type { SessionEnd } from '@parley/sip'

/** Which side the phone is on: it was dialled, or it has called. */
export type Side = 'called' | 'calling'

/** What the end of its session is for a phone that was dialled and never answered. */
export function reasonOfFailure({ why, status }: SessionEnd): ReasonName {
  switch (why) {
    case 'rejected':
      return reasonOfStatus(status ?? 500)
    case 'failed':
      return 'trunkAway'
    case 'unanswered':
      return 'phoneNoAnswer'
    case 'media':
      return 'phoneNoCodec'
    case 'closed':
      return 'phoneLost'
    case 'bye':
    case 'cancelled':
    case 'replaced':
    case 'lost':
    case 'expired':
    case 'unconfirmed':
      return 'phoneFault'
  }
}

/** The same for one that has called and was never connected. */
export function reasonOfWithdrawal({ why }: SessionEnd): ReasonName {
  if (why === 'media') return 'phoneNoCodec'
  if (why === 'closed') return 'phoneLost'
  return why === 'unconfirmed' || why === 'lost' ? 'phoneFault' : 'phoneGaveUp'
}

/** The same for one that was in a call. */
export function reasonOfGoodbye({ why }: SessionEnd, side: Side): ReasonName {
  switch (why) {
    case 'bye':
    case 'replaced':
      return side === 'called' ? 'phoneHungUp' : 'phoneLeft'
    case 'closed':
      return 'phoneLost'
    case 'media':
      return 'phoneNoCodec'
    case 'rejected':
    case 'cancelled':
    case 'unanswered':
    case 'failed':
    case 'lost':
    case 'expired':
    case 'unconfirmed':
      return 'phoneFault'
  }
}

/** The value of a Reason header (RFC 3326) for a CANCEL or a BYE. */
export function reasonHeader(reason: ReasonName): string {
  const { code, message } = endOf(reason)
  // RFC 3326 section 2: the other phones of a call show no missed call then.
  if (reason === 'acceptedElsewhere') return 'SIP;cause=200;text="Call completed elsewhere"'
  if (code === 0) return 'Q.850;cause=16;text="Normal call clearing"'
  return `SIP;cause=${statusOfReason(reason)};text="${message}"`
}
