/** A request that is sent again with a proof when it is challenged (RFC 3261 section 22). */
import { GrammarError } from '../grammar/index.ts'
import type { DigestClient } from '../digest/index.ts'
import { CSeq, type Request, type Response } from '../messages/index.ts'
import type { ClientListener, ClientTransaction, SendOptions, TransactionLayer } from '../transactions/index.ts'
import type { Flow } from '../transports/index.ts'

type How = {
  digest: DigestClient | undefined
  /** The number of the repetition: RFC 3261 section 22.2 wants a new one, with the same Call-ID and From. */
  nextCSeq(): number
  options: SendOptions
}

/** A nonce that was remembered and is too old costs one try, the proxy's challenge one and the server's one. */
const mostTries = 4

export class ProvenRequest {
  readonly #layer: TransactionLayer
  readonly #listener: ClientListener
  readonly #how: How
  #transaction: ClientTransaction
  #tries = 0
  #isCancelled = false

  /** For those who need no CANCEL. */
  static send(layer: TransactionLayer, request: Request, listener: ClientListener, how: How): void {
    void new ProvenRequest(layer, request, listener, how)
  }

  constructor(layer: TransactionLayer, request: Request, listener: ClientListener, how: How) {
    this.#layer = layer
    this.#listener = listener
    this.#how = how
    this.#transaction = this.#send(request, how.options)
  }

  /** As it went out at last. */
  get request(): Request {
    return this.#transaction.request
  }

  cancel(reason?: string): void {
    this.#isCancelled = true
    this.#transaction.cancel(reason)
  }

  #send(request: Request, options: SendOptions): ClientTransaction {
    this.#tries += 1
    this.#how.digest?.authorize(request)
    const listener: ClientListener = {
      ...bound(this.#listener),
      final: (response, flow) => this.#final(request, response, flow),
    }
    return this.#layer.send(request, listener, options)
  }

  #final(request: Request, response: Response, flow: Flow): void {
    if (!this.#isWorthAnotherTry(request, response)) {
      this.#listener.final(response, flow)
      return
    }
    const again = { ...request, headers: request.headers.clone() }
    again.headers.set(CSeq, { number: this.#how.nextCSeq(), method: request.method })
    // Who has challenged is asked again, and nobody else: another server of the same name knows nothing of his nonce.
    this.#transaction = this.#send(again, { ...this.#how.options, to: { by: 'flow', flow } })
  }

  #isWorthAnotherTry(request: Request, response: Response): boolean {
    const { digest } = this.#how
    if (digest === undefined) return false
    try {
      if (response.status >= 200 && response.status < 300) digest.note(response)
      return digest.learn(request, response) && !this.#isCancelled && this.#tries < mostTries
    } catch (error) {
      // A challenge that cannot be read is a refusal.
      if (error instanceof GrammarError) return false
      throw error
    }
  }
}

/** Methods of the listener without their object would lose it. */
function bound(listener: ClientListener): ClientListener {
  return {
    final: (response, flow) => listener.final(response, flow),
    failed: (failure) => listener.failed(failure),
    provisional: (response, flow) => listener.provisional?.(response, flow),
    furtherSuccess: (response, flow) => listener.furtherSuccess?.(response, flow),
    lateSuccess: (response, flow) => listener.lateSuccess?.(response, flow),
  }
}
