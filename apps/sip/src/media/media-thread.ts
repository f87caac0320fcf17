/** One thread that holds sound, as the main thread sees it: asks it, passes its events on, and says when it has died. */
import type { EventEmitter } from 'node:events'
import type { LegEvent } from './leg-events.ts'
import type { FromThread, LegOrder, OrderOf, ResultOf, ToThread } from './orders.ts'

/** The leg was closed, or its thread has died. */
export class LegClosed extends Error {
  constructor() {
    super('This phone leg is closed.')
    this.name = 'LegClosed'
  }
}

/** What of a worker is used. */
export type ThreadWorker = EventEmitter & {
  postMessage(message: ToThread): void
  terminate(): Promise<unknown>
}

type HeldLeg = {
  call: string
  tell(event: LegEvent): void
  /** Called once: the leg's sockets are closed. */
  closed(): void
}
type Pending = { leg: number; resolve(result: unknown): void; reject(error: Error): void }

export class MediaThread {
  readonly #worker: ThreadWorker
  readonly #onDead: () => void
  readonly #legs = new Map<number, HeldLeg>()
  readonly #closing = new Map<number, Promise<void>>()
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  #isDead = false

  /** `onDead` is called once, also when it was closed. */
  constructor(worker: ThreadWorker, onDead: () => void) {
    this.#worker = worker
    this.#onDead = onDead
    worker.on('message', (message: FromThread) => this.#take(message))
    worker.on('error', (error: unknown) => this.#died(error))
    worker.on('exit', (code: number) => this.#died(new Error(`The thread of phones' sound has ended with ${code}.`)))
  }

  get legs(): number {
    return this.#legs.size
  }

  holdsCall(call: string): boolean {
    return [...this.#legs.values()].some((leg) => leg.call === call)
  }

  hold(id: number, leg: HeldLeg): void {
    this.#legs.set(id, leg)
  }

  /** Forgets a leg: its sockets are closed, or never were open. */
  letGo(id: number): void {
    const leg = this.#legs.get(id)
    this.#legs.delete(id)
    leg?.closed()
  }

  ask<O extends LegOrder['order']>(leg: number, order: OrderOf<O>): Promise<ResultOf<O>> {
    if (this.#isDead || !this.#legs.has(leg) || this.#closing.has(leg)) return Promise.reject(new LegClosed())
    // The thread answers each order with the result of its own kind.
    return this.#send(leg, order as LegOrder) as Promise<ResultOf<O>>
  }

  closeLeg(leg: number): Promise<void> {
    const closing = this.#closing.get(leg)
    if (closing !== undefined) return closing
    if (this.#isDead || !this.#legs.has(leg)) return Promise.resolve()
    const closed = this.#close(leg)
    this.#closing.set(leg, closed)
    return closed
  }

  async close(): Promise<void> {
    await Promise.all([...this.#legs.keys()].map((leg) => this.closeLeg(leg)))
    await this.#worker.terminate()
  }

  async #close(leg: number): Promise<void> {
    try {
      await this.#send(leg, { order: 'close' })
    } catch {
      // A thread that has died meanwhile has closed its sockets as well.
    }
    this.letGo(leg)
    this.#closing.delete(leg)
  }

  #send(leg: number, order: LegOrder): Promise<unknown> {
    const id = (this.#lastId += 1)
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { leg, resolve, reject })
      this.#worker.postMessage({ id, leg, order } satisfies ToThread)
    })
  }

  #take(message: FromThread): void {
    if ('event' in message) return this.#legs.get(message.leg)?.tell(message.event)
    const pending = this.#pending.get(message.id)
    this.#pending.delete(message.id)
    if ('error' in message) {
      const { code } = message.error
      pending?.reject(Object.assign(new Error(message.error.message), code === undefined ? {} : { code }))
    } else pending?.resolve(message.result)
  }

  #died(cause: unknown): void {
    if (this.#isDead) return
    this.#isDead = true
    this.#onDead()
    for (const pending of this.#pending.values()) pending.reject(new LegClosed())
    this.#pending.clear()
    for (const [id, leg] of [...this.#legs]) {
      const wasClosing = this.#closing.has(id)
      this.letGo(id)
      if (!wasClosing) leg.tell({ event: 'lost', cause })
    }
  }
}
