/** The bus of one process: every node in it holds the same object. Delivery is asynchronous and in order. */
import { Refused } from '@parley/protocol'
import { BusError, type Bus, type Listener, type OnBusError, type Server, type Stop } from '../bus.ts'
import { Listeners } from './listeners.ts'

export class MemoryBus implements Bus {
  readonly #onError: OnBusError
  readonly #servers = new Map<string, Server>()
  readonly #listeners = new Map<string, Listeners>()
  /** How each request that waits is rejected. */
  readonly #waiting = new Set<(reason: unknown) => void>()
  #isClosed = false

  constructor({ onError }: { onError: OnBusError }) {
    this.#onError = onError
  }

  async request(
    subject: string,
    body: unknown,
    { timeoutMs, signal }: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<unknown> {
    this.#mustBeOpen(subject)
    signal?.throwIfAborted()
    const server = this.#servers.get(subject)
    if (server === undefined) throw new BusError('noServer', subject)

    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const timer = setTimeout(() => reject(new BusError('timedOut', subject)), timeoutMs)
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort)
    this.#waiting.add(reject)
    this.#answer(subject, server, encode(body)).then(resolve, reject)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      this.#waiting.delete(reject)
    }
  }

  serve(subject: string, server: Server): Stop {
    this.#mustBeOpen(subject)
    if (this.#servers.has(subject)) throw new BusError('alreadyServed', subject)
    this.#servers.set(subject, server)
    return once(() => this.#servers.delete(subject))
  }

  publish(subject: string, body: unknown): void {
    this.#mustBeOpen(subject)
    const listeners = this.#listeners.get(subject)
    if (listeners === undefined) return
    const message = encode(body)
    for (const pick of listeners.receivers()) queueMicrotask(() => void this.#deliver(subject, pick(), message))
  }

  subscribe(subject: string, listener: Listener, { group }: { group?: string } = {}): Stop {
    this.#mustBeOpen(subject)
    const listeners = this.#listeners.get(subject) ?? new Listeners()
    this.#listeners.set(subject, listeners)
    const stop = listeners.add(listener, group)
    return once(() => {
      stop()
      if (listeners.isEmpty && this.#listeners.get(subject) === listeners) this.#listeners.delete(subject)
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#servers.clear()
    this.#listeners.clear()
    for (const reject of this.#waiting) reject(new BusError('closed', 'requests'))
  }

  async #answer(subject: string, server: Server, message: string | undefined): Promise<unknown> {
    // The requester's own code goes on first, as it would with a network in between.
    await Promise.resolve()
    try {
      return decode(encode(await server(decode(message))))
    } catch (error) {
      if (error instanceof Refused) throw copyOf(error)
      this.#onError(error, subject)
      throw new Refused('internal')
    }
  }

  async #deliver(subject: string, listener: Listener | undefined, message: string | undefined): Promise<void> {
    if (listener === undefined || this.#isClosed) return
    try {
      await listener(decode(message))
    } catch (error) {
      this.#onError(error, subject)
    }
  }

  #mustBeOpen(subject: string): void {
    if (this.#isClosed) throw new BusError('closed', subject)
  }
}

// JSON and no structured clone: what a Date or a Map becomes on the way must not depend on which bus is in use.
const encode = (body: unknown): string | undefined => (body === undefined ? undefined : JSON.stringify(body))
const decode = (message: string | undefined): unknown => (message === undefined ? undefined : JSON.parse(message))

/** What of a refusal would cross a wire: its name, path and detail. */
function copyOf({ failure, path, detail }: Refused): Refused {
  return new Refused(failure, {
    ...(path === undefined ? {} : { path }),
    ...(detail === undefined ? {} : { detail }),
  })
}

function once(stop: () => void): Stop {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    stop()
  }
}
