/** What arrives of one stream, counted as RFC 3550 appendices A.1, A.3 and A.8 do. */
import type { ReceptionReport } from './rtcp.ts'
import { RolloverCounter } from './rollover.ts'

export class Reception {
  readonly #ssrc: number
  readonly #rollover = new RolloverCounter()
  #packets = 0
  #first = 0
  #highest = 0
  #reported = { packets: 0, expected: 0 }
  #transit: number | undefined
  #jitter = 0

  constructor(ssrc: number) {
    this.#ssrc = ssrc
  }

  /**
   * Counts a packet; gives its rollover counter. Who wants to know the jitter says when each packet came, less its
   * timestamp, in ticks of the stream's clock.
   */
  take(sequence: number, transit?: number): number {
    if (transit !== undefined) {
      // A timestamp that began anew is no delay.
      const change = Math.abs(transit - (this.#transit ?? transit)) % 2 ** 32
      this.#transit = transit
      if (change < 2 ** 31) this.#jitter += (change - this.#jitter) / 16
    }
    const roc = this.#rollover.of(sequence)
    const extended = roc * 0x1_0000 + sequence
    if (this.#packets === 0) this.#first = this.#highest = extended
    else if (extended > this.#highest) this.#highest = extended
    this.#packets += 1
    return roc
  }

  get packets(): number {
    return this.#packets
  }

  /** How many are missing. One that came twice hides one that is. */
  get lost(): number {
    return Math.max(0, this.#expected - this.#packets)
  }

  /** How unevenly packets come, in ticks. */
  get jitter(): number {
    return this.#jitter
  }

  /** What a receiver report says of the stream, since the last one. */
  report(): ReceptionReport {
    const { packets, expected } = this.#reported
    this.#reported = { packets: this.#packets, expected: this.#expected }
    const expectedNow = this.#expected - expected
    const lostNow = Math.max(0, expectedNow - (this.#packets - packets))
    const lostShare = expectedNow === 0 ? 0 : lostNow / expectedNow
    return { ssrc: this.#ssrc, lostShare, lost: this.lost, highest: this.#highest, jitter: this.#jitter }
  }

  get #expected(): number {
    return this.#packets === 0 ? 0 : this.#highest - this.#first + 1
  }
}
