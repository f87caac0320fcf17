/** All phone legs of one thread: takes their orders, one leg's one after the other, and ticks for all of them. */
import { CallMix } from './mix/call-mix.ts'
import { Leg } from './leg.ts'
import type { FromThread, LegOrder, ToThread } from './orders.ts'
import { Ticker } from './ticker.ts'

type Held = { leg: Leg; queue: Promise<unknown> }

export class LegHost {
  readonly #say: (message: FromThread) => void
  readonly #legs = new Map<number, Held>()
  /** With how many legs each has, those that are being opened among them. */
  readonly #mixes = new Map<string, { mix: CallMix; legs: number }>()
  readonly #ticker = new Ticker(() => this.#tick(performance.now()))

  constructor(say: (message: FromThread) => void) {
    this.#say = say
  }

  take({ id, leg: key, order }: ToThread): void {
    const held = this.#legs.get(key)
    const before = held?.queue ?? Promise.resolve()
    // A prompt or a row of digits is long over before it is answered: what comes after it does not wait for it.
    const isLong = order.order === 'sendDigits' || order.order === 'playPrompt'
    const done = before.then(() => this.#carryOut(key, order))
    const answered = done.then(
      (result) => this.#say({ id, result }),
      (error: unknown) => this.#say({ id, error: described(error) }),
    )
    const now = this.#legs.get(key)
    if (now !== undefined && !isLong) now.queue = answered
  }

  async #carryOut(key: number, order: LegOrder): Promise<unknown> {
    if (order.order === 'open') return this.#open(key, order)
    const leg = this.#legs.get(key)?.leg
    if (leg === undefined) throw new Error('There is no such phone leg.')
    switch (order.order) {
      case 'connect':
        return leg.connect(order.agreed)
      case 'bridge':
        return leg.bridge(order.media)
      case 'hear':
        return leg.hear(order.consumers)
      case 'sendDigits':
        return leg.sendDigits(order.digits, order.durationMs)
      case 'playPrompt':
        return leg.playPrompt(order.prompts)
      case 'playMusic':
        return leg.playMusic(order.isOn)
      case 'stats':
        return leg.stats()
      case 'close':
        this.#legs.delete(key)
        await leg.close()
        this.#leave(leg.mix)
        if (this.#legs.size === 0) this.#ticker.stop()
        return undefined
    }
  }

  async #open(key: number, order: Extract<LegOrder, { order: 'open' }>): Promise<void> {
    const held = this.#mixes.get(order.call) ?? { mix: new CallMix(order.call), legs: 0 }
    this.#mixes.set(order.call, held)
    held.legs += 1
    try {
      const leg = await Leg.open(order, held.mix, (event) => this.#say({ leg: key, event }))
      this.#legs.set(key, { leg, queue: Promise.resolve() })
      this.#ticker.start()
    } catch (error) {
      this.#leave(held.mix)
      throw error
    }
  }

  #leave({ call }: CallMix): void {
    const held = this.#mixes.get(call)
    if (held !== undefined && (held.legs -= 1) === 0) this.#mixes.delete(call)
  }

  /** First everything that is heard is taken out of its buffers, once; then each phone gets its own. */
  #tick(nowMs: number): void {
    for (const { mix } of this.#mixes.values()) mix.tick(nowMs)
    for (const { leg } of this.#legs.values()) leg.tick(nowMs)
  }
}

function described(error: unknown): { message: string; code?: string } {
  const { message, code } = error as NodeJS.ErrnoException
  return { message, ...(code === undefined ? {} : { code }) }
}
