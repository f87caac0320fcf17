/** Time as the stack sees it. Tests give a clock of their own. */
export interface Clock {
  /** Milliseconds from any beginning; never goes back. */
  now(): number
  /** Calls once, when so many milliseconds have gone by. @returns takes it back; harmless when it was called already */
  after(ms: number, call: () => void): () => void
}

/** What is longer Node would call at once; who waits that long looks again. */
const longestMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(ms, longestMs))
    return () => clearTimeout(timer)
  },
}
