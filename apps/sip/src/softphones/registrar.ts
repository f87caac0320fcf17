/**
 * A registrar for telephones on this machine, for the first try (RFC 3261 section 10): who registers as a short number can
 * be called by it. Nobody is asked for a password, so it is for loopback only.
 */
import {
  CallId,
  Contact,
  CSeq,
  Expires,
  isContactStar,
  isSameUri,
  responseTo,
  To,
  userOf,
  withParameter,
  type Flow,
  type NameAddr,
  type ServerTransaction,
} from '@parley/sip'

/** Where a telephone is reached. */
export type Registered = { contact: NameAddr; flow: Flow }

type Binding = Registered & { callId: string; cseq: number; expiresAtMs: number }

/** To ask often costs nothing on this machine; the limit is against those who do nothing else. */
const expiresS = { least: 10, usual: 3600, most: 3600 }
const mostBindings = 10
const mostNames = 1000

export class Registrar {
  readonly #bindings = new Map<string, Binding[]>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /**
   * The telephones that have registered by this name, the newest first. One that was started anew, and has registered by
   * another contact, is one telephone all the same: RFC 5626 section 7 forbids to ring it twice.
   */
  find(name: string): readonly Registered[] {
    const newestFirst = this.#live(name).toReversed()
    return newestFirst.filter((one, n) => newestFirst.findIndex((other) => isSameTelephone(one, other)) === n)
  }

  /** How many can be called. */
  get size(): number {
    return [...this.#bindings.keys()].filter((name) => this.#live(name).length > 0).length
  }

  /** Answers a REGISTER. */
  take(transaction: ServerTransaction): void {
    const { headers } = transaction.request
    const name = userOf(headers.need(To).uri)
    const contacts = isContactStar(headers) ? 'all' : headers.all(Contact)
    const asked = headers.get(Expires)
    if (name === undefined || (contacts === 'all' && asked !== 0)) return transaction.reply(400)
    const before = this.#live(name)
    if (contacts === 'all') return this.#answer(transaction, name, [])
    const terms = contacts.map((contact) => ({ contact, seconds: secondsOf(contact, asked) }))
    if (terms.some(({ seconds }) => seconds > 0 && seconds < expiresS.least)) {
      const response = responseTo(transaction.request, 423, { toTag: transaction.toTag })
      response.headers.setText('Min-Expires', String(expiresS.least))
      return transaction.respond(response)
    }
    if (this.#isOld(before, transaction)) return transaction.reply(500)
    const kept = before.filter((one) => !terms.some(({ contact }) => isSameUri(contact.uri, one.contact.uri)))
    const added = terms.filter(({ seconds }) => seconds > 0).map((term) => this.#bind(transaction, term))
    const now = [...kept, ...added].slice(-mostBindings)
    const isFull = this.#bindings.size >= mostNames && !this.#bindings.has(name)
    if (isFull && now.length > 0) return transaction.reply(503)
    this.#answer(transaction, name, now)
  }

  /** RFC 3261 section 10.3, step 7: what was sent before the last one that we know says nothing. */
  #isOld(known: readonly Binding[], { request: { headers } }: ServerTransaction): boolean {
    const [callId, { number }] = [headers.need(CallId), headers.need(CSeq)]
    return known.some((one) => one.callId === callId && one.cseq >= number)
  }

  #bind({ request: { headers }, flow }: ServerTransaction, term: { contact: NameAddr; seconds: number }): Binding {
    return {
      contact: term.contact,
      flow,
      callId: headers.need(CallId),
      cseq: headers.need(CSeq).number,
      expiresAtMs: this.#now() + term.seconds * 1000,
    }
  }

  #answer(transaction: ServerTransaction, name: string, bindings: Binding[]): void {
    if (bindings.length > 0) this.#bindings.set(name, bindings)
    else this.#bindings.delete(name)
    const response = responseTo(transaction.request, 200, { toTag: transaction.toTag })
    const contacts = bindings.map(({ contact, expiresAtMs }) => {
      const leftS = Math.max(0, Math.round((expiresAtMs - this.#now()) / 1000))
      return withParameter(contact, 'expires', String(leftS))
    })
    response.headers.setAll(Contact, contacts)
    transaction.respond(response)
  }

  #live(name: string): Binding[] {
    return (this.#bindings.get(name) ?? []).filter(({ expiresAtMs }) => expiresAtMs > this.#now())
  }
}

/** On this machine nobody else hears at the same port, whatever user the contact names. */
function isSameTelephone({ contact: one }: Registered, { contact: other }: Registered): boolean {
  const instance = one.parameters.get('+sip.instance')
  if (instance !== undefined && other.parameters.get('+sip.instance') === instance) return true
  if (one.uri.kind !== 'sip' || other.uri.kind !== 'sip') return isSameUri(one.uri, other.uri)
  return one.uri.host === other.uri.host && one.uri.port === other.uri.port
}

function secondsOf({ parameters }: NameAddr, asked: number | undefined): number {
  const own = parameters.get('expires')
  const seconds = own !== undefined && /^[0-9]{1,10}$/.test(own) ? Number(own) : (asked ?? expiresS.usual)
  return Math.min(seconds, expiresS.most)
}
