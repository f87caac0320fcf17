/** Waits for what a test expects. Only tests import this module. */
import { setTimeout as delay } from 'node:timers/promises'

/** @throws a sentence when it has not come in time */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 15_000,
): Promise<T> {
  for (const until = performance.now() + limitMs; performance.now() < until;) {
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    await delay(20)
  }
  throw new Error(`${what}: not within ${limitMs} ms.`)
}
