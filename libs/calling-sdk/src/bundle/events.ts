/**
 * The part of Node's EventEmitter that mediasoup-client uses, for the browser: vite.config.mjs puts it in the place of
 * the whole of it. Listeners are called in the order in which they were added, with the emitter as `this`.
 */
type Listener = (...args: unknown[]) => void
type Entry = { listener: Listener; isOnce: boolean }

export class EventEmitter {
  private entries = new Map<string, readonly Entry[]>()

  /** The library's own emitter asks for more than the usual ten; here is no limit. */
  setMaxListeners(): this {
    return this
  }

  on(event: string, listener: Listener): this {
    return this.put(event, { listener, isOnce: false })
  }
  addListener(event: string, listener: Listener): this {
    return this.on(event, listener)
  }
  once(event: string, listener: Listener): this {
    return this.put(event, { listener, isOnce: true })
  }
  prependListener(event: string, listener: Listener): this {
    return this.put(event, { listener, isOnce: false }, true)
  }
  prependOnceListener(event: string, listener: Listener): this {
    return this.put(event, { listener, isOnce: true }, true)
  }

  /** Takes away one of them, the newest. */
  off(event: string, listener: Listener): this {
    const there = this.of(event)
    const at = there.findLastIndex((entry) => entry.listener === listener)
    if (at >= 0) this.entries.set(event, there.toSpliced(at, 1))
    return this
  }
  removeListener(event: string, listener: Listener): this {
    return this.off(event, listener)
  }
  removeAllListeners(event?: string): this {
    if (event === undefined) this.entries.clear()
    else this.entries.delete(event)
    return this
  }

  /** Calls those that are there now. True when there is one. An error that nobody listens to is thrown. */
  emit(event: string, ...args: unknown[]): boolean {
    const there = this.of(event)
    if (event === 'error' && there.length === 0) throw args[0]
    for (const entry of there) {
      if (entry.isOnce && !this.take(event, entry)) continue
      entry.listener.apply(this, args)
    }
    return there.length > 0
  }

  listenerCount(event: string): number {
    return this.of(event).length
  }
  listeners(event: string): Listener[] {
    return this.of(event).map(({ listener }) => listener)
  }
  rawListeners(event: string): Listener[] {
    return this.listeners(event)
  }

  private put(event: string, entry: Entry, isFirst = false): this {
    this.entries.set(event, isFirst ? [entry, ...this.of(event)] : [...this.of(event), entry])
    return this
  }

  /** False when it was called already, by an event that one of the listeners brought about. */
  private take(event: string, entry: Entry): boolean {
    const there = this.of(event)
    this.entries.set(
      event,
      there.filter((one) => one !== entry),
    )
    return there.includes(entry)
  }

  private of(event: string): readonly Entry[] {
    return this.entries.get(event) ?? []
  }
}
