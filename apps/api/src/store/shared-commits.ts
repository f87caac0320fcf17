/**
 * Commits that come while one is under way share the next statement: under load one round trip and one write to disk
 * carry many steps, and a step that comes alone goes at once. Each step still stands or falls by itself.
 *
 * One statement at a time, because two make twice as many with half as many steps each: that took a quarter more of the
 * processor's time and was no quicker.
 */
import { Refused, type CallId } from '@parley/protocol'

/** Writes steps in one transaction and gives the ids of those whose version before was there. */
export type Write<Step> = (steps: Step[]) => Promise<CallId[]>

type Waiting<Step> = { step: Step; resolve: (isWritten: boolean) => void; reject: (error: unknown) => void }

/** Bounds how long the rows of a statement stay locked. */
const mostSteps = 100

export class SharedCommits<Step extends { id: CallId }> {
  readonly #write: Write<Step>
  #waiting: Waiting<Step>[] = []
  #isWriting = false

  constructor(write: Write<Step>) {
    this.#write = write
  }

  /** True when the step was written. Rejects as the write did. */
  commit(step: Step): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ step, resolve, reject })
      this.#writeNext()
    })
  }

  #writeNext(): void {
    if (this.#isWriting || this.#waiting.length === 0) return
    this.#isWriting = true
    void this.#writeAll(this.#takeBatch()).finally(() => {
      this.#isWriting = false
      this.#writeNext()
    })
  }

  /** At most one step of each call: a statement writes a row once. */
  #takeBatch(): Waiting<Step>[] {
    const batch = new Map<CallId, Waiting<Step>>()
    const later: Waiting<Step>[] = []
    for (const one of this.#waiting) {
      if (batch.size < mostSteps && !batch.has(one.step.id)) batch.set(one.step.id, one)
      else later.push(one)
    }
    this.#waiting = later
    return [...batch.values()]
  }

  async #writeAll(batch: Waiting<Step>[]): Promise<void> {
    try {
      const written = new Set(await this.#write(batch.map(({ step }) => step)))
      for (const { step, resolve } of batch) resolve(written.has(step.id))
    } catch (error) {
      // A step that cannot be written must not take the others along. When the database is away, all fail.
      if (batch.length > 1 && !(error instanceof Refused)) for (const one of batch) await this.#writeAll([one])
      else for (const { reject } of batch) reject(error)
    }
  }
}
