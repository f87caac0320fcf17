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
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if ([system, sqlState, prisma].some((known) => known.test(code)) || words.test(error.message)) return true
  // A connection that was tried under several addresses fails with all their errors in one; Prisma wraps the driver's.
  const inner = error instanceof AggregateError ? error.errors : [error.cause]
  return inner.some(isUnavailable)
}
