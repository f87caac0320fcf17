/**
 * All calls of one agent: finds the leg that an event is about, surfaces calls that come in, and settles what a
 * snapshot says. The one place that knows of calls that have another id than was proposed: who is called was calling us
 * (glare), or somebody was there before us where we joined.
 */
import type { CallId, CallView, JoinedMedia, RtpCapabilities } from '@parley/protocol'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import { type Beginning, Leg, type MediaEvent, type Requests } from './leg.ts'
import type { CallEvent } from './link-options.ts'

/** What the owner of the calls is told: one comes in; there are calls, or none any more. */
type LegsListener = { incoming(leg: Leg): void; busy(isBusy: boolean): void }

export class Legs {
  readonly #link: Requests
  readonly #parts: { clock: Clock; log: Log }
  readonly #on: LegsListener
  readonly #legs = new Map<CallId, Leg>()
  /** Calls that were started or joined and have no answer yet. */
  readonly #starting = new Map<Leg, Beginning>()
  /** What came, meanwhile, for calls that nobody knows: one of them may be ours by another id. */
  readonly #unclaimed = new Map<CallId, CallEvent[]>()

  constructor(link: Requests, parts: { clock: Clock; log: Log }, on: LegsListener) {
    this.#link = link
    this.#parts = parts
    this.#on = on
  }

  /** A leg for a call that is about to be started under this id. */
  open(callId: CallId): Leg {
    const leg = new Leg(callId, this.#link, this.#parts)
    this.#legs.set(callId, leg)
    this.#on.busy(true)
    return leg
  }

  /** Starts or joins a call; resolves with the leg's media, or without when the call ended at once. */
  async begin(leg: Leg, how: Beginning, isMuted: boolean, can: RtpCapabilities): Promise<JoinedMedia | undefined> {
    this.#starting.set(leg, how)
    try {
      const { call, media } = await leg.begin(how, isMuted, can)
      this.#starting.delete(leg)
      this.#claim(leg, call)
      leg.caughtUp()
      return media
    } finally {
      this.#starting.delete(leg)
      this.#surface()
    }
  }

  take(event: CallEvent): void {
    const callId = 'call' in event.body ? event.body.call.callId : event.body.callId
    const leg = this.#legs.get(callId)
    if (leg !== undefined) this.#deliver(leg, event)
    else if (this.#mayBeOurs(callId, event))
      this.#unclaimed.set(callId, [...(this.#unclaimed.get(callId) ?? []), event])
    else if (event.event === 'call.incoming') this.#ring(event.body.call)
    else this.#parts.log.debug('legs.unknownCall', { callId, event: event.event })
  }

  /** The calls that have not ended here. */
  get callIds(): CallId[] {
    return [...this.#legs.keys()]
  }

  /** Everything that still lives, and what has ended as the server remembers it: what is not there was lost. */
  snapshot(calls: CallView[]): void {
    const alive = new Set(calls.map((call) => call.callId))
    for (const [callId, leg] of this.#legs) {
      if (alive.has(callId) || this.#starting.has(leg)) continue
      leg.finish('linkLost')
      this.forget(leg)
    }
    for (const call of calls) {
      const leg = this.#legs.get(call.callId)
      this.take({ event: 'call.incoming', body: { call } })
      if (leg?.end === undefined) leg?.missedMedia()
    }
  }

  caughtUp(): void {
    for (const leg of this.#legs.values()) leg.caughtUp()
  }

  cutOff(): void {
    for (const leg of this.#legs.values()) leg.cutOff()
  }

  /** Takes a leg that is over off the list; whoever ends a leg himself says so here. */
  forget(leg: Leg): void {
    leg.close()
    if (this.#legs.get(leg.callId) === leg) this.#legs.delete(leg.callId)
    this.#on.busy(this.#legs.size > 0)
  }

  #deliver(leg: Leg, event: CallEvent): void {
    if ('call' in event.body) leg.see(event.body.call)
    else if (event.event === 'call.people') leg.seePeople(event.body)
    else if (event.event === 'call.said') leg.hear(event.body)
    else leg.take(event as MediaEvent) // what has no call in it is about media
    if (leg.end !== undefined) this.forget(leg)
  }

  #ring(call: CallView): void {
    if (call.direction !== 'Incoming' || call.state !== 'Ringing') return
    const leg = this.open(call.callId)
    leg.see(call)
    this.#on.incoming(leg)
  }

  #mayBeOurs(callId: CallId, event: CallEvent): boolean {
    if (this.#unclaimed.has(callId)) return true
    if (event.event !== 'call.incoming') return this.#starting.size > 0
    const caller = event.body.call.caller.id
    return [...this.#starting.values()].some((how) => 'to' in how && how.to.length === 1 && how.to[0] === caller)
  }

  #claim(leg: Leg, call: CallView): void {
    if (call.callId !== leg.callId) {
      const ringing = this.#legs.get(call.callId)
      this.#legs.delete(leg.callId)
      this.#legs.set(call.callId, leg)
      leg.rename(call.callId, ringing)
      ringing?.finish('acceptedElsewhere')
    }
    this.#deliver(leg, { event: 'call.changed', body: { call } })
    const early = this.#unclaimed.get(call.callId) ?? []
    this.#unclaimed.delete(call.callId)
    for (const event of early) this.#deliver(leg, event)
  }

  /** Once nothing is being started, what nobody claimed is what it says it is. */
  #surface(): void {
    if (this.#starting.size > 0) return
    const unclaimed = [...this.#unclaimed.values()].flat()
    this.#unclaimed.clear()
    for (const event of unclaimed) this.take(event)
  }
}
