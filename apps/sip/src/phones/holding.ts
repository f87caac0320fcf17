/** Hold: the call holds the phone, or the phone holds the call; each side tells the other (RFC 3264 section 8.4). */
import type { CallView } from '@parley/protocol'
import type { Direction } from '@parley/sip'
import type { InCall } from './in-call.ts'

export class Holding {
  readonly #phone: InCall
  /** The call has us hold the phone. */
  #isWanted = false
  #isTold = false
  #isTelling = false
  #isByPhone = false

  constructor(phone: InCall) {
    this.#phone = phone
  }

  get isOn(): boolean {
    return this.#isWanted
  }

  seesView({ state }: CallView): void {
    const isWanted = state === 'RemoteHold'
    if (isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    this.#phone.settlesMusic()
    void this.#tell()
  }

  /** What the phone wants to do has changed. */
  phoneTurns(direction: Direction): void {
    const isHeld = direction === 'sendonly' || direction === 'inactive'
    const { seat } = this.#phone
    if (seat === undefined || isHeld === this.#isByPhone) return
    this.#isByPhone = isHeld
    const { callId } = seat
    this.#phone.inOrder('hold', () => this.#phone.ask(isHeld ? 'call.hold' : 'call.resume', { callId }))
  }

  /** One re-INVITE after the other, until the phone has heard what is true now. A phone that refuses hears music anyway. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return
    this.#isTelling = true
    try {
      while (this.#isTold !== this.#isWanted && !this.#phone.isOver) {
        const wanted = this.#isWanted
        this.#isTold = wanted
        await (wanted ? this.#phone.dialog?.hold() : this.#phone.dialog?.resume())
      }
    } catch (error) {
      if (!this.#phone.isOver) this.#phone.log.warn({ error: String(error) }, 'phone.hold_refused')
    } finally {
      this.#isTelling = false
    }
  }
}
