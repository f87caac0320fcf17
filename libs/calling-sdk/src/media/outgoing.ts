import type { PhoneCodec, Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import { isError } from '../calling-error.ts'
import type { Clock } from '../link/clock.ts'
import type { Log } from '../log.ts'
import type { MediaBuild } from './media-build.ts'
import { waitMs } from './passing.ts'

/** Tries in vain to send a source, and what calls the next one off. */
type Refusals = { count: number; stopWaiting: () => void }

/**
 * What this leg sends. The owner says what he wants sent; here it is brought about, one step at a time for each source,
 * over whichever build there is, and again over the next one. Nothing is sent before the call is answered, while it is
 * held, or of a source that the leg may not send.
 */
export class Outgoing {
  readonly #clock: Clock
  readonly #log: Log
  readonly #wanted = new Map<Source, MediaStreamTrack>()
  readonly #paused = new Set<Source>()
  readonly #producers = new Map<Source, types.Producer>()
  readonly #steps = new Map<Source, Promise<void>>()
  readonly #refusals = new Map<Source, Refusals>()
  #build: MediaBuild | undefined
  #permitted: ReadonlySet<Source> = new Set()
  #isHeld = false
  #soundCodec: PhoneCodec | undefined
  /** As what the voice that goes out is coded. */
  #spokenAs: PhoneCodec | undefined

  constructor({ clock, log }: { clock: Clock; log: Log }) {
    this.#clock = clock
    this.#log = log
  }

  /** Whether something goes out now, so that nothing else has to bring the transport up. */
  get hasSomethingToSay(): boolean {
    return [...this.#wanted.keys()].some((source) => this.#due(source)?.readyState === 'live')
  }

  use(build: MediaBuild): void {
    this.#build = build
    this.#producers.clear()
    this.#bringAll()
  }

  /** These sources may go out, and no others. */
  permit(sources: Iterable<Source>): void {
    this.#permitted = new Set(sources)
    this.#bringAll()
  }

  /**
   * A voice that goes out is coded as the phone at the other end codes its own, or, without one, as browsers do. What
   * goes out already stays as it is where nobody would have to transcode it.
   */
  speak(codec: PhoneCodec | undefined): void {
    if (this.#soundCodec === codec) return
    this.#soundCodec = codec
    this.#bringAll()
  }

  /** While the call is held nothing leaves; afterwards what was wanted goes out again, as silent as it was. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#bringAll()
  }

  /**
   * Sends this track, in the place of the one before, or nothing. Resolves when the server takes it, or when it has to
   * wait until it may go out; rejects with the server's refusal.
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

  close(): void {
    for (const source of this.#refusals.keys()) this.#forgetRefusals(source)
    this.#build = undefined
  }

  #bringAll(): void {
    for (const source of this.#wanted.keys()) this.#bringAgain(source)
  }

  #bringAgain(source: Source): void {
    this.#bring(source).catch((error: unknown) => this.#log.warn('media.notSent', { source, error }))
  }

  /** One step after the other: each begins by looking what is wanted by then. */
  #bring(source: Source): Promise<void> {
    const before = this.#steps.get(source) ?? Promise.resolve()
    const step = before.then(() => this.#step(source))
    // Whoever asked for a step hears of its failure; the next one starts from what is there.
    this.#steps.set(
      source,
      step.then(
        () => this.#forgetRefusals(source),
        (error: unknown) => this.#failed(source, error),
      ),
    )
    return step
  }

  async #step(source: Source): Promise<void> {
    const build = this.#build
    const producer = this.#producers.get(source)
    const track = this.#due(source)
    if (build === undefined || build.isClosed) return
    if (producer === undefined) {
      // A track that has ended cannot be sent; whoever opened it puts another one in its place.
      if (track?.readyState === 'live') await this.#send(build, source, track)
    } else if (!this.#wanted.has(source) || !this.#permitted.has(source)) {
      this.#producers.delete(source)
      await build.unsend(producer)
    } else if (source === 'microphone' && this.#isMisspoken && track?.readyState === 'live') {
      this.#producers.delete(source)
      await build.unsend(producer)
      await this.#send(build, source, track)
    } else if (producer.track !== (track ?? null)) await producer.replaceTrack({ track: track ?? null })
  }

  /** Whether the voice that goes out would have to be transcoded for the phone at the other end. */
  get #isMisspoken(): boolean {
    return this.#soundCodec !== undefined && this.#soundCodec !== this.#spokenAs
  }

  /** What leaves this browser now. The track itself stays as it is: a view of one's own, or another call, may use it. */
  #due(source: Source): MediaStreamTrack | undefined {
    return this.#isHeld || !this.#permitted.has(source) ? undefined : this.#wanted.get(source)
  }

  async #send(build: MediaBuild, source: Source, track: MediaStreamTrack): Promise<void> {
    try {
      const soundCodec = this.#soundCodec
      const producer = await build.send(source, track, soundCodec)
      if (source === 'microphone') this.#spokenAs = soundCodec
      // The new build brings its own step.
      if (build !== this.#build) return
      this.#producers.set(source, producer)
      if (this.#paused.has(source)) producer.pause()
    } catch (error) {
      if (build === this.#build && !build.isClosed) throw error
    }
  }

  /** The view that permits a source may be here before the sfu knows, and no other one follows: time has to bring it. */
  #failed(source: Source, error: unknown): void {
    const { count, stopWaiting } = this.#refusals.get(source) ?? { count: 0, stopWaiting: () => {} }
    stopWaiting()
    if (!isError(error, 'mediaRefused')) return
    const refusals = count + 1
    const again = this.#clock.after(waitMs(refusals), () => this.#bringAgain(source))
    this.#refusals.set(source, { count: refusals, stopWaiting: again })
  }

  #forgetRefusals(source: Source): void {
    this.#refusals.get(source)?.stopWaiting()
    this.#refusals.delete(source)
  }
}
