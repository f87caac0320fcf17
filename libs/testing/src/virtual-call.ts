/** One call of one virtual participant: what he may ask in it, and what he hears and sees. */
import {
  type CallId,
  type CallView,
  type ParticipantView,
  type RawId,
  type RequestBody,
  type RequestResult,
  type RtpCapabilities,
  type Source,
  type UserId,
  type Verb,
} from '@parley/protocol'
import { type CallEvent, isError, type Link, pause, systemClock } from '@parley/calling-sdk/link'
import { LegMedia, type Show } from './leg-media.ts'
import type { Hearing } from './media/ear.ts'
import type { Sight } from './media/eye.ts'
import type { Pacer } from './media/pacer.ts'
import { People } from './people.ts'
import { until, type Waiting } from './wait.ts'

/** Somebody: a participant, or a rawId. */
export type Somebody = { id: string; name?: string } | string

type Parts = {
  name: string
  user: UserId
  link: Link
  pacer: Pacer
  server: RtpCapabilities
  onFault(error: unknown): void
}

/** So far may what is heard be from what was asked for. */
const nearHz = 10
/** A shorter silence may be a pause of the machine. */
const silentMs = 300
/** Until a server that cannot build media now is asked again. */
const againMs = 500

export class VirtualCall {
  readonly id: CallId
  readonly #parts: Parts
  readonly #people = new People()
  readonly #media: LegMedia
  #view: CallView
  /** Resolves with the next view. */
  #change = Promise.withResolvers<void>()
  #isBuilding = false
  /** What the media still needs: to be built, or to be compared with what the server has. */
  #toDo: 'join' | 'catchUp' | undefined = 'join'

  /** Made by its participant. */
  constructor(parts: Parts, view: CallView, show: Show) {
    this.id = view.callId
    this.#parts = parts
    this.#view = view
    this.#media = new LegMedia({ ...parts, callId: this.id, cname: parts.name })
    this.#media.setShow(show, undefined)
    this.see(view)
  }

  /** The newest view of the call. */
  get view(): CallView {
    return this.#view
  }

  get isOver(): boolean {
    return this.#view.state === 'Disconnected'
  }

  /** The others who are there. */
  get people(): ParticipantView[] {
    return this.#people.present
  }

  /** Waits until one's own leg is in one of these states. @throws when the call ends instead */
  async reaches(states: CallView['state'] | readonly CallView['state'][], waiting?: Waiting): Promise<void> {
    const wanted = [states].flat()
    const look = () => {
      if (wanted.includes(this.#view.state)) return true
      if (this.isOver)
        throw new Error(`The call of ${this.#parts.name} ended: ${this.#view.end?.message ?? 'no reason'}`)
      return undefined
    }
    const waitingFor = `${wanted.join(' or ')} for ${this.#parts.name}`
    await until(
      waitingFor,
      look,
      () => this.#view.state,
      waiting,
      () => this.#change.promise,
    )
  }

  async accept(waiting?: Waiting & { isMuted?: boolean }): Promise<void> {
    const isMuted = waiting?.isMuted ?? !this.#media.hasVoice
    const { call } = await this.ask('call.accept', { isMuted })
    this.see(call)
    await this.reaches('Connected', waiting)
  }

  async reject(): Promise<void> {
    await this.ask('call.reject', {})
  }

  /** Leaves. A call that is over already is left. */
  async hangUp(waiting?: Waiting): Promise<void> {
    try {
      await this.ask('call.hangUp', {})
    } catch (error) {
      if (!isError(error, 'unknownCall')) throw error
    }
    await this.reaches('Disconnected', waiting)
  }

  async mute(): Promise<void> {
    await this.ask('call.mute', { isMuted: true })
  }

  async unmute(): Promise<void> {
    await this.ask('call.mute', { isMuted: false })
  }

  async hold(): Promise<void> {
    await this.ask('call.hold', {})
    await this.reaches('LocalHold')
  }

  async resume(): Promise<void> {
    await this.ask('call.resume', {})
    await this.reaches('Connected')
  }

  /** Asks the server anything about this call, allowed or not. @throws {CallingError} when it is refused */
  ask<V extends CallVerb>(verb: V, body: Omit<RequestBody<V>, 'callId'>): Promise<RequestResult<V>> {
    // The body of a verb about a call is this and the call's id.
    return this.#parts.link.request(verb, { ...body, callId: this.id } as unknown as RequestBody<V>)
  }

  /**
   * What is heard of each user, by rawId, from whom any sound has come. A sound of nobody who is in the call, which there
   * should not be, stands under the id of its leg.
   */
  async heard(): Promise<Map<string, Hearing>> {
    const heard = new Map<string, Hearing>()
    for (const [leg, hearing] of await this.#media.hear()) {
      const who = leg === this.#view.legId ? this.#parts.user : (this.#people.ownerOf(leg) ?? leg)
      const other = heard.get(who)
      // Of somebody with two devices, the one that says something.
      if (other === undefined || other.dBFS < hearing.dBFS) heard.set(who, hearing)
    }
    return heard
  }

  /** Waits until a tone is heard of someone. @throws a sentence that says what was heard instead */
  async hears(who: Somebody, hz: number, waiting?: Waiting): Promise<Hearing> {
    let last: Hearing | undefined
    const look = async () => {
      last = await this.#hearingOf(who)
      return last?.hz !== undefined && Math.abs(last.hz - hz) <= nearHz ? last : undefined
    }
    return until(`${hz} Hz of ${nameOf(who)} at ${this.#parts.name}`, look, () => told(last), waiting)
  }

  /** Waits until nothing is heard of someone, and goes on not to be. */
  async hearsNothingOf(who: Somebody, waiting?: Waiting): Promise<void> {
    let last: Hearing | undefined
    let silentSince: number | undefined
    const look = async () => {
      last = await this.#hearingOf(who)
      const now = performance.now()
      silentSince = last?.hz === undefined ? (silentSince ?? now) : undefined
      return silentSince !== undefined && now - silentSince >= silentMs ? true : undefined
    }
    await until(`silence of ${nameOf(who)} at ${this.#parts.name}`, look, () => told(last), waiting)
  }

  /** Asks for someone's picture, and waits for it when he does not send one yet. */
  async watch(who: Somebody, source: Source = 'camera', waiting?: Waiting): Promise<void> {
    const of = `${source} of ${nameOf(who)} at ${this.#parts.name}`
    const stream = await until(
      of,
      () => this.#streamOf(who, source),
      () => `${this.#media.streams.length} other pictures`,
      waiting,
    )
    await this.#media.watch(stream.streamId)
  }

  async unwatch(who: Somebody, source: Source = 'camera'): Promise<void> {
    const stream = this.#streamOf(who, source)
    if (stream !== undefined) await this.#media.unwatch(stream.streamId)
  }

  /** Waits until frames of a picture that is watched come in. */
  async sees(who: Somebody, source: Source = 'camera', waiting?: Waiting): Promise<Sight> {
    const look = () => {
      const sight = this.#sightOf(who, source)
      return sight !== undefined && sight.framesPerS > 0 ? sight : undefined
    }
    const waitingFor = `${source} of ${nameOf(who)} at ${this.#parts.name}`
    return until(waitingFor, look, () => `${this.#sightOf(who, source)?.frames ?? 0} frames`, waiting)
  }

  /** Waits until no frames of someone's picture come in any more. */
  async seesNothingOf(who: Somebody, source: Source = 'camera', waiting?: Waiting): Promise<void> {
    const rate = () => this.#sightOf(who, source)?.framesPerS ?? 0
    const waitingFor = `end of the ${source} of ${nameOf(who)} at ${this.#parts.name}`
    await until(
      waitingFor,
      () => (rate() === 0 ? true : undefined),
      () => `${rate()} frames a second`,
      waiting,
    )
  }

  /** Told by its participant. */
  take(event: CallEvent): void {
    if ('call' in event.body) return this.see(event.body.call)
    if (event.event === 'call.people') this.#people.take(event.body)
    if (event.event === 'media.consumer' || event.event === 'media.consumerClosed' || event.event === 'media.streams') {
      // TypeScript does not tie the names that were just compared to their bodies.
      this.#media.take({ event: event.event, body: event.body } as Parameters<LegMedia['take']>[0])
    }
  }

  see(view: CallView): void {
    if (this.isOver || view.version < this.#view.version) return
    const wasLost = this.#view.mediaLost
    this.#view = view
    this.#people.see(view)
    this.#change.resolve()
    this.#change = Promise.withResolvers()
    if (this.isOver) return this.#media.close()
    if (view.mediaLost && !wasLost) this.#toDo = 'join'
    void this.#build()
    this.#media.follow(view)
  }

  /** Events were missed for good, and this is how the call looks now. */
  catchUp(view: CallView): void {
    this.see(view)
    // It may have been lost, built and lost again while nothing was heard.
    this.#toDo = view.mediaLost ? 'join' : (this.#toDo ?? 'catchUp')
    void this.#build()
  }

  setShow(show: Show): void {
    this.#media.setShow(show, this.#view)
  }

  /** The session has gone, and the call with it. */
  drop(): void {
    this.#view = { ...this.#view, state: 'Disconnected' }
    this.#media.close()
  }

  /** Builds the media once it makes sense, not while it only rings here; and again when it was lost meanwhile. */
  async #build(): Promise<void> {
    const isRinging = this.#view.direction === 'Incoming' && this.#view.state === 'Ringing'
    if (isRinging || this.#isBuilding) return
    this.#isBuilding = true
    try {
      while (this.#toDo !== undefined && !this.isOver) await this.#buildOnce(this.#toDo)
    } catch (error) {
      // Who waits in a lobby, or has just left, is not given any: the next view tries again.
      if (!this.isOver && this.#view.state !== 'InLobby') this.#parts.onFault(error)
    } finally {
      this.#isBuilding = false
    }
  }

  async #buildOnce(what: 'join' | 'catchUp'): Promise<void> {
    this.#toDo = undefined
    try {
      await this.#media[what]()
      this.#media.follow(this.#view)
    } catch (error) {
      this.#toDo ??= what
      // The node that had the call is gone, and the one that takes it over is not there yet.
      if (!isError(error, 'unavailable')) throw error
      await pause(systemClock, againMs)
    }
  }

  async #hearingOf(who: Somebody): Promise<Hearing | undefined> {
    const legs = new Set(this.#people.of(idOf(who))?.legIds)
    const hearings = [...(await this.#media.hear(legs)).values()]
    return hearings.toSorted((one, other) => other.dBFS - one.dBFS)[0]
  }

  #sightOf(who: Somebody, source: Source): Sight | undefined {
    return this.#media.see().find((seen) => seen.source === source && this.#isOf(seen.legId, who))?.sight
  }

  #streamOf(who: Somebody, source: Source) {
    return this.#media.streams.find((stream) => stream.source === source && this.#isOf(stream.legId, who))
  }

  #isOf(leg: Parameters<People['ownerOf']>[0], who: Somebody): boolean {
    return this.#people.ownerOf(leg) === idOf(who)
  }
}

/** Verbs whose body names a call, and more than one's own media. */
type CallVerb = Exclude<Extract<Verb, `call.${string}`>, 'call.start' | 'call.join'>

export function idOf(who: Somebody): RawId {
  return (typeof who === 'string' ? who : who.id) as RawId // any string may be asked for; the server checks it
}

function nameOf(who: Somebody): string {
  return typeof who === 'string' ? who : (who.name ?? who.id)
}

function told(hearing: Hearing | undefined): string {
  if (hearing === undefined) return 'not a packet'
  const { hz, dBFS, packets, lost } = hearing
  const sound = hz === undefined ? 'silence' : `${Math.round(hz)} Hz at ${Math.round(dBFS)} dBFS`
  return `${sound} (${packets} packets, ${lost} lost)`
}
