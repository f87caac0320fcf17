/** Which errors say that the database is away or cannot write, and nothing about what was asked of it. */

/** What the system says of a connection. */
const system = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/
/**
 * SQLSTATE: connection (08), resources such as memory, disk and connections (53), operator intervention (57P),
 * system error (58), read-only (25006), and a conflict that asks for another attempt (40).
 */
const sqlState = /^(08...|53...|57P..|58...|25006|40...)$/
/** Prisma: cannot reach, timed out, closed, no connection free. */
const prisma = /^P(1001|1002|1008|1017|2024|2037)$/
/** What the driver says without a code. */
const words = /timeout exceeded when trying to connect|Query read timeout|Connection terminated|not queryable/

export function isUnavailable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, originalCode, message, originalMessage } = error as Record<string, unknown> // whatever it is, it may be asked
  const isKnown = (value: unknown, ...known: RegExp[]) =>
    typeof value === 'string' && known.some((one) => one.test(value))
  if (isKnown(code, system, sqlState, prisma) || isKnown(originalCode, system, sqlState)) return true
  return isKnown(message, words) || isKnown(originalMessage, words) || insideOf(error).some(isUnavailable)
}

/** A host that was tried under several addresses fails with an error for each; Prisma keeps the driver's in `meta`. */
function insideOf(error: object): unknown[] {
  const { errors, cause, meta } = error as {
    errors?: unknown
    cause?: unknown
    meta?: { driverAdapterError?: unknown }
  }
  return [cause, meta?.driverAdapterError, ...(Array.isArray(errors) ? errors : [])]
}
