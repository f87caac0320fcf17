import { isError } from '../calling-error.ts'

const waitsMs = [100, 500, 1000, 2000, 4000] as const

/** How long to wait, in milliseconds, before something is asked once more after `tries` tries in vain, from 1. */
export function waitMs(tries: number): number {
  return waitsMs[Math.min(tries, waitsMs.length) - 1] ?? 4000
}

/** Whether a request failed for something that passes: the same request may be granted in a moment. */
export function isPassing(error: unknown): boolean {
  return isError(error, 'unavailable', 'internal', 'tooMany', 'requestTimedOut')
}
