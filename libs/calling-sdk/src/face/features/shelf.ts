/** The features of one object: each is made once, when it is first asked for. */
export class FeatureShelf {
  private readonly made = new Map<unknown, unknown>()

  /** Never throws: what is asked for with a factory of another place, or with none, is there and does nothing. */
  get<T>(factory: unknown, make: () => T): T {
    if (!this.made.has(factory)) this.made.set(factory, this.tryToMake(make))
    // Under a factory stands only what this factory has made.
    return this.made.get(factory) as T
  }

  private tryToMake(make: () => unknown): unknown {
    try {
      return make()
    } catch {
      // The caller has no factory that could be called; what he gets he may listen to, in vain.
      return inert
    }
  }
}

const nothing = (): void => {}

/** What every feature has, for one that does nothing. */
export const inert = { on: nothing, off: nothing, dispose: nothing }
