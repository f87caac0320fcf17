/**
 * Whose turn it is to offer (RFC 3264 section 4, RFC 6337): at most one offer is open in a session, and the media is
 * never asked for two things at once.
 */
import { audioDirectionOf, parseSdp, SdpError, type Direction } from '../sdp/index.ts'
import type { Clock } from '../transactions/index.ts'
import { within } from './context.ts'
import { SipFailure } from './errors.ts'
import { MediaRefused, type SessionMedia } from './media.ts'

/** Nobody who has been offered something waits longer for an answer. */
const mediaLimitMs = 10_000

export class Negotiation {
  readonly #clock: Clock
  readonly #peerTurned: (direction: Direction) => void
  #media: SessionMedia | undefined
  #open: 'none' | 'ours' | 'theirs' = 'none'
  #wish: Direction = 'sendrecv'
  #peerDirection: Direction = 'sendrecv'
  #last: Promise<unknown> = Promise.resolve()

  constructor(clock: Clock, peerTurned: (direction: Direction) => void) {
    this.#clock = clock
    this.#peerTurned = peerTurned
  }

  /** Whose offer has no answer yet. */
  get open(): 'none' | 'ours' | 'theirs' {
    return this.#open
  }

  get wish(): Direction {
    return this.#wish
  }

  get peerDirection(): Direction {
    return this.#peerDirection
  }

  get hasMedia(): boolean {
    return this.#media !== undefined
  }

  use(media: SessionMedia): void {
    this.#media = media
  }

  /** Our offer. From now on it is open, until `answered` or `withdraw`. */
  async offer(wish: Direction = this.#wish): Promise<string> {
    this.#open = 'ours'
    const wishBefore = this.#wish
    this.#wish = wish
    try {
      return await this.#ask((media) => media.offer({ direction: wish }))
    } catch (error) {
      this.#wish = wishBefore
      this.withdraw()
      throw error
    }
  }

  /** Our answer to an offer, which is open until we have it. Rejects with the MediaRefused of the media. */
  async answer(offer: string): Promise<string> {
    this.#open = 'theirs'
    try {
      const answer = await this.#ask((media) => media.answer(offer, { direction: this.#wish }))
      this.#takePeerDirection(offer)
      return answer
    } finally {
      this.#open = 'none'
    }
  }

  /** An answer to our offer. One that may be followed by another leaves the offer open. */
  async answered(answer: string, { isEarly, isLast }: { isEarly: boolean; isLast: boolean }): Promise<void> {
    if (isLast && this.#open === 'ours') this.#open = 'none'
    await this.#ask((media) => media.answered(answer, { isEarly }))
    this.#takePeerDirection(answer)
  }

  /** Our offer came to nothing. @param wish what we want instead of what was offered */
  withdraw(wish: Direction = this.#wish): void {
    this.#wish = wish
    if (this.#open !== 'ours') return
    this.#open = 'none'
    this.#media?.withdrawn?.()
  }

  #ask<T>(question: (media: SessionMedia) => T | Promise<T>): Promise<T> {
    const media = this.#media
    if (media === undefined) return Promise.reject(new SipFailure('wrongState', 'the session has no media yet'))
    const asked = this.#last.then(() => question(media))
    this.#last = asked.catch(() => undefined)
    return within(this.#clock, mediaLimitMs, asked, () => new SipFailure('media', 'the media took too long'))
  }

  #takePeerDirection(description: string): void {
    const direction = directionIn(description)
    if (direction === undefined || direction === this.#peerDirection) return
    this.#peerDirection = direction
    this.#peerTurned(direction)
  }
}

function directionIn(description: string): Direction | undefined {
  try {
    return audioDirectionOf(parseSdp(description))
  } catch (error) {
    // The media has taken it; what cannot be read here says nothing about hold.
    if (error instanceof SdpError) return undefined
    throw error
  }
}

/** The status with which an offer is refused that the media could not answer. */
export function statusOfRefusal(error: unknown): number {
  if (error instanceof MediaRefused) return error.status
  return error instanceof SdpError ? 400 : 500
}
