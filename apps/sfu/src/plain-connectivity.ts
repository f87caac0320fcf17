/**
 * Whether anything comes over a plain transport. There is no ICE that would ask the other side for its consent, so
 * silence is read from a counter:
 *
 *   new ── first packet ──▶ up ── nothing new in several looks ──▶ lost ── something ──▶ up
 *
 * A client that has nothing to say sends RTCP, of which a receiver report every few seconds is enough.
 */
import type { types } from 'mediasoup'
import type { WatchEars } from './leg-transport.ts'
import type { SfuLimits } from './limits.ts'

/** The part of a PlainTransport that is looked at. */
export type PlainLink = Pick<types.PlainTransport, 'once' | 'getStats'>

export class PlainConnectivity {
  readonly #link: PlainLink
  readonly #most: number
  readonly #on: WatchEars
  readonly #timer: NodeJS.Timeout
  #state: 'new' | 'up' | 'lost' | 'closed' = 'new'
  #receivedBytes = 0
  #misses = 0

  constructor(link: PlainLink, { plainWatchMs, plainMisses }: SfuLimits, on: WatchEars) {
    this.#link = link
    this.#most = plainMisses
    this.#on = on
    link.once('tuple', () => this.#become('up'))
    this.#timer = setInterval(() => this.#ask(), plainWatchMs)
  }

  /** Looks away; nothing is told any more. */
  close(): void {
    this.#state = 'closed'
    clearInterval(this.#timer)
  }

  #ask(): void {
    if (this.#state === 'new') return
    this.#link.getStats().then(
      ([stats]) => this.#look(stats?.bytesReceived ?? 0),
      () => {}, // The worker has died, which is told by its own event.
    )
  }

  /** Counts looks, not time: while this whole machine slept, nobody was silent. */
  #look(receivedBytes: number): void {
    const isNew = receivedBytes !== this.#receivedBytes
    this.#receivedBytes = receivedBytes
    this.#misses = isNew ? 0 : this.#misses + 1
    if (isNew) this.#become('up')
    if (this.#misses >= this.#most) this.#become('lost')
  }

  #become(state: 'up' | 'lost'): void {
    if (this.#state === state || this.#state === 'closed') return
    this.#state = state
    this.#on[state]()
  }
}
