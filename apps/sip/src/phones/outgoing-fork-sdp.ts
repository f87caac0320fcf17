/**
 * The SDP of one of several telephones that ring together. There is one sound for all of them, so it is set to what one
 * has said when that one has answered, and is the first.
 */
import { MediaRefused, type MediaWish, type SessionMedia } from '@parley/sip'
import type { PhoneSdp } from './phone-sdp.ts'

export class ForkSdp implements SessionMedia {
  readonly #sdp: PhoneSdp
  readonly #mayTake: (self: ForkSdp) => Promise<boolean>
  #early: string | undefined
  #isTaken = false

  /** `mayTake` says whether the sound is its own; it may take a while to say so. */
  constructor(sdp: PhoneSdp, mayTake: (self: ForkSdp) => Promise<boolean>) {
    this.#sdp = sdp
    this.#mayTake = mayTake
  }

  offer(wish: MediaWish): string {
    return this.#sdp.offer(wish)
  }

  async answer(offer: string, wish: MediaWish): Promise<string> {
    if (!this.#isTaken) throw new MediaRefused('nothing is agreed on anew before the answer')
    return this.#sdp.answer(offer, wish)
  }

  async answered(answer: string, { isEarly }: { isEarly: boolean }): Promise<void> {
    if (isEarly) this.#early = answer
    else await this.#take(answer)
  }

  /** It has answered: what it has said before counts, where it said nothing with its answer. */
  async take(): Promise<void> {
    if (!this.#isTaken && this.#early !== undefined) await this.#take(this.#early)
  }

  async #take(answer: string): Promise<void> {
    if (!(await this.#mayTake(this))) throw new MediaRefused('another telephone has answered')
    await this.#sdp.answered(answer)
    this.#isTaken = true
  }
}
