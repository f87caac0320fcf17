/**
 * How every refusal looks on the REST doors: ACS's error body, which Microsoft's clients turn into a RestError with
 * `code`, `message` and `statusCode`.
 */
import { HttpException } from '@nestjs/common'
import { failures, Refused, refusalOf } from '@parley/protocol'
import type * as z from 'zod/mini'

/** One error in ACS's body; `target` names what it is about. */
export type AcsErrorNode = {
  code: string
  message: string
  target?: string
  details?: AcsErrorNode[]
  innererror?: { code: string; message: string }
}
export type AcsErrorBody = { error: AcsErrorNode }

type More = {
  target?: string
  details?: AcsErrorNode[]
  /** What the code of the whole does not say; `innererror` on the wire. */
  inner?: { code: string; message: string }
  headers?: Record<string, string>
  cause?: unknown
}

/** A refusal that the caller is told of, in words that say what to do. */
export class AcsError extends Error {
  readonly status: number
  readonly code: string
  readonly target: string | undefined
  readonly details: readonly AcsErrorNode[] | undefined
  readonly inner: { code: string; message: string } | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, more: More = {}) {
    super(message, { cause: more.cause })
    this.name = 'AcsError'
    this.status = status
    this.code = code
    this.target = more.target
    this.details = more.details
    this.inner = more.inner
    this.headers = more.headers ?? {}
  }

  body(): AcsErrorBody {
    const { code, message, target, details, inner } = this
    return {
      error: {
        code,
        message,
        ...(target ? { target } : {}),
        ...(details ? { details: [...details] } : {}),
        ...(inner ? { innererror: inner } : {}),
      },
    }
  }
}

/** What a caller is told when something is our own fault: nothing but that it is. */
export function internalError(): AcsError {
  return new AcsError(500, 'InternalError', failures.internal.says)
}

/** What was wrong with a body, by its schema. ACS's doors differ in the code of the whole. */
export function invalidBody(error: z.core.$ZodError, code: string): AcsError {
  const details = error.issues.map(({ path, message }) => {
    const target = path.map(String).join('.')
    return { code: 'BadArgument', message, ...(target === '' ? {} : { target }) }
  })
  const [first] = details
  return new AcsError(400, code, first?.message ?? 'The body has another shape.', {
    ...(first?.target === undefined ? {} : { target: first.target }),
    details,
  })
}

// prettier-ignore
const byStatus: Readonly<Record<number, { code: string; says: string }>> = {
  400: { code: 'BadRequest',           says: 'The request cannot be read.' },
  401: { code: 'Denied',               says: 'The request carries nothing that allows it.' },
  403: { code: 'Forbidden',            says: 'This is not allowed for you.' },
  404: { code: 'NotFound',             says: 'There is nothing at this path.' },
  408: { code: 'RequestTimeout',       says: 'The request took too long to arrive.' },
  413: { code: 'PayloadTooLarge',      says: 'The body is larger than 256 KiB.' },
  414: { code: 'UriTooLong',           says: 'The path is too long.' },
  415: { code: 'UnsupportedMediaType', says: 'The body must be JSON, and its Content-Type application/json.' },
  429: { code: 'TooManyRequests',      says: failures.tooMany.says },
  503: { code: 'ServiceUnavailable',   says: failures.unavailable.says },
}

/** An error of this status in the words that stand for it everywhere; undefined for a status that we do not answer. */
export function acsErrorOfStatus(status: number, cause?: unknown): AcsError | undefined {
  const row = byStatus[status]
  return row === undefined ? undefined : new AcsError(status, row.code, row.says, { cause })
}

/** What the caller is told of an error; undefined when it is our own fault and therefore nothing for him. */
export function acsErrorOf(error: unknown): AcsError | undefined {
  if (error instanceof AcsError) return error
  if (error instanceof Refused) return acsErrorOfRefusal(error)
  // Nest gives the framework's own refusals (unknown path, too large, wrong type) as these.
  if (error instanceof HttpException) return acsErrorOfStatus(error.getStatus(), error)
  return undefined
}

function acsErrorOfRefusal(error: Refused): AcsError | undefined {
  const { http } = failures[error.failure]
  const row = byStatus[http]
  if (row === undefined) return undefined
  const more = { cause: error, ...(error.path === undefined ? {} : { target: error.path }) }
  return new AcsError(http, row.code, refusalOf(error).message, more)
}
