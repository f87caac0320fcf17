/** The telephones that one INVITE has reached, each with an early dialog of its own (RFC 3261 section 12.1.2). */
import { Dialog, ReliableReceiver } from '../dialogs/index.ts'
import { tagOf, To, type Request, type Response } from '../messages/index.ts'
import type { DialogLink } from './dialog-link.ts'

export type Fork = {
  readonly link: DialogLink
  readonly reliable: ReliableReceiver
  /** The last description that it has sent. */
  description?: string
  /** Offer and answer are done: the answer came reliably (RFC 3262 section 5). */
  isSettled: boolean
}

export class Forks {
  readonly #forks = new Map<string, Fork>()
  readonly #open: (dialog: Dialog) => DialogLink

  constructor(open: (dialog: Dialog) => DialogLink) {
    this.#open = open
  }

  get count(): number {
    return this.#forks.size
  }

  /** The one that this response comes from, perhaps for the first time. */
  of(invite: Request, response: Response): Fork {
    const tag = tagOf(response.headers.need(To)) ?? ''
    const known = this.#forks.get(tag)
    if (known !== undefined) return known
    const link = this.#open(Dialog.asCaller(invite, response))
    const fork: Fork = { link, reliable: new ReliableReceiver(), isSettled: false }
    this.#forks.set(tag, fork)
    return fork
  }

  others(than: Fork): Fork[] {
    return [...this.#forks.values()].filter((fork) => fork !== than)
  }
}
