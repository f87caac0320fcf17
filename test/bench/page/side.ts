/** One side of a call in a page, whoever makes the call: Parley's SDK, or mediasoup-client on a bare socket. */
export type Side = {
  /** Connects. `server` is where to, `who` whom the server knows us as. */
  arrive(to: { server: string; who: string; token?: string }): Promise<void>
  call(whom: string): Promise<void>
  /** Accepts the next call, so long after it came, and gives the moment at which it did (ms since 1970). */
  accept(afterMs: number): Promise<number>
  /** Ends the call, or waits until the other side has ended it. */
  hangUp(): Promise<void>
  ended(): Promise<void>
}

declare global {
  var side: Side
  /** When a tone was heard first (ms since 1970), to the 20 ms that the meter listens at a time. */
  var firstSound: (toneHz: number, limitMs: number) => Promise<number>
  var silence: (toneHz: number, limitMs: number) => Promise<void>
}

/** Runs in the page, after the ears. */
export function listening(): void {
  async function heard<T>(toneHz: number, limitMs: number, look: (isHeard: boolean, forMs: number) => T | undefined) {
    for (const untilMs = performance.now() + limitMs; performance.now() < untilMs;) {
      const { isHeard, forMs } = await ears.hearing(toneHz)
      const found = look(isHeard, forMs)
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    throw new Error(`${toneHz} Hz did not change within ${limitMs} ms.`)
  }
  globalThis.firstSound = (toneHz, limitMs) =>
    heard(toneHz, limitMs, (isHeard, forMs) =>
      isHeard ? performance.timeOrigin + performance.now() - forMs : undefined,
    )
  globalThis.silence = async (toneHz, limitMs) => {
    await heard(toneHz, limitMs, (isHeard, forMs) => (!isHeard && forMs > 100 ? true : undefined))
  }
}
