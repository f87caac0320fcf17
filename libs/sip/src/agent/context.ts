/** What the parts of one user agent share. */
import { randomBytes } from 'node:crypto'
import type { Request } from '../messages/index.ts'
import type { Clock, ServerTransaction, TransactionLayer } from '../transactions/index.ts'
import type { Flow, Notice } from '../transports/index.ts'
import type { AgentLimits } from './agent.ts'

/** Who gets what comes in for a dialog. */
export type DialogOwner = {
  request(transaction: ServerTransaction): void
  ack(ack: Request, flow: Flow): void
}

export type AgentContext = {
  readonly layer: TransactionLayer
  readonly clock: Clock
  readonly limits: AgentLimits
  readonly name: string | undefined
  /** By `Dialog.key`. */
  readonly dialogs: Map<string, DialogOwner>
  failed(error: unknown): void
  noticed(notice: Notice): void
}

export function newTag(): string {
  return randomBytes(8).toString('hex')
}

export function newCallId(): string {
  return randomBytes(16).toString('hex')
}

/** Resolves after so many milliseconds; rejects as soon as the signal is aborted, with its reason. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason)
      return
    }
    const end = (): void => {
      callOff()
      reject(signal.reason)
    }
    const callOff = clock.after(ms, () => {
      signal.removeEventListener('abort', end)
      resolve()
    })
    signal.addEventListener('abort', end, { once: true })
  })
}

/** Settles as the promise does, or rejects with `late()` after so many milliseconds. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const callOff = clock.after(ms, () => reject(late()))
    promise.finally(callOff).then(resolve, reject)
  })
}
