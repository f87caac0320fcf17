/** Keeps a binding of an address-of-record alive (RFC 3261 section 10.2). */
import { DigestClient } from '../digest/index.ts'
import { GrammarError, isSameUri, nameAddr, withParameter, type NameAddr } from '../grammar/index.ts'
import {
  CallId,
  Contact,
  CSeq,
  Expires,
  From,
  Headers,
  MinExpires,
  noBody,
  RetryAfter,
  ServiceRoute,
  To,
  type Request,
  type Response,
} from '../messages/index.ts'
import type { Flow } from '../transports/index.ts'
import type { RegisterOptions, Registration, RegistrationState } from './agent.ts'
import { newCallId, newTag, pause, type AgentContext } from './context.ts'
import { failedToSend, refused, SipFailure } from './errors.ts'
import { Emitter } from './events.ts'
import { ProvenRequest } from './proven-request.ts'
import { putWay, sendOptions } from './way-options.ts'

const usualExpiresS = 3600
/** RFC 5626 section 4.5, when there is no other flow: from this on doubled, up to the longest, and a little by chance. */
const firstPauseMs = 30_000
const longestPauseMs = 1_800_000
const refreshAfter = 0.85
/** Registrars count in whole seconds, and an answer takes its time: of a short grant more has to be left. */
const leastLeftS = 2

type Registered = { response: Response; flow: Flow }

export class OutboundRegistration extends Emitter<{ changed: [RegistrationState] }> implements Registration {
  readonly #context: AgentContext
  readonly #options: RegisterOptions
  readonly #digest: DigestClient | undefined
  readonly #callId = newCallId()
  readonly #from: NameAddr
  /** Wakes the one who waits for the next attempt. */
  #wake = new AbortController()
  #cseq = 0
  #expiresS: number
  #failures = 0
  #state: RegistrationState = { is: 'registering' }
  #serviceRoute: readonly NameAddr[] = []
  #contact: NameAddr | undefined
  #isLeaving = false
  #left: Promise<void> | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(context: AgentContext, options: RegisterOptions) {
    super((error) => context.failed(error))
    this.#context = context
    this.#options = options
    this.#digest = options.credentials && new DigestClient(options.credentials)
    this.#from = withParameter(options.aor, 'tag', newTag())
    this.#expiresS = options.expiresS ?? usualExpiresS
  }

  get state(): RegistrationState {
    return this.#state
  }

  get serviceRoute(): readonly NameAddr[] {
    return this.#serviceRoute
  }

  start(): void {
    this.#running = this.#keepAlive()
    this.#running.catch((error: unknown) => this.#context.failed(error))
  }

  refresh(): void {
    this.#wake.abort()
  }

  /** The connection over which calls would come to us is gone: the registrar has to learn of another one. */
  flowClosed(flow: Flow): void {
    if (this.#state.is === 'registered' && this.#state.flow.id === flow.id) this.refresh()
  }

  unregister(): Promise<void> {
    this.#left ??= this.#leave()
    return this.#left
  }

  async #leave(): Promise<void> {
    this.#isLeaving = true
    this.#wake.abort()
    await this.#running
    try {
      if (this.#contact !== undefined) await this.#register(0)
    } catch (error) {
      // The binding ends by itself; nobody can do more about it.
      if (!(error instanceof SipFailure)) throw error
    } finally {
      this.#become({ is: 'ended' })
    }
  }

  async #keepAlive(): Promise<void> {
    while (!this.#isLeaving) {
      const pauseMs = await this.#attempt()
      if (this.#isLeaving) return
      this.#wake = new AbortController()
      // Woken is as good as slept out.
      await pause(this.#context.clock, pauseMs, this.#wake.signal).catch(() => undefined)
    }
  }

  /** @returns milliseconds until the next one */
  async #attempt(): Promise<number> {
    try {
      const { response, flow } = await this.#register(this.#expiresS)
      this.#failures = 0
      const expiresS = this.#grantedS(response)
      this.#serviceRoute = response.headers.all(ServiceRoute)
      this.#become({ is: 'registered', expiresS, flow })
      return refreshAfterS(expiresS) * 1000
    } catch (error) {
      return this.#afterFailure(error)
    }
  }

  #afterFailure(error: unknown): number {
    const failure = error instanceof SipFailure ? error : undefined
    if (failure === undefined && !(error instanceof GrammarError)) throw error
    const leastS = failure?.response?.status === 423 ? failure.response.headers.get(MinExpires) : undefined
    // RFC 3261 section 10.2.8.
    if (leastS !== undefined && leastS > this.#expiresS) {
      this.#expiresS = leastS
      return 0
    }
    const retryInMs = Math.max(this.#backOffMs(), askedPauseMs(failure?.response))
    this.#failures += 1
    const why = error instanceof Error ? error.message : String(error)
    this.#become({ is: 'failed', status: failure?.status, why, retryInMs })
    return retryInMs
  }

  #backOffMs(): number {
    const most = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#failures)
    return Math.round(most * (0.5 + Math.random() / 2))
  }

  /** What the registrar grants: at our Contact, or for all of them; the shorter where both are told. */
  #grantedS({ headers }: Response): number {
    const own = headers.all(Contact).find(({ uri }) => this.#contact !== undefined && isSameUri(uri, this.#contact.uri))
    const stated = own?.parameters.get('expires')
    const ofContact = stated !== undefined && /^[0-9]{1,10}$/.test(stated) ? Number(stated) : undefined
    return Math.min(ofContact ?? this.#expiresS, headers.get(Expires) ?? this.#expiresS)
  }

  #become(state: RegistrationState): void {
    this.#state = state
    this.emit('changed', state)
  }

  #register(expiresS: number): Promise<Registered> {
    return new Promise((resolve, reject) => {
      ProvenRequest.send(
        this.#context.layer,
        this.#request(expiresS),
        {
          final: (response, flow) => {
            if (response.status < 300) resolve({ response, flow })
            else reject(refused('REGISTER', response))
          },
          failed: (failure) => reject(failedToSend('REGISTER', failure)),
        },
        {
          digest: this.#digest,
          nextCSeq: () => this.#nextCSeq(),
          options: sendOptions(this.#context.layer, this.#options, this.#options.contactUser, (contact) =>
            this.#contactFor(contact, expiresS),
          ),
        },
      )
    })
  }

  #request(expiresS: number): Request {
    const { aor, registrar } = this.#options
    const headers = new Headers()
      .set(From, this.#from)
      .set(To, nameAddr(aor.uri))
      .set(CallId, this.#callId)
      .set(CSeq, { number: this.#nextCSeq(), method: 'REGISTER' })
      .set(Expires, expiresS)
    putWay(headers, this.#options, this.#context.name)
    return { kind: 'request', method: 'REGISTER', uri: registrar, headers, body: noBody }
  }

  #nextCSeq(): number {
    this.#cseq += 1
    return this.#cseq
  }

  #contactFor(ours: NameAddr, expiresS: number): NameAddr {
    this.#contact = ours
    return withParameter(ours, 'expires', String(expiresS))
  }
}

/** Of the time that was granted, so much may pass before the registrar is asked again; never less than half of it. */
function refreshAfterS(grantedS: number): number {
  return Math.max(Math.min(grantedS * refreshAfter, grantedS - leastLeftS), grantedS / 2, 1)
}

/** RFC 3261 section 20.33. */
function askedPauseMs(response: Response | undefined): number {
  try {
    return (response?.headers.get(RetryAfter)?.seconds ?? 0) * 1000
  } catch (error) {
    if (error instanceof GrammarError) return 0
    throw error
  }
}
