/**
 * What a session asks of those who own its media. The stack carries offers and answers and holds the rules about who may
 * offer when (RFC 3261 sections 13 and 14, RFC 3262, RFC 3311, RFC 6337); what stands in them it does not decide.
 */
import type { Direction } from '../sdp/index.ts'

/** What we want of the media, as RFC 3264 says it: `sendonly` puts the other side on hold. */
export type MediaWish = { direction: Direction }

/**
 * The media of one session: made by the app, one for each. Descriptions are the text of `application/sdp`.
 *
 * Calls never overlap: the next one is made when the promise of the last one has settled. A rejected promise of `offer`
 * or `answered` ends what was being agreed; of `answer` it refuses the offer, with the status of a `MediaRefused`, else 500.
 */
export interface SessionMedia {
  /**
   * A new offer. The same session id in `o=` each time; the version grows only when the text differs from the last one. A
   * refresh of the session (RFC 4028) that must carry an offer asks for it as well, with an unchanged wish.
   */
  offer(wish: MediaWish): string | Promise<string>
  /**
   * The answer to an offer of the other side; RFC 3264 section 6.1 limits what the wish can bring. Throws `MediaRefused`
   * when nothing fits: the offer gets 488, and what was agreed before goes on.
   */
  answer(offer: string, wish: MediaWish): string | Promise<string>
  /**
   * The answer to our last offer. As long as it `isEarly` another one may follow for the same offer: a fork has other
   * telephones behind it, and the 200 may come from a telephone that was not heard before.
   */
  answered(answer: string, how: { isEarly: boolean }): void | Promise<void>
  /** Our last offer came to nothing: what was agreed before it still holds. */
  withdrawn?(): void
}

/** An offer cannot be answered: `SessionMedia.answer` throws it. */
export class MediaRefused extends Error {
  /** Default 488, Not Acceptable Here. */
  readonly status: number

  constructor(message: string, status = 488) {
    super(message)
    this.name = 'MediaRefused'
    this.status = status
  }
}
