/** Calls that happen by chance: what people and machines do in them, and the run that checks every step. */
import { defaultLimits, LegId, type EpochMs, type ReasonName } from '@parley/protocol'
import { deadline, open, step, type Call, type CallEvent, type Leg, type Step } from '../src/index.ts'
import { epochOf } from './checks.ts'
import { ann, bob, callId, eve, node, otherNode, resource, withLeg, type Endpoint } from './people.ts'
import { checkPromises, deepFreeze, isLive, viewIn } from './promises.ts'

/** Everyone who may turn up: the caller, the callee's devices, the caller's other device, a stranger. */
export const everyone: readonly Endpoint[] = [ann.phone, bob.laptop, bob.tablet, bob.watch, ann.desk, eve.desk]

/** One thing that happens, without ids: those depend on the call that it meets. */
export type Act = {
  what: CallEvent['type']
  /** An index into everyone, and into the legs of the call: one more than there are is nonsense. */
  who: number
  isMuted: boolean
  generation: number
  reason: ReasonName
  /** How far the clock moves first; it may go back a little, as clocks do, or to the deadline. */
  waitMs: number | 'to the deadline'
}
/** How a call begins: it rings, or its first device has answered, or media is up as well. */
export type Opening = { isMuted: boolean; devices: Endpoint[]; begins: 'ringing' | 'answered' | 'talking' }

/** A call on its way through a sequence. */
export class Run {
  call: Call
  /** Which state met which event. */
  readonly met = new Set<string>()
  private now = epochOf('0 s')
  private legCount = 0
  private readonly told = new Map<LegId, { event: string; version: number }[]>()

  constructor({ isMuted, devices, begins }: Opening) {
    const caller = { ...ann.phone, isMuted }
    const placed = { id: callId, resourceId: resource, mediaNode: node, caller, devices }
    this.call = this.take(undefined, open(deepFreeze(placed), this.now, defaultLimits))
    if (begins !== 'ringing') this.answer()
    if (begins === 'talking') this.warmUp()
  }

  act(act: Act): void {
    const { waitMs } = act
    this.now = waitMs === 'to the deadline' ? (deadline(this.call) ?? this.now) : ((this.now + waitMs) as EpochMs)
    const event = deepFreeze(this.eventOf(act))
    for (const leg of this.legsOf(event)) this.met.add(`${leg.state} ${event.type}`)
    this.step(event)
  }

  /** Lets time go by until nobody waits any more. Each deadline ends a leg, so there are no more of them than legs. */
  exhaust(): void {
    for (let legs = this.call.legs.length; legs > 0; legs--) {
      const due = deadline(this.call)
      if (due === undefined) return
      const live = this.call.legs.filter(isLive).length
      this.now = due
      this.step({ type: 'fellDue' })
      if (this.call.legs.filter(isLive).length >= live) throw new Error('A deadline passed and ended nothing.')
    }
    if (deadline(this.call) !== undefined) throw new Error('The call waits on after all its deadlines.')
  }

  /** Ends a call in which people only talk: their links are cut, and nobody comes back. */
  cutEveryLink(): void {
    for (const { session } of this.call.legs) this.step({ type: 'linkLost', session })
    this.exhaust()
  }

  /** What all legs were told from first to last: an end once, as the last word, in growing versions. */
  checkTold(): void {
    for (const [legId, told] of this.told) {
      const ends = told.filter(({ event }) => event === 'call.ended').length
      if (ends !== 1 || told.at(-1)?.event !== 'call.ended')
        throw new Error(`${legId} was told ${JSON.stringify(told)}.`)
      const isGrowing = told.every(({ version }, n) => version > (told[n - 1]?.version ?? 0))
      if (!isGrowing) throw new Error(`${legId} was told old news: ${JSON.stringify(told)}.`)
    }
    if (this.call.legs.some((leg) => !this.told.has(leg.id))) throw new Error('A leg was never told its end.')
  }

  private answer(): void {
    for (const { session } of this.call.legs) this.step({ type: 'accepted', session, isMuted: false })
  }

  private warmUp(): void {
    for (const { id: legId } of this.call.legs) this.step({ type: 'mediaUp', legId, generation: 1 })
  }

  private step(event: CallEvent): void {
    this.call = this.take(this.call, step(this.call, event, this.now, defaultLimits))
  }

  private take(before: Call | undefined, after: Step): Call {
    checkPromises(before, deepFreeze(after))
    for (const effect of after.effects) {
      const view = viewIn(effect)
      if (effect.do !== 'tell' || view === undefined) continue
      const { version, legId } = view
      this.told.set(legId, [...(this.told.get(legId) ?? []), { event: effect.message.event, version }])
    }
    return after.call
  }

  private eventOf({ what: type, who, isMuted, generation, reason }: Act): CallEvent {
    const person = everyone[who % everyone.length] ?? ann.phone
    const { session } = person
    const legId = this.call.legs[who % (this.call.legs.length + 1)]?.id ?? nonsense
    const device = withLeg(person, ++this.legCount)
    // prettier-ignore
    switch (type) {
      case 'accepted':     return { type, session, isMuted }
      case 'muted':        return { type, session, isMuted }
      case 'rejected':     return { type, session }
      case 'hungUp':       return { type, session }
      case 'linkLost':     return { type, session }
      case 'linkBack':     return { type, session }
      case 'sessionEnded': return { type, session, reason }
      case 'mediaUp':      return { type, legId, generation }
      case 'mediaLost':    return { type, legId, generation }
      case 'deviceCame':   return { type, device }
      case 'calledBack':   return { type, device: { ...device, isMuted } }
      case 'placed':       return { type, mediaNode: isMuted ? node : otherNode }
      case 'fellDue':      return { type }
    }
  }

  private legsOf(event: CallEvent): Leg[] {
    if (event.type === 'fellDue') return this.call.legs
    return this.call.legs.filter(
      (leg) => ('session' in event && leg.session === event.session) || ('legId' in event && leg.id === event.legId),
    )
  }
}

const nonsense = LegId.parse('leg_nonsense')
