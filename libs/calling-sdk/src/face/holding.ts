import { failed } from '../calling-error.ts'
import type { CallState } from './contract/call.ts'

type HoldingParts = {
  state(): CallState
  /** Sound and picture stop here at once, both ways, or may flow again. */
  silence(isHeld: boolean): void
  tell(verb: 'call.hold' | 'call.resume'): Promise<unknown>
  /** Resolves when the call is in one of these states, or is not in a moment. */
  reach(...states: CallState[]): Promise<void>
}

/**
 * Hold from this side. Media stops before the server is asked and flows again after it has agreed, so that nothing is
 * heard that was not meant to be. The state follows what the server says: the other side may hold as well.
 */
export class Holding {
  private readonly parts: HoldingParts
  private underway: Promise<void> | undefined

  constructor(parts: HoldingParts) {
    this.parts = parts
  }

  /** Asked for twice at once, it is one hold. */
  async hold(): Promise<void> {
    this.underway ??= this.begin().finally(() => {
      this.underway = undefined
    })
    return this.underway
  }

  /** Resolves when no hold is on its way. */
  async settled(): Promise<void> {
    await this.underway?.catch(() => {}) // who asked for it knows
  }

  async resume(): Promise<void> {
    if (this.parts.state() !== 'LocalHold') throw failed('cannotResume')
    await this.parts.tell('call.resume')
    this.parts.silence(false)
    await this.parts.reach('Connected', 'RemoteHold', 'Disconnecting', 'Disconnected')
  }

  private async begin(): Promise<void> {
    const state = this.parts.state()
    if (state !== 'Connected' && state !== 'RemoteHold') throw failed('cannotHold')
    this.parts.silence(true)
    try {
      await this.parts.tell('call.hold')
    } catch (error) {
      this.parts.silence(false)
      throw error
    }
    await this.parts.reach('LocalHold', 'Disconnecting', 'Disconnected')
  }
}
