/** When a step happens: what every rule may know of time. */
import type { EpochMs, Limits } from '@parley/protocol'

export type Moment = { now: EpochMs; limits: Limits }

/** The instant `durationMs` after another. */
export function after(instant: EpochMs, durationMs: number): EpochMs {
  return (instant + durationMs) as EpochMs // an instant plus a duration is an instant; the brand is lost in the sum
}
