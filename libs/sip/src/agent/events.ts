/** Events by name, typed by a map of names to arguments. A listener that throws harms nobody else. */
export interface EventSource<Events extends Record<keyof Events, unknown[]>> {
  /** @returns takes the listener off again */
  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void
}

type Listeners<Events extends Record<keyof Events, unknown[]>> = {
  [Name in keyof Events]?: Set<(...args: Events[Name]) => void>
}

export class Emitter<Events extends Record<keyof Events, unknown[]>> implements EventSource<Events> {
  readonly #listeners: Listeners<Events> = {}
  readonly #failed: (error: unknown) => void

  /** @param failed is told what a listener has thrown */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  on<Name extends keyof Events>(name: Name, listener: (...args: Events[Name]) => void): () => void {
    const listeners = this.#listeners[name] ?? new Set()
    this.#listeners[name] = listeners
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** @returns whether anybody listened */
  emit<Name extends keyof Events>(name: Name, ...args: Events[Name]): boolean {
    const listeners = [...(this.#listeners[name] ?? [])]
    for (const listener of listeners) {
      try {
        listener(...args)
      } catch (error) {
        this.#failed(error)
      }
    }
    return listeners.length > 0
  }
}
