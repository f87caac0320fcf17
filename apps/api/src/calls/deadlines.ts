/**
 * The deadline clock. Between two rounds it sleeps until the nearest deadline that this process knows; once a second it
 * reads what is overdue in the store, so that calls of processes that died end on time as well, and takes over effects
 * whose lease has run out. At each round what fell due is stepped before what is left is carried out.
 */
import type { Logger } from 'pino'
import type { NodeId } from '@parley/protocol'
import type { Calls } from './calls.ts'
import type { CallStore } from './call-store.ts'
import type { DatabaseClock } from './clock.ts'
import type { Effects } from './effects.ts'

const roundMs = 1_000
const batch = 200

export class Deadlines {
  #timer: NodeJS.Timeout | undefined
  #wakesAtMs = Infinity
  #round: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(
    private readonly parts: {
      calls: () => Calls
      store: CallStore
      effects: Effects
      clock: DatabaseClock
      me: NodeId
      log: Logger
    },
  ) {}

  /** Runs the first round and goes on until close(). */
  async start(): Promise<void> {
    await this.parts.clock.adjust()
    await this.#run()
  }

  /** Someone waits until this moment (epoch ms): be awake then. */
  expect(at: number): void {
    const inMs = Math.max(0, at - this.parts.clock.now()) + 1
    if (!this.#isClosed && performance.now() + inMs < this.#wakesAtMs) this.#sleep(inMs)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#round
  }

  #sleep(ms: number): void {
    clearTimeout(this.#timer)
    this.#wakesAtMs = performance.now() + ms
    this.#timer = setTimeout(() => {
      this.#round = this.#run()
    }, ms)
  }

  async #run(): Promise<void> {
    this.#wakesAtMs = Infinity
    try {
      await this.parts.clock.adjust()
      await this.#stepOverdue()
      await this.#takeOver()
      const next = await this.parts.store.nextDeadline()
      if (!this.#isClosed) this.#sleep(Math.min(roundMs, this.#until(next)))
    } catch (error) {
      // The database is away: calls go on, and the next round finds what fell due meanwhile.
      this.parts.log.warn({ error: String(error) }, 'deadlines.round_failed')
      if (!this.#isClosed) this.#sleep(roundMs)
    }
  }

  #until(at: number | undefined): number {
    return at === undefined ? roundMs : Math.max(0, at - this.parts.clock.now()) + 1
  }

  async #stepOverdue(): Promise<void> {
    const overdue = await this.parts.store.overdue(batch)
    const steps = overdue.map((callId) => this.parts.calls().step(callId, { type: 'fellDue' }))
    for (const outcome of await Promise.allSettled(steps)) {
      if (outcome.status === 'rejected') this.parts.log.warn({ error: String(outcome.reason) }, 'deadlines.step_failed')
    }
  }

  async #takeOver(): Promise<void> {
    const left = await this.parts.store.takeOver(this.parts.me, batch)
    for (const row of left) {
      await this.parts.effects.finish(row, await this.parts.calls().find(row.callId), this.parts.clock.now())
    }
  }
}
