/** One picture that is watched. Its frames are counted by the times that their packets carry; none is decoded. */
import { Reception, sequenceOf, timestampOf, type ReceptionReport } from '@parley/rtp'

/** What is seen of someone. */
export type Sight = {
  /** Of the last two seconds. */
  framesPerS: number
  /** Since the picture began. */
  frames: number
  packets: number
  lost: number
}

const countedMs = 2_000
/** More than come in two seconds of the fastest picture. */
const keptFrames = 256

export class Eye {
  readonly #reception: Reception
  readonly #cameAt = new Float64Array(keptFrames)
  #frames = 0
  #firstAt = 0
  #timestamp: number | undefined

  constructor(ssrc: number) {
    this.#reception = new Reception(ssrc)
  }

  take(packet: Buffer, now: number): void {
    this.#reception.take(sequenceOf(packet))
    const timestamp = timestampOf(packet)
    // A packet that comes late belongs to a frame that was counted: its time is behind, by less than half of all times.
    if (this.#timestamp !== undefined && ((timestamp - this.#timestamp) | 0) <= 0) return
    this.#timestamp = timestamp
    if (this.#frames === 0) this.#firstAt = now
    this.#cameAt[this.#frames % keptFrames] = now
    this.#frames += 1
  }

  see(now: number): Sight {
    const { packets, lost } = this.#reception
    const newest = this.#cameAt.subarray(0, Math.min(this.#frames, keptFrames))
    const lately = newest.reduce((count, at) => count + (now - at < countedMs ? 1 : 0), 0)
    const spanMs = Math.min(countedMs, Math.max(now - this.#firstAt, 1))
    // The first frame opens the span; it is not one that came in it.
    const counted = spanMs < countedMs ? Math.max(0, lately - 1) : lately
    return { framesPerS: this.#frames === 0 ? 0 : (counted * 1000) / spanMs, frames: this.#frames, packets, lost }
  }

  report(): ReceptionReport {
    return this.#reception.report()
  }
}
