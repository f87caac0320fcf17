/**
 * Somebody who has nothing to do but to wake up again and again, and notes how late. Sound goes through a media worker,
 * which the bare connection between two pages does not: what a busy machine keeps a thread waiting beside the pages is
 * no gap of the product's.
 */
import { Worker } from 'node:worker_threads'

const wakesEveryMs = 5

/** Shared with the thread: the longest that it has overslept, in microseconds. */
const watch = `
  const { workerData } = require('node:worker_threads')
  const latest = new Int32Array(workerData)
  let before = performance.now()
  setInterval(() => {
    const now = performance.now()
    const lateUs = Math.round((now - before - ${wakesEveryMs}) * 1000)
    before = now
    if (lateUs > Atomics.load(latest, 0)) Atomics.store(latest, 0, lateUs)
  }, ${wakesEveryMs})
`

export class Bystander {
  readonly #latest = new Int32Array(new SharedArrayBuffer(4))
  readonly #thread = new Worker(watch, { eval: true, workerData: this.#latest.buffer })

  /** How late it has woken up at most since it was last asked, in milliseconds. */
  takesLongestDelayMs(): number {
    return Atomics.exchange(this.#latest, 0, 0) / 1000
  }

  async goes(): Promise<void> {
    await this.#thread.terminate()
  }
}
