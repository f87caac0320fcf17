import { maxFrameBytes, type ReplyFrame, type RequestBody, type RequestResult, type Verb } from '@parley/protocol'
import { type CallingError, failed, refused } from '../calling-error.ts'
import type { Clock } from './clock.ts'
import { readResult } from './frames.ts'

type Request = {
  readonly frame: string
  wasSent: boolean
  stopClock: () => void
  resolve(ok: unknown): void
  reject(error: CallingError): void
}

/**
 * The requests that wait for their reply. They outlive a socket: what has no reply yet is sent again, with the same id,
 * on the next one, and the server carries it out once. The time to answer runs only while a socket is there.
 */
export class Outstanding {
  readonly #clock: Clock
  readonly #limitMs: number
  readonly #requests = new Map<string, Request>()
  #send: ((frame: string) => void) | undefined
  #count = 0

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  /**
   * Sends a request, now or when there is a socket again. `callOff` takes it back as long as it was not sent. Rejects
   * with the server's refusal, *requestTimedOut*, *calledOff*, *tooLarge* or what `fail` was given.
   */
  async ask<V extends Verb>(verb: V, body: RequestBody<V>, callOff?: AbortSignal): Promise<RequestResult<V>> {
    const id = `r${++this.#count}`
    const frame = JSON.stringify({ id, verb, body })
    if (callOff?.aborted === true) throw failed('calledOff')
    // Such a frame would cost the socket, and again after each resume.
    if (frame.length > maxFrameBytes) throw failed('tooLarge', { detail: verb })
    const ok = await new Promise<unknown>((resolve, reject) => {
      const request: Request = { frame, wasSent: false, stopClock: () => {}, resolve, reject }
      this.#requests.set(id, request)
      callOff?.addEventListener('abort', () => {
        if (!request.wasSent) this.#take(id)?.reject(failed('calledOff'))
      })
      this.#transmit(id, request)
    })
    return readResult(verb, ok)
  }

  /** A socket is there: sends everything that waits, oldest first. */
  flow(send: (frame: string) => void): void {
    this.#send = send
    for (const [id, request] of this.#requests) this.#transmit(id, request)
  }

  /** The socket is gone: what has no reply waits for the next one. */
  halt(): void {
    this.#send = undefined
    for (const request of this.#requests.values()) request.stopClock()
  }

  /** Hands a reply to its request. A reply to nothing is one that came too late; it is dropped. */
  settle(reply: ReplyFrame): void {
    if (reply.re === undefined) return
    const request = this.#take(reply.re)
    if ('error' in reply) request?.reject(refused(reply.error))
    else request?.resolve(reply.ok)
  }

  /** Nothing will be answered any more. */
  fail(error: CallingError): void {
    for (const id of [...this.#requests.keys()]) this.#take(id)?.reject(error)
  }

  #transmit(id: string, request: Request): void {
    if (this.#send === undefined) return
    request.wasSent = true
    request.stopClock = this.#clock.after(this.#limitMs, () => this.#take(id)?.reject(failed('requestTimedOut')))
    this.#send(request.frame)
  }

  #take(id: string): Request | undefined {
    const request = this.#requests.get(id)
    this.#requests.delete(id)
    request?.stopClock()
    return request
  }
}
