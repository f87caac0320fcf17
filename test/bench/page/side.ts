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
}
