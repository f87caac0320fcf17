/** Waiting: looks again and again, and fails with a sentence about what was seen last. */
import { pause, systemClock } from '@parley/calling-sdk/link'

/** Long enough for anything that should happen at once on a busy machine. */
const soonMs = 10_000
const lookEveryMs = 50

export type Waiting = { withinMs?: number }

/**
 * Looks until there is something, from time to time, and whenever `change` resolves; `sawOnly` completes the sentence of
 * the failure.
 */
export async function until<T>(
  waitingFor: string,
  look: () => Promise<T | undefined> | T | undefined,
  sawOnly: () => string,
  { withinMs = soonMs }: Waiting = {},
  change: () => Promise<void> = () => new Promise(() => {}),
): Promise<T> {
  const endsAt = performance.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (performance.now() >= endsAt) {
      throw new Error(`Within ${withinMs / 1000} s there was no ${waitingFor}; last: ${sawOnly()}.`)
    }
    await Promise.race([pause(systemClock, lookEveryMs), change()])
  }
}
