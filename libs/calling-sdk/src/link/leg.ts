/**
 * One's own leg of one call: the newest view of it, and what its owner may ask. Views come from replies and events in
 * any order; the one with the highest version counts. Knows no DOM and no ACS.
 */
import {
  type CallId,
  type CallView,
  type End,
  endOf,
  type EventBody,
  type JoinedMedia,
  type RawId,
  type ReasonName,
  type RequestBody,
  type RequestResult,
  type RtpCapabilities,
  type Verb,
} from '@parley/protocol'
import { isError } from '../calling-error.ts'
import type { Log } from '../log.ts'
import { MuteSync } from './mute-sync.ts'

/** What a leg needs of the link. */
export type Requests = {
  readonly isUp: boolean
  request<V extends Verb>(verb: V, body: RequestBody<V>, callOff?: AbortSignal): Promise<RequestResult<V>>
}

/** A fact about the leg's media, which no view shows. */
export type MediaEvent = {
  [E in 'media.consumer' | 'media.consumerClosed' | 'media.streams']: { event: E; body: EventBody<E> }
}['media.consumer' | 'media.consumerClosed' | 'media.streams']

/** What the owner of a leg is told. Nothing follows `ended`. */
export type LegListener = {
  viewed?(view: CallView): void
  /** The call that was started turned out to be one that the other side had started; `ringing` rang for it here. */
  idChanged?(ringing: Leg | undefined): void
  media?(event: MediaEvent): void
  /** Media events were missed: what is there has to be asked for. */
  mediaMissed?(): void
  ended?(end: End): void
}

/** A request about one's own leg, without the call's id. */
type Mine<V extends Verb> = RequestBody<V> extends { callId: CallId } ? Omit<RequestBody<V>, 'callId'> : never

export class Leg {
  readonly #link: Requests
  readonly #log: Log
  readonly #mute: MuteSync
  readonly #notStarted = new AbortController()
  #callId: CallId
  #view: CallView | undefined
  #end: End | undefined
  #hasHungUp = false
  #listener: LegListener = {}
  #early: MediaEvent[] = []

  constructor(callId: CallId, link: Requests, log: Log) {
    this.#callId = callId
    this.#link = link
    this.#log = log
    this.#mute = new MuteSync((isMuted) => this.ask('call.mute', { isMuted }), log)
  }

  get callId(): CallId {
    return this.#callId
  }

  get view(): CallView | undefined {
    return this.#view
  }

  get end(): End | undefined {
    return this.#end
  }

  /** Gives the leg an owner, who is told from now on; media events that came before follow at once. */
  tell(listener: LegListener): void {
    this.#listener = listener
    const early = this.#early
    this.#early = []
    for (const event of early) this.take(event)
  }

  /** Asks the server about this call. */
  async ask<V extends Verb>(verb: V, body: Mine<V>, callOff?: AbortSignal): Promise<RequestResult<V>> {
    // Mine<V> is the body of V without exactly this field.
    return this.#link.request(verb, { ...body, callId: this.#callId } as unknown as RequestBody<V>, callOff)
  }

  /** Used by Legs, which finds out whose call it is. */
  async start(to: RawId, isMuted: boolean, rtpCapabilities: RtpCapabilities): Promise<RequestResult<'call.start'>> {
    this.#mute.begin(isMuted)
    const join = { generation: 1, rtpCapabilities }
    return this.ask('call.start', { to: [to], isMuted, join }, this.#notStarted.signal)
  }

  async accept(isMuted: boolean): Promise<void> {
    this.#mute.begin(isMuted)
    const { call } = await this.ask('call.accept', { isMuted })
    this.see(call)
  }

  async reject(): Promise<void> {
    await this.ask('call.reject', {})
  }

  async join(generation: number, rtpCapabilities: RtpCapabilities): Promise<JoinedMedia> {
    return (await this.ask('media.join', { join: { generation, rtpCapabilities } })).media
  }

  /** Leaves. A call that the server has not heard of yet is never started. */
  async hangUp(): Promise<void> {
    this.#hasHungUp = true
    this.#notStarted.abort()
    try {
      await this.ask('call.hangUp', {})
    } catch (error) {
      // It was over already, or never began.
      if (!isError(error, 'unknownCall')) throw error
    }
  }

  /** Says whether one is muted; while the link is away, only the last word is kept. Resolves when the server knows. */
  async setMuted(isMuted: boolean): Promise<void> {
    return this.#mute.set(isMuted, this.#link.isUp)
  }

  /** The link is up again. */
  caughtUp(): void {
    this.#mute.flush()
  }

  /** The link is away: nobody waits for it. */
  cutOff(): void {
    this.#mute.release()
  }

  see(view: CallView): void {
    if (this.#end !== undefined || (this.#view !== undefined && view.version < this.#view.version)) return
    this.#view = view
    if (view.state === 'Disconnected') this.finish(view.end ?? endOf('hungUp'))
    else this.#listener.viewed?.(view)
  }

  take(event: MediaEvent): void {
    if (this.#end !== undefined) return
    if (this.#listener.media === undefined) this.#early.push(event)
    else this.#listener.media(event)
  }

  missedMedia(): void {
    this.#listener.mediaMissed?.()
  }

  /** The call that was started goes by another id: the other side's call came first. */
  rename(callId: CallId, ringing: Leg | undefined): void {
    this.#callId = callId
    this.#listener.idChanged?.(ringing)
    // The hang-up went to the id that is no more.
    if (this.#hasHungUp) this.hangUp().catch((error: unknown) => this.#log.warn('leg.hangUpFailed', { error }))
  }

  /** Ends the leg, once; the first end stays. */
  finish(end: End | ReasonName): void {
    if (this.#end !== undefined) return
    this.#end = typeof end === 'string' ? endOf(end) : end
    this.#early = []
    this.#mute.release()
    this.#log.info('leg.ended', { callId: this.#callId, reason: this.#end.reason })
    this.#listener.ended?.(this.#end)
  }
}
