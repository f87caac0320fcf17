/** Waiting for what a packet or a worker does and no message tells. Only tests import this module. */
import { setTimeout as delay } from 'node:timers/promises'

/** Looks again and again until it is true. @throws {Error} that says what was waited for */
export async function eventually(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  limitMs = 5_000,
): Promise<void> {
  const untilMs = performance.now() + limitMs
  while (!(await isTrue())) {
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${limitMs} ms`)
    await delay(20)
  }
}
