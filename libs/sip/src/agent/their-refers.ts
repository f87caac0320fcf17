/** The other side asks us to call somebody (RFC 3515), and is told what becomes of it. */
import { replacesIn, sipfragType, writeStatusFragment } from '../dialogs/index.ts'
import { CSeq, ReferredBy, ReferTo, type ReplacedDialog } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { reply, responseOf, tellWhoWeAre } from './answering.ts'
import type { DialogLink } from './dialog-link.ts'
import { SipFailure } from './errors.ts'
import type { ExtraHeaders, IncomingRefer, ReferReport } from './session.ts'
import type { SessionPart } from './session-part.ts'

export function takeRefer(session: SessionPart, transaction: ServerTransaction, link: DialogLink): void {
  const { context } = session
  const { headers } = transaction.request
  const target = headers.get(ReferTo)
  if (target === undefined) {
    reply(context, transaction, 400, { reason: 'Bad Request (Refer-To: missing)' })
    return
  }
  const replaces: ReplacedDialog | undefined = replacesIn(target.uri)
  const refuse = (status = 603): void => {
    callOff()
    reply(context, transaction, status)
  }
  // Half of the time in which he would give the whole call up for want of an answer.
  const callOff = context.clock.after(32 * context.limits.t1Ms, refuse)
  const refer: IncomingRefer = {
    request: transaction.request,
    target: target.uri,
    referredBy: headers.get(ReferredBy),
    replaces,
    accept: () => {
      callOff()
      return accept(session, transaction, link)
    },
    reject: refuse,
  }
  if (!session.emit('refer', refer)) refuse()
}

function accept(session: SessionPart, transaction: ServerTransaction, link: DialogLink): ReferReport {
  const { context } = session
  if (transaction.isAnswered) throw new SipFailure('wrongState', 'the REFER has its answer')
  // RFC 4488: he does not want to be told.
  const isSilent = transaction.request.headers.text('Refer-Sub')?.toLowerCase().startsWith('false') ?? false
  const response = responseOf(context, transaction, 202, isSilent ? { headers: { 'Refer-Sub': 'false' } } : {})
  tellWhoWeAre(context, transaction, response, link.options.contactUser)
  transaction.respond(response)
  return isSilent ? { progress: () => undefined, finished: () => undefined } : new Report(session, transaction, link)
}

class Report implements ReferReport {
  readonly #session: SessionPart
  readonly #link: DialogLink
  readonly #event: string
  readonly #callOff: () => void
  #isFinished = false
  /** NOTIFYs go one after another: each has to be newer than the one before when it arrives (RFC 3515 section 2.4.5). */
  #last: Promise<void> = Promise.resolve()

  constructor(session: SessionPart, transaction: ServerTransaction, link: DialogLink) {
    this.#session = session
    this.#link = link
    this.#event = `refer;id=${transaction.request.headers.need(CSeq).number}`
    const { clock, limits } = session.context
    this.#callOff = clock.after(limits.referMs, () => this.finished(408))
    session.signal.addEventListener('abort', () => this.#callOff(), { once: true })
    this.progress(100)
  }

  progress(status: number, reason?: string): void {
    if (this.#isFinished) return
    const seconds = Math.ceil(this.#session.context.limits.referMs / 1000)
    this.#notify(`active;expires=${seconds}`, status, reason)
  }

  finished(status: number, reason?: string): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#callOff()
    this.#notify('terminated;reason=noresource', status, reason)
  }

  #notify(state: string, status: number, reason: string | undefined): void {
    const body = writeStatusFragment(status, reason)
    this.#last = this.#afterLast({ Event: this.#event, 'Subscription-State': state }, body)
    this.#session.run(this.#last)
  }

  async #afterLast(headers: ExtraHeaders, body: string): Promise<void> {
    await this.#last
    // He has hung up, which ends his interest and not the transfer.
    if (this.#session.signal.aborted) return
    try {
      await this.#link.ask('NOTIFY', { headers, contentType: `${sipfragType};version=2.0`, body })
    } catch {
      // RFC 3515 section 2.4.4: who does not take a NOTIFY ends his subscription, and nothing else.
      this.#isFinished = true
      this.#callOff()
    }
  }
}
