/** A phone in a lobby: it hears music, and now and then that it has to wait. */
import type { CallView } from '@parley/protocol'
import type { InCall } from './in-call.ts'

const sayAgainMs = 20_000

export class Waiting {
  readonly #phone: InCall
  #timer: NodeJS.Timeout | undefined

  constructor(phone: InCall) {
    this.#phone = phone
  }

  get isOn(): boolean {
    return this.#timer !== undefined
  }

  seesView({ state }: CallView): void {
    const waits = state === 'InLobby'
    if (waits === this.isOn) return
    if (waits) {
      this.#timer = setInterval(() => this.#say(), sayAgainMs)
      this.#say()
    } else this.close()
    this.#phone.settlesMusic()
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #say(): void {
    this.#phone.sound.playPrompt('lobby').catch(() => undefined) // the sound has ended
  }
}
