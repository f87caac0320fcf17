type Listener = (args: never) => void

/** Who listens to the events of one object. A listener that throws is reported and harms nobody else. */
export class Emitter<Events extends Record<keyof Events, Listener>> {
  private readonly listeners = new Map<keyof Events, Set<Listener>>()

  on<E extends keyof Events>(event: E, listener: Events[E]): void {
    const listeners = this.listeners.get(event) ?? new Set()
    this.listeners.set(event, listeners.add(listener))
  }

  off<E extends keyof Events>(event: E, listener: Events[E]): void {
    this.listeners.get(event)?.delete(listener)
  }

  emit<E extends keyof Events>(event: E, ...args: Parameters<Events[E]>): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) {
      try {
        // on() took it for this event, and so for these arguments.
        ;(listener as (...args: unknown[]) => void)(...args)
      } catch (error) {
        reportError(error)
      }
    }
  }
}
