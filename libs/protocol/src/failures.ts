/**
 * Why a request is refused: the one table behind every typed error, on the socket and (through `http`) on REST.
 * A refusal changes nothing; ends of calls are in reasons.ts.
 */
import * as z from 'zod/mini'

type Failure = { http: number; code: number; subCode: number; says: string; mayRetry: boolean }

// prettier-ignore
export const failures = {
  badFrame:        { http: 400, code: 400, subCode: 0,     mayRetry: false, says: 'The frame is no JSON object with an id and a verb.' },
  tooLarge:        { http: 413, code: 413, subCode: 0,     mayRetry: false, says: 'The message is larger than 64 KiB.' },
  unknownVerb:     { http: 404, code: 404, subCode: 0,     mayRetry: false, says: 'This verb does not exist.' },
  badRequest:      { http: 400, code: 400, subCode: 0,     mayRetry: false, says: 'The message does not have the shape that its verb asks for.' },
  malformedId:     { http: 400, code: 400, subCode: 10044, mayRetry: false, says: 'The identifier of a participant cannot be read.' },
  unauthenticated: { http: 401, code: 401, subCode: 10009, mayRetry: false, says: 'The access token was not accepted.' },
  sessionGone:     { http: 410, code: 410, subCode: 0,     mayRetry: false, says: 'This session has ended. Connect again with a token.' },
  forbidden:       { http: 403, code: 403, subCode: 0,     mayRetry: false, says: 'The access token has no scope for this.' },
  unknownCall:     { http: 404, code: 404, subCode: 0,     mayRetry: false, says: 'You are not in a call with this id.' },
  callExists:      { http: 409, code: 409, subCode: 0,     mayRetry: false, says: 'This call id is taken. Start the call with a new one.' },
  cannotAccept:    { http: 409, code: 400, subCode: 41006, mayRetry: false, says: 'The call is not ringing here, so it cannot be accepted.' },
  cannotReject:    { http: 409, code: 400, subCode: 41007, mayRetry: false, says: 'The call is not ringing here, so it cannot be rejected.' },
  malformedPlace:  { http: 400, code: 400, subCode: 5751,  mayRetry: false, says: 'This is no id of a group call (a GUID) or of a room.' },
  roomUnknown:     { http: 404, code: 404, subCode: 5732,  mayRetry: false, says: 'There is no room with this id.' },
  notInvited:      { http: 403, code: 403, subCode: 5828,  mayRetry: false, says: 'You are not invited to this room.' },
  roomNotValid:    { http: 403, code: 403, subCode: 5829,  mayRetry: true,  says: 'The room cannot be entered now: it has not opened yet, or has closed.' },
  callFull:        { http: 403, code: 403, subCode: 0,     mayRetry: true,  says: 'The call has as many participants as it can take.' },
  notConnected:    { http: 409, code: 412, subCode: 41071, mayRetry: false, says: 'This can be done in a connected call only.' },
  cannotHold:      { http: 409, code: 500, subCode: 41033, mayRetry: false, says: 'The call is not connected, so it cannot be put on hold.' },
  cannotResume:    { http: 409, code: 500, subCode: 41034, mayRetry: false, says: 'The call is not on hold here, so it cannot be resumed.' },
  cannotUnmute:    { http: 403, code: 400, subCode: 41016, mayRetry: false, says: 'You may not speak in this call.' },
  roleForbids:     { http: 403, code: 403, subCode: 0,     mayRetry: false, says: 'You may not do this in this call.' },
  notInThisCall:   { http: 409, code: 400, subCode: 0,     mayRetry: false, says: 'A call of this kind does not have this.' },
  alreadyThere:    { http: 409, code: 400, subCode: 0,     mayRetry: false, says: 'This participant is in the call already.' },
  nobodyThere:     { http: 404, code: 404, subCode: 0,     mayRetry: false, says: 'This participant is not there, or not any more.' },
  tooManySpotlit:  { http: 409, code: 400, subCode: 45005, mayRetry: false, says: 'startSpotlight failed. 7 is the max number of participants that can be Spotlighted' },
  mediaRefused:    { http: 403, code: 403, subCode: 0,     mayRetry: false, says: 'This media is not allowed for you now.' },
  badMedia:        { http: 400, code: 400, subCode: 0,     mayRetry: false, says: 'The media parameters cannot be used.' },
  unknownMedia:    { http: 404, code: 404, subCode: 0,     mayRetry: false, says: 'There is no such transport, producer or consumer of yours.' },
  staleMedia:      { http: 409, code: 409, subCode: 0,     mayRetry: false, says: 'The media of this call has been set up anew since.' },
  tooMany:         { http: 429, code: 429, subCode: 0,     mayRetry: true,  says: 'Too many requests. Wait a moment.' },
  unavailable:     { http: 503, code: 503, subCode: 0,     mayRetry: true,  says: 'The service cannot do this right now. Try again in a moment.' },
  internal:        { http: 500, code: 500, subCode: 0,     mayRetry: true,  says: 'Something went wrong on our side. It has been logged.' },
} as const satisfies Record<string, Failure>

/** The name of a refusal. */
export type FailureName = keyof typeof failures

const names = Object.keys(failures) as [FailureName, ...FailureName[]] // a non-empty literal, see above
/** Checks the name of a refusal. */
export const FailureName = z.enum(names)

/** A refusal as a client sees it. `path` names the field that was wrong, `detail` says in what. */
export const Refusal = z.object({
  name: FailureName,
  code: z.number(),
  subCode: z.number(),
  message: z.string(),
  path: z.optional(z.string()),
  detail: z.optional(z.string()),
})
export type Refusal = z.infer<typeof Refusal>

/** Thrown where a request is refused; the door turns it into the contract's own form. */
export class Refused extends Error {
  readonly failure: FailureName
  readonly path: string | undefined
  readonly detail: string | undefined

  constructor(failure: FailureName, more: { path?: string; detail?: string; cause?: unknown } = {}) {
    super(failures[failure].says, { cause: more.cause })
    this.name = 'Refused'
    this.failure = failure
    this.path = more.path
    this.detail = more.detail
  }
}

/** What a client is told of a refusal. */
export function refusalOf(error: Refused): Refusal {
  const { code, subCode, says } = failures[error.failure]
  return {
    name: error.failure,
    code,
    subCode,
    message: error.detail === undefined ? says : `${says} ${error.detail}`,
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.detail === undefined ? {} : { detail: error.detail }),
  }
}
