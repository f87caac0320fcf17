/** A clock that stands still until a test moves it. */
import type { Clock } from '../clock.ts'

type Alarm = { at: number; call: () => void }

export class FakeClock implements Clock {
  #now = 0
  readonly #alarms = new Set<Alarm>()

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const alarm = { at: this.#now + ms, call }
    this.#alarms.add(alarm)
    return () => void this.#alarms.delete(alarm)
  }

  /** Lets time go by, alarm by alarm, with all that follows from each of them. */
  async passes(ms: number): Promise<void> {
    const until = this.#now + ms
    await settled()
    for (let alarm = this.#nextUntil(until); alarm !== undefined; alarm = this.#nextUntil(until)) {
      this.#alarms.delete(alarm)
      this.#now = Math.max(this.#now, alarm.at)
      alarm.call()
      await settled()
    }
    this.#now = until
  }

  #nextUntil(until: number): Alarm | undefined {
    let next: Alarm | undefined
    for (const alarm of this.#alarms) if (alarm.at <= until && (next === undefined || alarm.at < next.at)) next = alarm
    return next
  }
}

/** When everything that waited only for promises has gone on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
