/** Who listens to one subject: listeners of their own, and groups of which one member takes each message. */
import type { Listener, Stop } from '../bus.ts'

/** Finds the listener at the moment of delivery; undefined when it has gone since. */
type Pick = () => Listener | undefined

/** One subscription: the same function may be subscribed twice. */
type Seat = { listener: Listener; group: string | undefined }

export class Listeners {
  readonly #alone = new Set<Seat>()
  /** Members in the order of their turns. */
  readonly #groups = new Map<string, Seat[]>()

  get isEmpty(): boolean {
    return this.#alone.size === 0 && this.#groups.size === 0
  }

  add(listener: Listener, group: string | undefined): Stop {
    const seat: Seat = { listener, group }
    if (group === undefined) this.#alone.add(seat)
    else this.#groups.set(group, [...(this.#groups.get(group) ?? []), seat])
    return () => this.#remove(seat)
  }

  /** One entry for each listener and each group that is here now. */
  receivers(): Pick[] {
    const alone = [...this.#alone].map((seat) => () => (this.#alone.has(seat) ? seat.listener : undefined))
    const groups = [...this.#groups.keys()].map((group) => () => this.#nextOf(group))
    return [...alone, ...groups]
  }

  #nextOf(group: string): Listener | undefined {
    const [next, ...others] = this.#groups.get(group) ?? []
    if (next === undefined) return undefined
    this.#groups.set(group, [...others, next])
    return next.listener
  }

  #remove(seat: Seat): void {
    this.#alone.delete(seat)
    if (seat.group === undefined) return
    const others = (this.#groups.get(seat.group) ?? []).filter((other) => other !== seat)
    if (others.length === 0) this.#groups.delete(seat.group)
    else this.#groups.set(seat.group, others)
  }
}
