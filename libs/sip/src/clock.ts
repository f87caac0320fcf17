/** Time as the stack sees it. Tests give a clock of their own. */
export interface Clock {
  /** Milliseconds from any beginning; never goes back. */
  now(): number
  /** Calls once, when so many milliseconds have gone by. @returns takes it back; harmless when it was called already */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
