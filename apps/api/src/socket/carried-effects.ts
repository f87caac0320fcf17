/** Which effects a session has been told of: each once, and none after a newer one of its call. */
import type { CallId, EffectName } from '@parley/protocol'

/** Of how many calls the last effect is remembered: effects come late by seconds, not by calls. */
const maxCalls = 64

export class CarriedEffects {
  readonly #last = new Map<CallId, EffectName>()

  /** True the first time, unless a newer one of the same call was here before. */
  isNew(effect: EffectName): boolean {
    const last = this.#last.get(effect.callId)
    const isOld =
      last !== undefined && (effect.version < last.version || (effect.version === last.version && effect.n <= last.n))
    if (isOld) return false
    this.#last.delete(effect.callId) // so that the order of the map is that of the last effects
    this.#last.set(effect.callId, effect)
    const [oldest] = this.#last.keys()
    if (oldest !== undefined && this.#last.size > maxCalls) this.#last.delete(oldest)
    return true
  }
}
