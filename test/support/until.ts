/** Waiting: every wait has a limit, and when the limit is reached it says what was waited for and what was seen last. */
import { setTimeout as delay } from 'node:timers/promises'

/** Long enough for anything that should happen at once on a busy machine with two cores. */
export const soonMs = 10_000

/** Waits for a promise. `waitingFor` completes the sentence "within 3 s there was no …". */
export async function within<T>(limitMs: number, waitingFor: string, promise: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = delay(limitMs, undefined, { signal: stop.signal, ref: false }).then(
    () => Promise.reject(new Error(`Within ${limitMs / 1000} s there was no ${waitingFor}.`)),
    () => new Promise<never>(() => {}), // aborted below: the promise has won
  )
  try {
    return await Promise.race([promise, late])
  } finally {
    stop.abort()
  }
}

/** What a look found: whether that will do, and what it saw, for the sentence of a failure. */
export type Sight<T> = { found: T } | { sawOnly: string }

/** Looks again and again until something is found. For what sends no event: /proc, a spectrum, a table. */
export async function until<T>(
  waitingFor: string,
  look: () => Sight<T> | Promise<Sight<T>>,
  limitMs = soonMs,
  everyMs = 50,
): Promise<T> {
  const endsAt = performance.now() + limitMs
  for (;;) {
    const sight = await look()
    if ('found' in sight) return sight.found
    if (performance.now() >= endsAt) {
      throw new Error(`Within ${limitMs / 1000} s there was no ${waitingFor}; last: ${sight.sawOnly}.`)
    }
    await delay(everyMs)
  }
}
