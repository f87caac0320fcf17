/** Legs that were closed for good, remembered for as long as an order for them may still be under way. */
import type { CallId, LegId } from '@parley/protocol'

type Leg = { callId: CallId; legId: LegId }

export class ClosedLegs {
  readonly #keepMs: number
  readonly #most: number
  readonly #now: () => number
  /** When each was closed, the oldest first. */
  readonly #closedAtMs = new Map<string, number>()

  constructor(options: { keepMs: number; most: number; now?: () => number }) {
    this.#keepMs = options.keepMs
    this.#most = options.most
    this.#now = options.now ?? (() => performance.now())
  }

  add(leg: Leg): void {
    const key = keyOf(leg)
    this.#closedAtMs.delete(key)
    this.#closedAtMs.set(key, this.#now())
    this.#forget()
  }

  has(leg: Leg): boolean {
    this.#forget()
    return this.#closedAtMs.has(keyOf(leg))
  }

  #forget(): void {
    const forgottenMs = this.#now() - this.#keepMs
    for (const [key, closedAtMs] of this.#closedAtMs) {
      if (closedAtMs > forgottenMs && this.#closedAtMs.size <= this.#most) return
      this.#closedAtMs.delete(key)
    }
  }
}

const keyOf = ({ callId, legId }: Leg): string => `${callId} ${legId}`
