import type { FailureName, Refusal } from '@parley/protocol'
import { type SdkFailure, sdkFailures } from './failures.ts'

/**
 * Every error that the SDK throws or rejects with. `code` and `subCode` are ACS's, `reason` is the name in our tables:
 * steady, and made for programs.
 */
export class CallingError extends Error {
  readonly code: number
  readonly subCode: number
  readonly reason: SdkFailure | FailureName

  constructor(
    says: { code: number; subCode: number; message: string; reason: SdkFailure | FailureName },
    cause?: unknown,
  ) {
    super(says.message, cause === undefined ? {} : { cause })
    this.name = 'CallingError'
    this.code = says.code
    this.subCode = says.subCode
    this.reason = says.reason
  }
}

/** Makes the error for something that the SDK itself says no to. `detail` is added to the sentence. */
export function failed(reason: SdkFailure, more: { detail?: string; cause?: unknown } = {}): CallingError {
  const { code, subCode, says } = sdkFailures[reason]
  const message = more.detail === undefined ? says : `${says} ${more.detail}`
  return new CallingError({ code, subCode, message, reason }, more.cause)
}

/** Makes the error for a request that the server refused. */
export function refused(refusal: Refusal): CallingError {
  const { code, subCode, message, name } = refusal
  return new CallingError({ code, subCode, message, reason: name })
}

/** Whether an error is ours and has one of these reasons. */
export function isError(error: unknown, ...reasons: CallingError['reason'][]): error is CallingError {
  return error instanceof CallingError && reasons.includes(error.reason)
}
