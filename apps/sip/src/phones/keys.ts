/** Keys that the phone presses: *6 is for us, everything else is told to the call. */
import { Refused, type CallView } from '@parley/protocol'
import type { InCall } from './in-call.ts'

/** So long after the star the six may come. */
const pairMs = 3000

export class Keys {
  readonly #phone: InCall
  #star: NodeJS.Timeout | undefined
  #mutedByOthers: number | undefined

  constructor(phone: InCall) {
    this.#phone = phone
  }

  /** Says so when others have muted it. */
  seesView({ mutedByOthers, isMuted }: CallView): void {
    const before = this.#mutedByOthers ?? 0
    this.#mutedByOthers = mutedByOthers
    if (mutedByOthers > before && isMuted) this.#says('muted')
  }

  pressed(key: string): void {
    const hadStar = this.#takeStar()
    if (hadStar && key === '6') {
      this.#phone.inOrder('mute', () => this.#toggle())
      return
    }
    if (hadStar) this.#forward('*')
    if (key === '*') this.#star = setTimeout(() => this.#takeStar() && this.#forward('*'), pairMs)
    else this.#forward(key)
  }

  close(): void {
    this.#takeStar()
  }

  #takeStar(): boolean {
    const had = this.#star !== undefined
    clearTimeout(this.#star)
    this.#star = undefined
    return had
  }

  #forward(tones: string): void {
    const { seat } = this.#phone
    if (seat === undefined) return
    const { callId } = seat
    this.#phone.inOrder('tones', () => this.#phone.ask('call.say', { callId, saying: { kind: 'tones', tones } }))
  }

  async #toggle(): Promise<void> {
    const { seat } = this.#phone
    if (seat?.view === undefined) return
    const isMuted = !seat.view.isMuted
    try {
      await this.#phone.ask('call.mute', { callId: seat.callId, isMuted })
      this.#says(isMuted ? 'now-muted' : 'unmuted')
    } catch (error) {
      if (!(error instanceof Refused && error.failure === 'cannotUnmute')) throw error
      this.#says('cannot-unmute')
    }
  }

  #says(prompt: 'muted' | 'now-muted' | 'unmuted' | 'cannot-unmute'): void {
    this.#phone.sound.playPrompt(prompt).catch(() => undefined) // the sound has ended
  }
}
