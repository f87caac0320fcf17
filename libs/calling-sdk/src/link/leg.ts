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
  type PeopleView,
  type PhoneNumber,
  type Place,
  type RawId,
  type ReasonName,
  type RequestBody,
  type RequestResult,
  type RtpCapabilities,
  type Verb,
} from '@parley/protocol'
import { isError } from '../calling-error.ts'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import { MuteSync } from './mute-sync.ts'
import { Roster } from './roster.ts'

/** What a leg needs of the link. */
export type Requests = {
  readonly isUp: boolean
  /** Whose link it is; known once it has been up. */
  readonly user: RawId | undefined
  request<V extends Verb>(verb: V, body: RequestBody<V>, callOff?: AbortSignal): Promise<RequestResult<V>>
}

type MediaEventName = 'media.consumer' | 'media.consumerClosed' | 'media.streams' | 'media.speakers'
/** A fact about the leg's media, which no view shows. */
export type MediaEvent = { [E in MediaEventName]: { event: E; body: EventBody<E> } }[MediaEventName]

/** Something that another participant said beside sound and picture. */
export type Said = Omit<EventBody<'call.said'>, 'callId'>

/** How a call begins that the server has not heard of: whom it rings, or where it goes. */
export type Beginning =
  | { to: RawId[]; callerId?: PhoneNumber; transfer?: { callId: CallId; id: string } }
  | { place: Place }

/** What the owner of a leg is told. Nothing follows `ended`. */
export type LegListener = {
  /** Who has left since the last one is among its people once more, as Disconnected. */
  viewed?(view: CallView): void
  said?(said: Said): void
  /** The server did not let one speak: one is muted. */
  silenced?(): void
  /**
   * The call has another id: it was started, and the other side had started it already; or it was joined, and others
   * were there. `ringing` rang for it here.
   */
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
  readonly #roster = new Roster()
  readonly #notStarted = new AbortController()
  #callId: CallId
  #view: CallView | undefined
  #end: End | undefined
  #hasHungUp = false
  /** The server does not know of this leg yet. */
  #isBeginning = false
  #listener: LegListener = {}
  #early: MediaEvent[] = []

  constructor(callId: CallId, link: Requests, { clock, log }: { clock: Clock; log: Log }) {
    this.#callId = callId
    this.#link = link
    this.#log = log
    this.#mute = new MuteSync({
      send: (isMuted) => this.ask('call.mute', { isMuted }),
      fellBack: () => this.#listener.silenced?.(),
      clock,
      log,
    })
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
  async begin(how: Beginning, isMuted: boolean, can: RtpCapabilities): Promise<RequestResult<'call.start'>> {
    this.#mute.begin(isMuted)
    this.#isBeginning = true
    const more = { isMuted, join: { generation: 1, rtpCapabilities: can } }
    const callOff = this.#notStarted.signal
    try {
      if ('place' in how) return await this.ask('call.join', { place: how.place, ...more }, callOff)
      return await this.ask('call.start', { ...how, ...more }, callOff)
    } finally {
      this.#isBeginning = false
    }
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

  /**
   * Says whether one is muted; while the server cannot be told, only the last word is kept. Resolves when the server
   * knows; rejects when it does not let one speak.
   */
  async setMuted(isMuted: boolean): Promise<void> {
    return this.#mute.set(isMuted, this.#link.isUp && !this.#isBeginning)
  }

  /** Others have muted this leg, as the server says: there is nothing to tell it. */
  mutedByOthers(): void {
    this.#mute.adopt(true)
  }

  /** The link is up again, or the server knows of this leg now. */
  caughtUp(): void {
    if (!this.#isBeginning) this.#mute.flush()
  }

  /** The link is away: nobody waits for it. */
  cutOff(): void {
    this.#mute.release()
  }

  see(view: CallView): void {
    if (this.#end !== undefined || (this.#view !== undefined && view.version < this.#view.version)) return
    const participants = this.#roster.see(view)
    // The last view keeps those who have left: it says why.
    const isLast = view.state === 'Disconnected'
    this.#view = { ...view, participants: isLast ? participants : this.#roster.list }
    if (isLast) this.finish(view.end ?? endOf('hungUp'))
    else this.#listener.viewed?.({ ...view, participants })
  }

  /** The call changed for others. What is said of one's own user is left to the views of one's own leg. */
  seePeople({ version, participants }: Omit<PeopleView, 'callId'>): void {
    if (this.#end !== undefined) return
    const others = participants.filter(({ id }) => id !== this.#link.user)
    const people = this.#roster.take({ version, participants: others })
    // Before the first view it is only remembered.
    if (people === undefined || this.#view === undefined) return
    this.#view = { ...this.#view, participants: this.#roster.list }
    this.#listener.viewed?.({ ...this.#view, participants: people })
  }

  hear(said: Said): void {
    if (this.#end === undefined) this.#listener.said?.(said)
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

  /** It is over here: nothing more is asked. */
  close(): void {
    this.#mute.close()
  }

  /** Ends the leg, once; the first end stays. */
  finish(end: End | ReasonName): void {
    if (this.#end !== undefined) return
    this.#end = typeof end === 'string' ? endOf(end) : end
    this.#early = []
    this.close()
    this.#log.info('leg.ended', { callId: this.#callId, reason: this.#end.reason })
    this.#listener.ended?.(this.#end)
  }
}
