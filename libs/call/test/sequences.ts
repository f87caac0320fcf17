/** Calls that happen by chance: what people and machines do in them, and the run that checks every step. */
import { defaultLimits, LegId, type EpochMs, type RawId, type ReasonName, type Role } from '@parley/protocol'
import { deadline, meet, open, step, type Call, type CallEvent, type Leg, type Step } from '../src/index.ts'
import { epochOf } from './checks.ts'
import { Clients } from './client.ts'
import {
  ann,
  bob,
  callId,
  cid,
  dan,
  echo,
  eve,
  fax,
  group,
  node,
  otherCall,
  otherNode,
  resource,
  room,
  tel,
  withLeg,
  type Endpoint,
  type Party,
} from './people.ts'
import { checkPromises, deepFreeze } from './promises.ts'

/** Everyone who may turn up: people with one device or several. */
export const everyone: readonly Endpoint[] = [
  ann.phone,
  bob.laptop,
  bob.tablet,
  cid.phone,
  ann.desk,
  dan.phone,
  bob.watch,
  cid.desk,
  eve.desk,
  tel,
  fax,
]
const people = new Set(everyone.map(({ user }) => user)).size

/** One thing that happens, without ids: those depend on the call that it meets. */
export type Act = {
  what: CallEvent['type']
  /** An index into everyone, and into the legs of the call: one more than there are is nonsense. */
  who: number
  /** Indices into everyone, for what people do to others; empty for all. */
  whom: number[]
  /** Whatever the event says yes or no to. */
  is: boolean
  generation: number
  reason: ReasonName
  role: Role
  source: 'microphone' | 'camera'
  /** How far the clock moves first; it may go back a little, as clocks do, or to the deadline. */
  waitMs: number | 'to the deadline'
}

/** How a call begins. One that is placed rings, or its devices have answered, or media is up as well. */
export type Opening = { isMuted: boolean } & (
  | { kind: 'placed'; devices: Party[]; to: RawId[]; begins: 'ringing' | 'answered' | 'talking' }
  /** Who joins after the first one may have to wait in the lobby, and be let in. */
  | { kind: 'group' | 'room'; hasLobby: boolean; joiners: Endpoint[]; roles: Role[] }
)

/** A call on its way through a sequence. */
export class Run {
  call: Call
  /** Which state met which event. */
  readonly met = new Set<string>()
  private readonly opening: Opening
  private readonly clients = new Clients()
  /** As the server app has it now. */
  private hasLobby: boolean
  private now = epochOf('0 s')
  private legCount = 0

  constructor(opening: Opening) {
    this.opening = opening
    this.hasLobby = opening.kind !== 'placed' && opening.hasLobby
    this.call = this.take(undefined, this.begin())
    if (opening.kind === 'placed') {
      if (opening.begins !== 'ringing') this.answer()
      if (opening.begins === 'talking') this.warmUp()
    } else {
      for (const [n, joiner] of opening.joiners.entries()) this.step(this.join(joiner, n + 1))
      this.warmUp()
    }
  }

  act(act: Act): void {
    const { what, waitMs, generation } = act
    if (what === 'joined' && generation === 0 && this.opening.kind !== 'placed') this.hasLobby = act.is
    this.now = waitMs === 'to the deadline' ? (deadline(this.call) ?? this.now) : ((this.now + waitMs) as EpochMs)
    const event = deepFreeze(this.eventOf(act))
    for (const leg of this.legsOf(event)) this.met.add(`${leg.state} ${event.type}`)
    this.step(event)
  }

  /** Lets time go by until nobody waits any more: each deadline ends a leg, or brings a transfer further. */
  exhaust(): void {
    for (let left = this.call.legs.length + 2; left > 0; left--) {
      const due = deadline(this.call)
      if (due === undefined) return
      const was = this.call
      this.now = due
      this.step({ type: 'fellDue' })
      if (this.call === was) throw new Error('A deadline passed and changed nothing.')
    }
    if (deadline(this.call) !== undefined) throw new Error('The call waits on after all its deadlines.')
  }

  /** Ends a call in which people only talk: their links are cut, and nobody comes back. */
  cutEveryLink(): void {
    for (const { session } of this.call.legs) if (session !== undefined) this.step({ type: 'linkLost', session })
    this.exhaust()
  }

  checkEnds(): void {
    this.clients.checkEnds()
  }

  private begin(): Step {
    const { isMuted, ...opening } = this.opening
    const common = { id: callId, resourceId: resource, mediaNode: node }
    if (opening.kind === 'placed') {
      const { devices, to } = opening
      const placed = { ...common, caller: { ...ann.phone, isMuted }, to, devices }
      return open(deepFreeze(placed), this.now, defaultLimits)
    }
    const { hasLobby } = this
    const closes = opening.kind === 'room' ? { closesAt: epochOf('900 s') } : {}
    const joiner = { ...ann.phone, ...this.roleOf(0), isMuted }
    const place = opening.kind === 'room' ? room : group
    const met = { ...common, place, ...closes, hasLobby, joiner, waits: this.waits(joiner) }
    return meet(deepFreeze(met), this.now, defaultLimits)
  }

  /** In a room everybody has a role; in a group with a lobby the one who opened it lets the others in. */
  private roleOf(n: number): { role?: Role } {
    const { opening } = this
    if (opening.kind === 'placed' || (opening.kind === 'group' && !(opening.hasLobby && n === 0))) return {}
    const role = opening.kind === 'group' ? 'Presenter' : opening.roles[n % opening.roles.length]
    return role === undefined ? {} : { role }
  }

  private waits({ role }: { role?: Role }): boolean {
    return this.hasLobby && role !== 'Presenter'
  }

  private join(joiner: Endpoint, n: number): CallEvent {
    const device = { ...withLeg(joiner, ++this.legCount), ...this.roleOf(n), isMuted: false }
    return { type: 'joined', device, waits: this.waits(device), hasLobby: this.hasLobby }
  }

  private answer(): void {
    for (const { session } of this.call.legs) {
      if (session !== undefined) this.step({ type: 'accepted', session, isMuted: false })
    }
  }

  private warmUp(): void {
    for (const { id: legId } of this.call.legs) this.step({ type: 'mediaUp', legId, generation: 1 })
  }

  private step(event: CallEvent): void {
    this.call = this.take(this.call, step(this.call, event, this.now, defaultLimits), event)
  }

  private take(before: Call | undefined, after: Step, event?: CallEvent): Call {
    checkPromises(before, deepFreeze(after), event)
    this.clients.follow(after)
    return after.call
  }

  private eventOf({ what: type, who: n, whom, is, generation, reason, role, source, waitMs }: Act): CallEvent {
    const person = everyone[n % everyone.length] ?? ann.phone
    const { session, user } = person
    const legId = this.call.legs[n % (this.call.legs.length + 1)]?.id ?? nonsense
    const device = withLeg(person, ++this.legCount)
    const others = whom.map((one) => everyone[one % everyone.length] ?? bob.laptop)
    const who = others.length === 0 ? {} : { who: others.map(({ user }) => user) }
    const id = `t${generation}`
    // prettier-ignore
    switch (type) {
      case 'accepted':       return { type, session, isMuted: is }
      case 'muted':          return { type, session, isMuted: is }
      case 'rejected':       return { type, session }
      case 'hungUp':         return { type, session }
      case 'held':           return { type, session }
      case 'resumed':        return { type, session }
      case 'endedForAll':    return { type, session }
      case 'added':          return { type, session, devices: this.devicesOf(others, role, generation === 0) }
      case 'removed':        return { type, session, who: others[0]?.user ?? user }
      case 'mutedOthers':    return { type, session, ...who }
      case 'permitted':      return { type, session, source, ...who, isPermitted: is }
      case 'admitted':       return { type, session, ...who }
      case 'denied':         return { type, session, ...who }
      case 'shared':         return { type, session, isOn: is }
      case 'handRaised':     return { type, session, isUp: is }
      case 'handsLowered':   return { type, session, ...who }
      case 'spotlit':        return { type, session, ...who, isOn: is }
      case 'transferAsked':  return { type, session, id, to: is ? { user } : { callId: otherCall }, legId: device.legId }
      case 'linkLost':       return { type, session }
      case 'linkBack':       return { type, session }
      case 'sessionEnded':   return { type, session, reason }
      case 'progressed':     return { type, session, progress: is ? 'early' : 'alerting', ...(generation > 2 ? { codec: 'PCMA' } : {}) }
      case 'mediaUp':        return { type, legId, generation }
      case 'mediaLost':      return { type, legId, generation }
      case 'deviceCame':     return { type, device }
      case 'calledBack':     return { type, device: { ...device, isMuted: is } }
      case 'joined':         return this.join(person, n % people)
      case 'placed':         return { type, mediaNode: is ? node : otherNode }
      case 'roleChanged':    return { type, user, role }
      case 'uninvited':      return { type, user }
      case 'hoursChanged':   return { type, closesAt: after(this.now, waitMs === 'to the deadline' ? 0 : waitMs * 100) }
      case 'roomClosed':     return { type }
      case 'transferDone':   return { type, id }
      case 'transferFailed': return { type, id, reason }
      case 'fellDue':        return { type }
    }
  }

  /** In a room, people are added as what they are; now and then the bot is, or someone whom a transfer brings. */
  private devicesOf(others: Endpoint[], role: Role, isSpecial: boolean): Party[] {
    const added: Party[] = isSpecial ? [...others, echo] : others
    const roles = this.call.kind === 'room' ? { role } : {}
    const transferOf = { callId: otherCall, id: 't1' }
    return added.map((one) => ({
      ...withLeg(one, ++this.legCount),
      ...(one.bot === undefined ? roles : {}),
      ...(isSpecial && one.bot === undefined ? { transferOf } : {}),
    }))
  }

  private legsOf(event: CallEvent): Leg[] {
    if (event.type === 'fellDue') return this.call.legs
    return this.call.legs.filter(
      (leg) => ('session' in event && leg.session === event.session) || ('legId' in event && leg.id === event.legId),
    )
  }
}

function after(now: EpochMs, ms: number): EpochMs {
  return (now + ms) as EpochMs // an instant plus a duration is an instant
}

const nonsense = LegId.parse('leg_nonsense')
