/** A 2xx to INVITE, repeated by the one who gives it until its ACK has come (RFC 3261 section 13.3.1.4). */
import { CSeq, type Request, type Response } from '../messages/index.ts'
import type { Clock, ServerTransaction } from '../transactions/index.ts'
import { repeatUntilStopped, type RepetitionTimes } from './repetition.ts'

export class Success {
  /** Resolves with the ACK; rejects when none has come in 64·T1, or when `stop` was called before. */
  readonly acknowledged: Promise<Request>
  readonly #cseq: number
  readonly #stopRepeating: () => void
  #settle: { resolve(ack: Request): void; reject(error: Error): void } | undefined

  constructor(transaction: ServerTransaction, response: Response, clock: Clock, times: RepetitionTimes) {
    const { promise, resolve, reject } = Promise.withResolvers<Request>()
    this.acknowledged = promise
    this.#settle = { resolve, reject }
    this.#cseq = transaction.request.headers.need(CSeq).number
    transaction.respond(response)
    this.#stopRepeating = repeatUntilStopped(clock, times, {
      again: () => transaction.respond(response),
      gaveUp: () => this.#end((settle) => settle.reject(new Error('no ACK has come'))),
    })
  }

  /** Whether an ACK belongs to this 2xx. */
  takes(ack: Request): boolean {
    if (ack.headers.need(CSeq).number !== this.#cseq) return false
    this.#end((settle) => settle.resolve(ack))
    return true
  }

  stop(): void {
    this.#end((settle) => settle.reject(new Error('the session is over')))
  }

  #end(how: (settle: { resolve(ack: Request): void; reject(error: Error): void }) => void): void {
    const settle = this.#settle
    this.#settle = undefined
    this.#stopRepeating()
    if (settle !== undefined) how(settle)
  }
}
