/** Whether what this process depends on is there. Calls that run go on without it; new ones do not come about. */
import type { Logger } from 'pino'

/** One thing that the process depends on: `check` throws when it is not there. */
export type ReadinessCheck = { name: string; check(): Promise<void> }

export type Readiness = { isReady: boolean; failed: string[] }

/** A dependency that answers slower than this is as good as away. */
const checkLimitMs = 2000

/** Asks everything at once; why something failed goes to the log only. */
export async function readinessOf(checks: readonly ReadinessCheck[], log: Logger): Promise<Readiness> {
  const results = await Promise.all(checks.map((check) => isThere(check, log)))
  const failed = checks.flatMap(({ name }, i) => (results[i] ? [] : [name]))
  return { isReady: failed.length === 0, failed }
}

async function isThere(dependency: ReadinessCheck, log: Logger): Promise<boolean> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const limit = setTimeout(() => reject(new Error(`No answer within ${checkLimitMs} ms.`)), checkLimitMs)
  try {
    await Promise.race([dependency.check(), tooLate])
    return true
  } catch (error) {
    log.warn({ err: error, check: dependency.name }, 'ready.check_failed')
    return false
  } finally {
    clearTimeout(limit)
  }
}
