/**
 * Reliable provisional responses (RFC 3262): as the one who sends them, who repeats each until its PRACK comes, and as the
 * one who receives them, who takes them in their order.
 */
import { CSeq, RAck, Require, RSeq, type Request, type Response } from '../messages/index.ts'
import type { Clock, ServerTransaction } from '../transactions/index.ts'
import { repeatUntilStopped, type RepetitionTimes } from './repetition.ts'

type Waiting = { rseq: number; acknowledged(): void; stopped(): void }

export class ReliableSender {
  readonly #transaction: ServerTransaction
  readonly #clock: Clock
  readonly #times: RepetitionTimes
  /** RFC 3262 section 3: the first number is chosen at random, so that those of two dialogs do not fit each other. */
  #rseq = Math.floor(Math.random() * 2 ** 30) + 1
  #waiting: Waiting | undefined
  #isStopped = false
  #last: Promise<void> = Promise.resolve()

  constructor(transaction: ServerTransaction, clock: Clock, times: RepetitionTimes) {
    this.#transaction = transaction
    this.#clock = clock
    this.#times = times
  }

  /**
   * Sends a response once the one before it has been acknowledged. Resolves with its PRACK's coming; rejects with no PRACK
   * in 64·T1, after which the INVITE is to be refused (RFC 3262 section 3).
   */
  send(response: Response): Promise<void> {
    const sent = this.#last.then(() => this.#sendNow(response))
    this.#last = sent.catch(() => undefined)
    return sent
  }

  /** All that was sent has been acknowledged, or will not be any more. */
  settled(): Promise<void> {
    return this.#last
  }

  /** Whether a PRACK belongs to the response that waits for it; it then waits no longer. */
  takes(prack: Request): boolean {
    const { rseq, cseq, method } = prack.headers.need(RAck)
    const invite = this.#transaction.request.headers.need(CSeq)
    const waiting = this.#waiting
    if (waiting?.rseq !== rseq || cseq !== invite.number || method !== invite.method) return false
    this.#waiting = undefined
    waiting.acknowledged()
    return true
  }

  /** The INVITE has its end: what waits is rejected, and nothing goes out any more. */
  stop(): void {
    this.#isStopped = true
    this.#waiting?.stopped()
    this.#waiting = undefined
  }

  #sendNow(response: Response): Promise<void> {
    if (this.#isStopped) return Promise.reject(new Error('the INVITE has its end'))
    this.#rseq += 1
    const rseq = this.#rseq
    response.headers.setAll(Require, [...response.headers.all(Require), '100rel']).set(RSeq, rseq)
    return new Promise((resolve, reject) => {
      const stop = repeatUntilStopped(this.#clock, this.#times, {
        again: () => this.#transaction.respond(response),
        gaveUp: () => {
          this.#waiting = undefined
          reject(new Error('no PRACK has come'))
        },
      })
      const settled = (settle: () => void) => (): void => {
        stop()
        settle()
      }
      this.#waiting = {
        rseq,
        acknowledged: settled(resolve),
        stopped: settled(() => reject(new Error('the INVITE has its end'))),
      }
      this.#transaction.respond(response)
    })
  }
}

/** RFC 3262 section 4. One for each early dialog. */
export class ReliableReceiver {
  #rseq: number | undefined

  /** Whether a reliable response is the next one in order, to be acknowledged now; repeated and early ones are not. */
  takes(response: Response): boolean {
    const rseq = response.headers.need(RSeq)
    if (this.#rseq !== undefined && rseq !== this.#rseq + 1) return false
    this.#rseq = rseq
    return true
  }
}

export function isReliable({ headers }: Response): boolean {
  return headers.has('RSeq') && headers.all(Require).some((tag) => tag.toLowerCase() === '100rel')
}
