/**
 * Why things end: the one table. Code passes the *name* of a reason; numbers and sentences are looked up here, at the
 * door. The numbers are ACS's own (call end codes, `code` and `subCode` of CallEndReason); a name that ever left the
 * house is never given a new meaning. `docs/reasons.md` is held to this table by a test.
 */
import * as z from 'zod/mini'

type Reason = {
  code: number
  subCode: number
  /** What a person reads. Says what happened and, where there is something, what to do. */
  says: string
  /** Who the end is due to. */
  by: 'local' | 'remote' | 'network' | 'platform'
  /** Whether trying again at once makes sense. */
  mayRetry: boolean
  /** What those who stay are told when the call ends because a leg ended so. */
  others: string
}

// prettier-ignore
export const reasons = {
  hungUp:            { code: 0,   subCode: 0,      by: 'local',    mayRetry: false, others: 'hungUp',        says: 'The call ended.' },
  cancelled:         { code: 487, subCode: 0,      by: 'local',    mayRetry: false, others: 'cancelled',     says: 'The caller hung up before the call was answered.' },
  declined:          { code: 603, subCode: 0,      by: 'remote',   mayRetry: false, others: 'declined',      says: 'They declined the call.' },
  noAnswer:          { code: 487, subCode: 10004,  by: 'remote',   mayRetry: true,  others: 'noAnswer',      says: 'Nobody answered in time.' },
  noEndpoint:        { code: 480, subCode: 10037,  by: 'remote',   mayRetry: true,  others: 'noEndpoint',    says: 'They are not connected right now.' },
  acceptedElsewhere: { code: 487, subCode: 10003,  by: 'local',    mayRetry: false, others: 'hungUp',        says: 'The call was answered on another device.' },
  vanished:          { code: 0,   subCode: 4521,   by: 'remote',   mayRetry: true,  others: 'vanished',      says: 'The other side left without hanging up.' },
  linkLost:          { code: 496, subCode: 7,      by: 'network',  mayRetry: true,  others: 'vanished',      says: 'The network was lost and did not come back in time.' },
  mediaLost:         { code: 410, subCode: 301005, by: 'network',  mayRetry: true,  others: 'vanished',      says: 'Sound and picture were lost and could not be restored.' },
  connectFailed:     { code: 408, subCode: 10057,  by: 'network',  mayRetry: true,  others: 'connectFailed', says: 'Sound and picture could not be set up in time.' },
  revoked:           { code: 495, subCode: 4507,   by: 'platform', mayRetry: false, others: 'vanished',      says: 'The access token was revoked.' },
  unauthenticated:   { code: 401, subCode: 10009,  by: 'local',    mayRetry: false, others: 'vanished',      says: 'The access token was not accepted.' },
  removed:           { code: 0,   subCode: 5300,   by: 'remote',   mayRetry: false, others: 'hungUp',        says: 'Another participant removed you from the call.' },
  endedForAll:       { code: 0,   subCode: 4097,   by: 'remote',   mayRetry: false, others: 'endedForAll',   says: 'The call was ended for everyone.' },
  uninvited:         { code: 0,   subCode: 5317,   by: 'platform', mayRetry: false, others: 'vanished',      says: 'Your invitation to this room was withdrawn.' },
  roomClosed:        { code: 0,   subCode: 7000,   by: 'platform', mayRetry: false, others: 'roomClosed',    says: 'The room has closed.' },
  lobbyDenied:       { code: 403, subCode: 5854,   by: 'remote',   mayRetry: true,  others: 'lobbyDenied',   says: 'Nobody let you in from the lobby.' },
  transferred:       { code: 0,   subCode: 7015,   by: 'remote',   mayRetry: false, others: 'transferred',   says: 'The call was transferred.' },
  transferTimedOut:  { code: 408, subCode: 0,      by: 'platform', mayRetry: true,  others: 'hungUp',        says: 'The transfer was not answered in time.' },
  phoneHungUp:       { code: 0,   subCode: 560000, by: 'remote',   mayRetry: false, others: 'phoneHungUp',   says: 'The phone hung up.' },
  phoneLeft:         { code: 0,   subCode: 540000, by: 'remote',   mayRetry: false, others: 'phoneLeft',     says: 'The phone that called hung up.' },
  phoneGaveUp:       { code: 487, subCode: 540487, by: 'remote',   mayRetry: false, others: 'phoneGaveUp',   says: 'The phone stopped calling before the call was answered.' },
  phoneBusy:         { code: 486, subCode: 560486, by: 'remote',   mayRetry: true,  others: 'phoneBusy',     says: 'The line is busy.' },
  phoneDeclined:     { code: 603, subCode: 560603, by: 'remote',   mayRetry: false, others: 'phoneDeclined', says: 'The phone declined the call.' },
  phoneNoAnswer:     { code: 408, subCode: 560408, by: 'remote',   mayRetry: true,  others: 'phoneNoAnswer', says: 'The phone did not answer.' },
  phoneAway:         { code: 480, subCode: 560480, by: 'remote',   mayRetry: true,  others: 'phoneAway',     says: 'The phone cannot be reached right now.' },
  phoneUnknown:      { code: 404, subCode: 560404, by: 'remote',   mayRetry: false, others: 'phoneUnknown',  says: 'This number is not assigned.' },
  phoneGone:         { code: 410, subCode: 560410, by: 'remote',   mayRetry: false, others: 'phoneGone',     says: 'This number is no longer in use.' },
  phoneIncomplete:   { code: 484, subCode: 560484, by: 'remote',   mayRetry: false, others: 'phoneIncomplete',says: 'The number is incomplete.' },
  phoneStopped:      { code: 487, subCode: 560487, by: 'remote',   mayRetry: true,  others: 'phoneStopped',  says: 'The network stopped the call before it was answered.' },
  phoneMoved:        { code: 410, subCode: 560302, by: 'remote',   mayRetry: false, others: 'phoneMoved',    says: 'The call was sent elsewhere, where it may not go.' },
  phoneMalformed:    { code: 400, subCode: 560400, by: 'network',  mayRetry: false, others: 'phoneMalformed',says: 'The phone network did not understand the call.' },
  phoneUnproven:     { code: 401, subCode: 560401, by: 'network',  mayRetry: false, others: 'phoneUnproven', says: 'The phone network wants a password that is not set, or not right.' },
  phoneForbidden:    { code: 403, subCode: 560403, by: 'network',  mayRetry: false, others: 'phoneForbidden',says: 'The phone network does not allow this call.' },
  phoneNoCodec:      { code: 488, subCode: 560488, by: 'network',  mayRetry: false, others: 'phoneNoCodec',  says: 'The phone and the platform have no way to code sound in common.' },
  phoneFault:        { code: 500, subCode: 560500, by: 'network',  mayRetry: true,  others: 'phoneFault',    says: 'Something went wrong in the phone network.' },
  trunkAway:         { code: 503, subCode: 560503, by: 'network',  mayRetry: true,  others: 'trunkAway',     says: 'No way into the phone network works right now.' },
  phoneSilent:       { code: 410, subCode: 531004, by: 'network',  mayRetry: true,  others: 'phoneSilent',   says: 'The sound of the phone stopped coming.' },
  phoneLost:         { code: 503, subCode: 500001, by: 'platform', mayRetry: true,  others: 'phoneLost',     says: 'The connector of the phone went away.' },
  callerIdRefused:   { code: 403, subCode: 510403, by: 'local',    mayRetry: false, others: 'callerIdRefused',   says: 'A phone call must show a number of yours (alternateCallerId), and this is none.' },
  numberForbidden:   { code: 403, subCode: 510403, by: 'platform', mayRetry: false, others: 'numberForbidden',   says: 'This number may not be called from here.' },
  emergencyNumber:   { code: 403, subCode: 510403, by: 'platform', mayRetry: false, others: 'emergencyNumber',   says: 'Emergency services cannot be called from here. Use another phone.' },
  tooManyPhoneCalls: { code: 403, subCode: 510403, by: 'platform', mayRetry: true,  others: 'tooManyPhoneCalls', says: 'There are too many phone calls right now. Wait a moment.' },
  noTrunk:           { code: 403, subCode: 511532, by: 'platform', mayRetry: false, others: 'noTrunk',           says: 'No trunk leads to the phone network yet.' },
  noRoute:           { code: 404, subCode: 511404, by: 'platform', mayRetry: false, others: 'noRoute',           says: 'No route leads to this number.' },
  serverAppFailed:   { code: 480, subCode: 540480, by: 'platform', mayRetry: true,  others: 'serverAppFailed',   says: 'The server app that says who gets this call did not say so.' },
  malformedId:       { code: 400, subCode: 10044,  by: 'local',    mayRetry: false, others: 'vanished',      says: 'The identifier of a participant cannot be read.' },
  unavailable:       { code: 503, subCode: 0,      by: 'platform', mayRetry: true,  others: 'unavailable',   says: 'The calling service cannot take the call right now. Try again in a moment.' },
} as const satisfies Record<string, Reason>

/** The name of an end. */
export type ReasonName = keyof typeof reasons

const names = Object.keys(reasons) as [ReasonName, ...ReasonName[]] // a non-empty literal, see above
/** Checks the name of an end. */
export const ReasonName = z.enum(names)

/** An end as a client sees it. */
export const End = z.object({ reason: ReasonName, code: z.number(), subCode: z.number(), message: z.string() })
export type End = z.infer<typeof End>

/** Looks up the numbers and the sentence of an end. */
export function endOf(reason: ReasonName): End {
  const { code, subCode, says } = reasons[reason]
  return { reason, code, subCode, message: says }
}
