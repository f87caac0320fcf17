/**
 * How ends travel between SIP and a call: which reason a final response stands for, and which response a reason is.
 * ACS's sub codes are 560 and the status for calls to phones, 540 and the status for calls from them.
 */
import { reasons, type ReasonName } from './reasons.ts'

// prettier-ignore
const byStatus: Record<number, ReasonName> = {
  400: 'phoneMalformed',
  401: 'phoneUnproven',
  403: 'phoneForbidden',
  404: 'phoneUnknown',
  407: 'phoneUnproven',
  408: 'phoneNoAnswer',
  410: 'phoneGone',
  480: 'phoneAway',
  484: 'phoneIncomplete',
  485: 'phoneIncomplete',
  486: 'phoneBusy',
  487: 'phoneStopped',
  488: 'phoneNoCodec',
  500: 'phoneFault',
  503: 'trunkAway',
  504: 'trunkAway',
  600: 'phoneBusy',
  603: 'phoneDeclined',
  604: 'phoneUnknown',
  606: 'phoneNoCodec',
  607: 'phoneDeclined',
  608: 'phoneDeclined',
}

const byClass: Record<number, ReasonName> = {
  3: 'phoneMoved',
  4: 'phoneMalformed',
  5: 'phoneFault',
  6: 'phoneDeclined',
}

/** Why a phone that was dialled did not come, by the final response (300 to 699); other numbers are a fault. */
export function reasonOfStatus(status: number): ReasonName {
  return byStatus[status] ?? byClass[Math.floor(status / 100)] ?? 'phoneFault'
}

/**
 * What the words of a call mean where SIP has another word: nobody is at fault that nobody came. 401 and 407 would ask
 * the phone for a password, and 408 would have its network try the call once more over another way.
 */
const statuses: Partial<Record<ReasonName, number>> = {
  noAnswer: 480,
  noEndpoint: 480,
  acceptedElsewhere: 480,
  connectFailed: 480,
  mediaLost: 480,
  linkLost: 480,
  revoked: 480,
  unauthenticated: 480,
  transferTimedOut: 480,
  phoneNoAnswer: 480,
  phoneUnproven: 403,
}

/** The final response for a phone that calls and whose call ends, for this reason, before it is answered. */
export function statusOfReason(reason: ReasonName): number {
  const { code } = reasons[reason]
  return statuses[reason] ?? (code >= 400 && code < 700 ? code : 480)
}
