import type { ConsumerId, LegId, ProducerId, Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import type { Log } from '../log.ts'
import type { MediaBuild } from './media-build.ts'

/** Somebody who looks at a picture. */
export type Watcher = {
  /** The picture's track, anew after each rebuild; nothing while there is none. */
  track(track: MediaStreamTrack | undefined): void
  /** Width and height in which it is shown, in device pixels; unknown until it is on the page. */
  size?: { width: number; height: number }
}

type Received = { build: MediaBuild; id: ConsumerId; producerId: ProducerId; consumer: types.Consumer }

/**
 * One picture that somebody else sends: one source of one of his legs. It stays the same through every rebuild on this
 * side. Its media is asked for while somebody looks, once however many look.
 */
export class Picture {
  readonly legId: LegId
  readonly source: Source
  readonly #log: Log
  readonly #watchers = new Set<Watcher>()
  #build: MediaBuild | undefined
  #streamId: ProducerId | undefined
  #received: Received | undefined
  #toldSize = ''
  #isHeld = false
  #step: Promise<void> = Promise.resolve()

  constructor(legId: LegId, source: Source, log: Log) {
    this.legId = legId
    this.source = source
    this.#log = log
  }

  get streamId(): ProducerId | undefined {
    return this.#streamId
  }

  /** It is sent as this stream, over this build; or not at all for now. */
  use(build: MediaBuild | undefined, streamId: ProducerId | undefined): void {
    this.#build = build
    this.#streamId = streamId
    this.#bring()
  }

  /** Looks at the picture until the returned function is called. A track that is there is given at once. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher)
    if (this.#received !== undefined) watcher.track(this.#received.consumer.track)
    this.#bring()
    return () => {
      if (!this.#watchers.delete(watcher)) return
      this.#bring()
      this.resized()
    }
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#blacken()
  }

  /** A watcher has another size: tells the server the largest. */
  resized(): void {
    const received = this.#received
    const size = this.#largest()
    if (received === undefined || size === undefined) return
    const told = `${received.id} ${size.width} ${size.height}`
    if (told === this.#toldSize) return
    this.#toldSize = told
    received.build.size(received.id, size).catch((error: unknown) => this.#log.warn('media.notSized', { error }))
  }

  /** One step after the other: each begins by looking how things stand by then. */
  #bring(): void {
    this.#step = this.#after(this.#step)
  }

  async #after(before: Promise<void>): Promise<void> {
    await before
    try {
      await this.#drop()
      await this.#receive()
    } catch (error) {
      // Turned off or rebuilt meanwhile; what comes next brings another step.
      this.#log.warn('media.notSeen', { error })
    }
  }

  async #drop(): Promise<void> {
    const received = this.#received
    if (received === undefined) return
    const isWanted = this.#watchers.size > 0 && received.producerId === this.#streamId && received.build === this.#build
    if (isWanted) return
    this.#received = undefined
    received.consumer.close()
    for (const watcher of this.#watchers) watcher.track(undefined)
    if (received.build === this.#build && !received.build.isClosed) await received.build.unwatch(received.id)
  }

  async #receive(): Promise<void> {
    const build = this.#build
    const streamId = this.#streamId
    if (this.#received !== undefined || this.#watchers.size === 0) return
    if (build === undefined || build.isClosed || streamId === undefined) return
    const options = await build.watch(streamId)
    const consumer = await build.consume(options)
    this.#received = { build, id: options.id, producerId: streamId, consumer }
    this.#blacken()
    for (const watcher of this.#watchers) watcher.track(consumer.track)
    this.resized()
  }

  #blacken(): void {
    const consumer = this.#received?.consumer
    if (this.#isHeld) consumer?.pause()
    else consumer?.resume()
  }

  /** Undefined while somebody looks whose size is not known: he shall not get too little. */
  #largest(): { width: number; height: number } | undefined {
    const sizes = [...this.#watchers].map((watcher) => watcher.size)
    if (sizes.length === 0) return undefined
    return sizes.reduce((a, b) =>
      a && b ? { width: Math.max(a.width, b.width), height: Math.max(a.height, b.height) } : undefined,
    )
  }
}
