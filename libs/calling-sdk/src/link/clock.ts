/** Time as the SDK sees it. A test brings one that moves when it is told to. */
export type Clock = {
  /** Milliseconds on a clock that never jumps; its zero means nothing. */
  now(): number
  /** Runs `ring` once after `ms`. The returned function calls it off; calling it late or twice is harmless. */
  after(ms: number, ring: () => void): () => void
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, ring) => {
    const timer = setTimeout(ring, ms)
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`. */
export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve)
  })

/** Settles as `promise` does, or rejects with `late()` when that takes longer than `ms`. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const callOff = clock.after(ms, () => reject(late()))
    promise.finally(callOff).then(resolve, reject)
  })
}
