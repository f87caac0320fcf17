/** Everything that a node tells over the bus, and a way to wait for it. Only tests import this module. */
import { subscribeAlive, subscribeReports, subscribeSession, type Bus } from '@parley/bus'
import type { AgentEvent, EventBody, EventName, MediaReport, NodeAlive, SessionId } from '@parley/protocol'

export class Heard {
  readonly reports: MediaReport[] = []
  readonly alive: NodeAlive[] = []
  readonly #bus: Bus
  readonly #told = new Map<SessionId, AgentEvent[]>()
  #wake: (() => void)[] = []

  constructor(bus: Bus) {
    this.#bus = bus
    subscribeReports(bus, (report) => this.#hear(() => this.reports.push(report)))
    subscribeAlive(bus, (alive) => this.#hear(() => this.alive.push(alive)))
  }

  listenFor(session: SessionId): void {
    if (this.#told.has(session)) return
    const told: AgentEvent[] = []
    this.#told.set(session, told)
    subscribeSession(this.#bus, session, (event) => this.#hear(() => told.push(event)))
  }

  /** The bodies of the events of this name that the session was told, the oldest first. */
  told<E extends EventName>(session: SessionId, name: E): EventBody<E>[] {
    const events = (this.#told.get(session) ?? []).filter(({ event }) => event === name)
    // The filter has picked the events of that name; TypeScript does not tie the two together.
    return events.map(({ body }) => body as EventBody<E>)
  }

  /** Waits until `find` finds something, looking whenever something was told. */
  async until<T>(what: string, find: () => T | undefined, limitMs = 5_000): Promise<T> {
    const late = Symbol('late')
    let timer: NodeJS.Timeout | undefined
    const limit = new Promise<typeof late>((resolve) => (timer = setTimeout(() => resolve(late), limitMs)))
    try {
      for (;;) {
        const found = find()
        if (found !== undefined && found !== false) return found
        const next = new Promise<void>((resolve) => this.#wake.push(resolve))
        if ((await Promise.race([next, limit])) === late) throw new Error(`${what}: not within ${limitMs} ms`)
      }
    } finally {
      clearTimeout(timer)
    }
  }

  #hear(keep: () => void): void {
    keep()
    const wake = this.#wake
    this.#wake = []
    for (const one of wake) one()
  }
}
