/** What a dialog says again until it is acknowledged: a 2xx to INVITE, a reliable 1xx. */
import type { Clock } from '../transactions/index.ts'

/** T1 and T2 of RFC 3261 section 17.1.1.1. */
export type RepetitionTimes = { t1Ms: number; t2Ms: number }

/** Over transports that lose nothing repeating is needed as well: a proxy on the way may speak UDP (RFC 3261 13.3.1.4). */
export function repeatUntilStopped(
  clock: Clock,
  { t1Ms, t2Ms }: RepetitionTimes,
  say: { again(): void; gaveUp(): void },
): () => void {
  let callOff = clock.after(t1Ms, () => next(t1Ms * 2))
  const callOffEnd = clock.after(64 * t1Ms, () => {
    callOff()
    say.gaveUp()
  })
  function next(pauseMs: number): void {
    say.again()
    callOff = clock.after(Math.min(pauseMs, t2Ms), () => next(pauseMs * 2))
  }
  return () => {
    callOff()
    callOffEnd()
  }
}
