import type { LegId, ProducerId, StreamView } from '@parley/protocol'
import type { Clock } from '../link/clock.ts'
import type { Log } from '../log.ts'
import type { MediaBuild } from './media-build.ts'
import { Picture } from './picture.ts'

/** After a rebuild on this side the others may be at theirs still: so long their pictures are kept for them. */
const returnMs = 5000

/** The pictures that the others send. */
export class Pictures {
  readonly #clock: Clock
  readonly #log: Log
  readonly #changed: () => void
  readonly #pictures = new Map<string, Picture>()
  #build: MediaBuild | undefined
  #isHeld = false
  #stopWaiting = () => {}

  constructor(parts: { clock: Clock; log: Log }, on: { changed(): void }) {
    this.#clock = parts.clock
    this.#log = parts.log
    this.#changed = () => on.changed()
  }

  /** Those of some legs: of one participant. */
  of(legIds: readonly LegId[]): Picture[] {
    return [...this.#pictures.values()].filter(({ legId }) => legIds.includes(legId))
  }

  use(build: MediaBuild, streams: StreamView[]): void {
    this.#build = build
    for (const picture of this.#pictures.values()) picture.use(build, undefined)
    this.#stopWaiting()
    this.#stopWaiting = this.#clock.after(returnMs, () => this.#forgetLost())
    this.add(streams)
  }

  add(streams: StreamView[]): void {
    for (const { legId, source, streamId } of streams) {
      const key = `${legId} ${source}`
      const picture = this.#pictures.get(key) ?? new Picture(legId, source, this.#log)
      this.#pictures.set(key, picture)
      picture.hold(this.#isHeld)
      picture.use(this.#build, streamId)
    }
    this.#changed()
  }

  remove(streamIds: readonly ProducerId[]): void {
    for (const [key, picture] of this.#pictures) {
      if (picture.streamId !== undefined && streamIds.includes(picture.streamId)) this.#forget(key, picture)
    }
    this.#changed()
  }

  /** Nothing is seen while the call is held: whoever looks sees black. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    for (const picture of this.#pictures.values()) picture.hold(isHeld)
  }

  close(): void {
    this.#stopWaiting()
    for (const [key, picture] of this.#pictures) this.#forget(key, picture)
  }

  #forgetLost(): void {
    for (const [key, picture] of this.#pictures) if (picture.streamId === undefined) this.#forget(key, picture)
    this.#changed()
  }

  #forget(key: string, picture: Picture): void {
    this.#pictures.delete(key)
    picture.use(this.#build, undefined)
  }
}
