/**
 * A dialog (RFC 3261 section 12): what two user agents have to remember of each other so that each finds the other again.
 * It counts and remembers; sending, timers and what the dialog is for are the affair of those who use it.
 */
import { withParameter, type NameAddr, type Uri } from '../grammar/index.ts'
import {
  CallId,
  Contact,
  CSeq,
  From,
  Headers,
  noBody,
  RecordRoute,
  Route,
  tagOf,
  To,
  type Message,
  type Request,
  type Response,
} from '../messages/index.ts'
import { dialogKey } from './dialog-key.ts'

type Facts = {
  callId: string
  local: NameAddr
  remote: NameAddr
  target: Uri
  routeSet: readonly NameAddr[]
  localCSeq: number
  remoteCSeq: number | undefined
}

export class Dialog {
  readonly callId: string
  /** From and To with their tags. A peer that speaks RFC 2543 has none: RFC 3261 section 12.1.1 takes it for an empty one. */
  readonly local: NameAddr
  readonly remote: NameAddr
  /** Where requests go to in the end: the other side's Contact. */
  target: Uri
  #routeSet: readonly NameAddr[]
  #localCSeq: number
  #remoteCSeq: number | undefined

  private constructor(facts: Facts) {
    this.callId = facts.callId
    this.local = facts.local
    this.remote = facts.remote
    this.target = facts.target
    this.#routeSet = facts.routeSet
    this.#localCSeq = facts.localCSeq
    this.#remoteCSeq = facts.remoteCSeq
  }

  /** RFC 3261 section 12.1.2: the one who has called learns of the dialog by a response with a tag. */
  static asCaller(request: Request, response: Response): Dialog {
    return new Dialog({
      callId: request.headers.need(CallId),
      local: request.headers.need(From),
      remote: response.headers.need(To),
      target: response.headers.first(Contact)?.uri ?? request.uri,
      routeSet: response.headers.all(RecordRoute).toReversed(),
      localCSeq: request.headers.need(CSeq).number,
      remoteCSeq: undefined,
    })
  }

  /** RFC 3261 section 12.1.1: the one who is called makes it with a response that carries his tag. */
  static asCallee(request: Request, localTag: string): Dialog {
    const remote = request.headers.need(From)
    return new Dialog({
      callId: request.headers.need(CallId),
      local: withParameter(request.headers.need(To), 'tag', localTag),
      remote,
      target: request.headers.first(Contact)?.uri ?? remote.uri,
      routeSet: request.headers.all(RecordRoute),
      localCSeq: 0,
      remoteCSeq: request.headers.need(CSeq).number,
    })
  }

  get localTag(): string {
    return tagOf(this.local) ?? ''
  }

  get remoteTag(): string {
    return tagOf(this.remote) ?? ''
  }

  get key(): string {
    return dialogKey(this.callId, this.localTag, this.remoteTag)
  }

  get routeSet(): readonly NameAddr[] {
    return this.#routeSet
  }

  /** RFC 3261 section 13.2.2.4: the 2xx decides the way through the proxies, whatever a 1xx before it had said. */
  confirmBy(response: Response): void {
    this.#routeSet = response.headers.all(RecordRoute).toReversed()
    this.refreshTarget(response)
  }

  /** RFC 3261 section 12.2: INVITE and UPDATE, and their 2xx, may move the other side's Contact. */
  refreshTarget(message: Message): void {
    this.target = message.headers.first(Contact)?.uri ?? this.target
  }

  nextCSeq(): number {
    this.#localCSeq += 1
    return this.#localCSeq
  }

  /** A request inside of the dialog, with the next number (RFC 3261 section 12.2.1.1). */
  request(method: string): Request {
    return this.#make(method, this.nextCSeq())
  }

  /** RFC 3261 section 13.2.2.4: the number is that of the INVITE whose 2xx is acknowledged. */
  ack(invite: Request): Request {
    const ack = this.#make('ACK', invite.headers.need(CSeq).number)
    // RFC 3261 section 22.1: it is let through by the same proofs as its INVITE.
    ack.headers.copy(invite.headers, 'Authorization', 'Proxy-Authorization')
    return ack
  }

  /**
   * RFC 3261 section 12.2.2: numbers of requests only grow. False when this one is older than the last one; it then gets
   * a 500, for it has been overtaken.
   */
  takesInOrder(request: Request): boolean {
    const { number } = request.headers.need(CSeq)
    if (this.#remoteCSeq !== undefined && number < this.#remoteCSeq) return false
    this.#remoteCSeq = number
    return true
  }

  #make(method: string, cseq: number): Request {
    const { uri, route } = this.#path()
    const headers = new Headers()
      .set(From, this.local)
      .set(To, this.remote)
      .set(CallId, this.callId)
      .set(CSeq, { number: cseq, method })
    if (route.length > 0) headers.setAll(Route, route)
    return { kind: 'request', method, uri, headers, body: noBody }
  }

  /** RFC 3261 section 12.2.1.1. A first hop without `lr` is a strict router: it takes the place of the target. */
  #path(): { uri: Uri; route: readonly NameAddr[] } {
    const [first, ...others] = this.#routeSet
    if (first === undefined || first.uri.kind !== 'sip' || first.uri.parameters.has('lr')) {
      return { uri: this.target, route: this.#routeSet }
    }
    const target: NameAddr = { uri: this.target, parameters: new Map() }
    return { uri: first.uri, route: [...others, target] }
  }
}
