/** A user of the platform who has a process instead of a browser: connects as the SDK does, calls and is called. */
import { randomUUID } from 'node:crypto'
import {
  CallId,
  Place,
  socketPath,
  type CallView,
  type RawId,
  type RequestBody,
  type RequestResult,
  type RtpCapabilities,
  type UserId,
  type Verb,
} from '@parley/protocol'
import {
  type CallEvent,
  doorOf,
  Link,
  linkLimits,
  silent as nobodyReads,
  socketUrl,
  systemClock,
} from '@parley/calling-sdk/link'
import type { Show } from './leg-media.ts'
import type { Hearing } from './media/ear.ts'
import type { Pacer } from './media/pacer.ts'
import type { Sound } from './media/sounds.ts'
import { filmOf, type Picture } from './media/pictures.ts'
import { voiceOf } from './media/voice.ts'
import type { User } from './server-app.ts'
import { idOf, type Somebody, VirtualCall } from './virtual-call.ts'
import { until, type Waiting } from './wait.ts'

export type Arrival = {
  /** What others see, and what sentences of failures call him. */
  name: string
  /** What he says from the moment at which he is in a call. Without it he listens, and is muted. */
  speaking?: Sound
  /** What his camera shows. */
  showing?: Picture
}

/** A place to meet: a GUID, or the id of a room. */
export type Meeting = { groupId: string } | { roomId: string }

/** A server that is busy with a hundred people at once may take its time. */
const patience = { ...linkLimits, openMs: 30_000, requestMs: 30_000 }

export class Participant {
  readonly name: string
  readonly id: UserId
  /** What went wrong beside what was asked for; the platform's close() throws it. */
  readonly faults: unknown[] = []
  readonly #link: Link
  readonly #pacer: Pacer
  readonly #calls = new Map<CallId, VirtualCall>()
  /** Events for calls that were asked for and are not here yet. */
  #early: CallEvent[] = []
  #starting = 0
  #server: RtpCapabilities = {}
  #show: Show = {}

  /** Connects a user: from now on he can call and be called. */
  static async arrive(user: User, { name, speaking, showing }: Arrival, pacer: Pacer): Promise<Participant> {
    const participant = new Participant(user, name, pacer)
    participant.#show = {
      voice: speaking === undefined ? undefined : await voiceOf(speaking),
      film: showing && (await filmOf(showing)),
    }
    participant.#server = (await participant.#link.open()).rtpCapabilities
    return participant
  }

  private constructor({ id, token }: User, name: string, pacer: Pacer) {
    this.id = id
    this.name = name
    this.#pacer = pacer
    this.#link = new Link(
      {
        url: socketUrl(doorOf(token).origin, socketPath),
        device: randomUUID(),
        displayName: name,
        token: () => Promise.resolve(token),
        clock: systemClock,
        log: nobodyReads,
        limits: patience,
      },
      {
        event: (event) => this.#take(event),
        calls: () => [...this.#calls.values()].filter((call) => !call.isOver).map(({ id }) => id),
        snapshot: (calls) => this.#catchUp(calls),
        up: () => {},
        away: () => {},
        closed: () => this.#drop(),
      },
    )
  }

  /** The call that he is in, or came to last. @throws when there is none */
  get call(): VirtualCall {
    const live = [...this.#calls.values()].findLast((call) => !call.isOver)
    const call = live ?? [...this.#calls.values()].at(-1)
    if (call === undefined) throw new Error(`${this.name} is in no call.`)
    return call
  }

  /** Goes where people meet; resolves when he is there, or waits in the lobby. */
  async join(where: Meeting, { isMuted, ...waiting }: Waiting & { isMuted?: boolean } = {}): Promise<VirtualCall> {
    const place = Place.parse(where)
    const call = await this.#enter((callId) =>
      this.#link.request('call.join', { callId, place, isMuted: isMuted ?? this.#show.voice === undefined }),
    )
    await call.reaches(['Connected', 'InLobby'], waiting)
    return call
  }

  /** Calls someone, or some people; resolves when it rings, or when nobody can be rung. */
  async start(to: Somebody | readonly Somebody[], { isMuted }: { isMuted?: boolean } = {}): Promise<VirtualCall> {
    const callees: RawId[] = [to].flat().map(idOf)
    return this.#enter((callId) =>
      this.#link.request('call.start', { callId, to: callees, isMuted: isMuted ?? this.#show.voice === undefined }),
    )
  }

  /** Waits until a call rings here. */
  async isRung(waiting?: Waiting): Promise<VirtualCall> {
    const ringing = () =>
      [...this.#calls.values()].find(({ view }) => view.direction === 'Incoming' && view.state === 'Ringing')
    return until(`call that rings at ${this.name}`, ringing, () => `${this.#calls.size} other calls`, waiting)
  }

  /** Waits until a call rings here, and accepts it. */
  async accept(waiting?: Waiting & { isMuted?: boolean }): Promise<VirtualCall> {
    const call = await this.isRung(waiting)
    await call.accept(waiting)
    return call
  }

  /** Says something else from now on, or nothing. */
  async say(sound: Sound | undefined): Promise<void> {
    this.#setShow({ ...this.#show, voice: sound === undefined ? undefined : await voiceOf(sound) })
  }

  /** Shows something else from now on, or nothing: then the picture ends for those who watch it. */
  async show(picture: Picture | undefined): Promise<void> {
    this.#setShow({ ...this.#show, film: picture && (await filmOf(picture)) })
  }

  #setShow(show: Show): void {
    this.#show = show
    for (const call of this.#calls.values()) call.setShow(show)
  }

  /** Asks the server anything, allowed or not. @throws {CallingError} when it is refused, with its name in `reason` */
  request<V extends Verb>(verb: V, body: RequestBody<V>): Promise<RequestResult<V>> {
    return this.#link.request(verb, body)
  }

  /** Waits until someone's tone is heard in the call. */
  hears(who: Somebody, hz: number, waiting?: Waiting): Promise<Hearing> {
    return this.call.hears(who, hz, waiting)
  }

  hearsNothingOf(who: Somebody, waiting?: Waiting): Promise<void> {
    return this.call.hearsNothingOf(who, waiting)
  }

  /** What is heard in the call, by rawId. */
  heard(): Promise<Map<string, Hearing>> {
    return this.call.heard()
  }

  mute(): Promise<void> {
    return this.call.mute()
  }

  unmute(): Promise<void> {
    return this.call.unmute()
  }

  hangUp(waiting?: Waiting): Promise<void> {
    return this.call.hangUp(waiting)
  }

  /** Ends the session, and with it every call. */
  async leave(): Promise<void> {
    await this.#link.close()
  }

  async #enter(ask: (callId: CallId) => Promise<{ call: CallView }>): Promise<VirtualCall> {
    this.#starting += 1
    this.#link.setInCall(true)
    try {
      const { call } = await ask(CallId.parse(randomUUID()))
      return this.#see(call)
    } finally {
      this.#starting -= 1
      const early = this.#starting === 0 ? this.#early.splice(0) : []
      for (const event of early) this.#take(event)
    }
  }

  #take(event: CallEvent): void {
    const callId = 'call' in event.body ? event.body.call.callId : event.body.callId
    const call = this.#calls.get(callId)
    if (call !== undefined) call.take(event)
    else if (event.event === 'call.incoming') this.#see(event.body.call)
    else if (this.#starting > 0) this.#early.push(event)
  }

  #see(view: CallView): VirtualCall {
    const known = this.#calls.get(view.callId)
    // Who comes back to a call that he has left is there with another leg, and in another call as far as he sees.
    if (known !== undefined && !(known.isOver && known.view.legId !== view.legId)) {
      known.see(view)
      return known
    }
    this.#calls.delete(view.callId) // so that the call is the last one again
    const call = new VirtualCall(
      {
        name: this.name,
        user: this.id,
        link: this.#link,
        pacer: this.#pacer,
        server: this.#server,
        onFault: (error) => this.faults.push(error),
      },
      view,
      this.#show,
    )
    this.#calls.set(view.callId, call)
    this.#link.setInCall(true)
    return call
  }

  #catchUp(views: readonly CallView[]): void {
    const alive = new Set(views.map(({ callId }) => callId))
    for (const [callId, call] of this.#calls) if (!alive.has(callId)) call.drop()
    for (const view of views) this.#see(view).catchUp(view)
  }

  #drop(): void {
    for (const call of this.#calls.values()) call.drop()
  }
}
