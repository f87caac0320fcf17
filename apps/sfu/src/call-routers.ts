/**
 * The routers of one call. There is one until it is full; then the call goes on to the worker that carries least, while
 * there is one that it is not on yet. A router that nobody is on any more is closed.
 */
import type { CallRouter } from './call-router.ts'
import type { MediaWorker } from './media-worker.ts'
import type { Workers } from './workers.ts'

type Parts = { workers: Workers; legsEach: number; open: (worker: MediaWorker) => Promise<CallRouter> }

export class CallRouters {
  readonly #parts: Parts
  #all: CallRouter[] = []

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The router for one more leg, which is counted from now on, until *leave*. @throws {Refused} unavailable */
  async enter(): Promise<CallRouter> {
    const place = this.#withRoom() ?? (await this.#another()) ?? this.#emptiest() ?? (await this.#first())
    place.legs += 1
    return place
  }

  /** A leg is no longer on this router. */
  leave(place: CallRouter): void {
    place.legs -= 1
    if (place.legs > 0 || this.#all.length === 1) return
    this.#all = this.#all.filter((one) => one !== place)
    place.close()
  }

  /** Its worker has died. True when the call has another one. */
  lose(lost: CallRouter): boolean {
    this.#all = this.#all.filter((place) => place !== lost)
    return this.#all.length > 0
  }

  close(): void {
    for (const place of this.#all) place.close()
  }

  #withRoom(): CallRouter | undefined {
    return this.#all.find(({ legs }) => legs < this.#parts.legsEach)
  }

  #first(): Promise<CallRouter> {
    return this.#parts.workers.place((worker) => this.#openOn(worker))
  }

  /** One more; undefined where there is none yet, or no other worker to open it on. */
  async #another(): Promise<CallRouter | undefined> {
    if (this.#all.length === 0) return undefined
    const other = this.#parts.workers.leastLoaded(this.#all.map(({ worker }) => worker))
    return other && this.#openOn(other)
  }

  #emptiest(): CallRouter | undefined {
    return this.#all.toSorted((a, b) => a.legs - b.legs)[0]
  }

  async #openOn(worker: MediaWorker): Promise<CallRouter> {
    const place = await this.#parts.open(worker)
    this.#all.push(place)
    return place
  }
}
