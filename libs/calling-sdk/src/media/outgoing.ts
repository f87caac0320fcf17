import type { Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { isError } from '../calling-error.ts'
import type { Log } from '../log.ts'
import type { MediaBuild } from './media-build.ts'

/**
 * What this leg sends. The owner says what he wants sent; here it is brought about, one step at a time for each source,
 * over whichever build there is, and again over the next one. Nothing is sent before the call is answered.
 */
export class Outgoing {
  readonly #log: Log
  readonly #wanted = new Map<Source, MediaStreamTrack>()
  readonly #paused = new Set<Source>()
  readonly #producers = new Map<Source, types.Producer>()
  readonly #steps = new Map<Source, Promise<void>>()
  #build: MediaBuild | undefined
  #isAllowed = false

  constructor(log: Log) {
    this.#log = log
  }

  /** Whether something goes out now, so that nothing else has to bring the transport up. */
  get hasSomethingToSay(): boolean {
    return this.#isAllowed && this.#wanted.size > 0
  }

  use(build: MediaBuild): void {
    this.#build = build
    this.#producers.clear()
    this.#bringAll()
  }

  /** The call is answered: what is wanted may go out. */
  allow(): void {
    this.#isAllowed = true
    this.#bringAll()
  }

  /**
   * Sends this track, in the place of the one before, or nothing. Resolves when the server takes it, or when it has to
   * wait for the answer; rejects with the server's refusal.
   */
  async set(source: Source, track: MediaStreamTrack | undefined): Promise<void> {
    if (track === undefined) this.#wanted.delete(source)
    else {
      track.enabled = !this.#paused.has(source)
      this.#wanted.set(source, track)
    }
    return this.#bring(source)
  }

  /** Silences a source at once, on this side, without asking anybody; also one that is not there yet. */
  pause(source: Source, isPaused: boolean): void {
    const track = this.#wanted.get(source)
    const producer = this.#producers.get(source)
    if (track !== undefined) track.enabled = !isPaused
    if (isPaused) {
      this.#paused.add(source)
      producer?.pause()
    } else {
      this.#paused.delete(source)
      producer?.resume()
    }
  }

  #bringAll(): void {
    for (const source of this.#wanted.keys()) {
      this.#bring(source).catch((error: unknown) => this.#log.warn('media.notSent', { source, error }))
    }
  }

  /** One step after the other: each begins by looking what is wanted by then. */
  #bring(source: Source): Promise<void> {
    const before = this.#steps.get(source) ?? Promise.resolve()
    const step = before.then(() => this.#step(source))
    // Whoever asked for a step hears of its failure; the next one starts from what is there.
    this.#steps.set(
      source,
      step.catch(() => {}),
    )
    return step
  }

  async #step(source: Source): Promise<void> {
    const build = this.#build
    const wanted = this.#wanted.get(source)
    const producer = this.#producers.get(source)
    if (build === undefined || build.isClosed || !this.#isAllowed) return
    if (wanted === undefined) {
      this.#producers.delete(source)
      if (producer !== undefined) await build.unsend(producer)
    } else if (producer === undefined) await this.#send(build, source, wanted)
    else if (producer.track !== wanted) await producer.replaceTrack({ track: wanted })
  }

  async #send(build: MediaBuild, source: Source, track: MediaStreamTrack): Promise<void> {
    // A track that has ended cannot be sent; whoever opened it puts another one in its place.
    if (track.readyState === 'ended') return
    try {
      const producer = await build.send(source, track)
      if (build !== this.#build) return
      this.#producers.set(source, producer)
      if (this.#paused.has(source)) producer.pause()
    } catch (error) {
      if (build !== this.#build || build.isClosed) return
      // The server has not heard of the answer yet, or the call waits: the next view allows it again.
      if (isError(error, 'mediaRefused')) this.#isAllowed = false
      throw error
    }
  }
}
