/**
 * How someone gets into a call: by calling people, by coming to where they meet, or by being added. It is found out here
 * who can be rung and who may enter; what follows is a step.
 */
import type { Call, CallEvent, Coming, Device } from '@parley/call'
import {
  asUserId,
  isPhone,
  Refused,
  type CallId,
  type Place,
  type RawId,
  type RequestBody,
  type Role,
  type SessionId,
} from '@parley/protocol'
import type { Caller } from '../agents/asker.ts'
import { deviceOf } from '../agents/device.ts'
import type { Calls } from '../calls/calls.ts'
import type { DatabaseClock } from '../calls/clock.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { PhoneDevices } from '../phones/phone-devices.ts'
import type { Entry, MeetingPlaces } from '../rooms/meeting-places.ts'
import type { Follow, Following } from './following.ts'
import { unreachableOf, type Reachable, type Unreachable } from './reachable.ts'

/** How often it is tried while calls between the same two users, or at the same place, come and go. */
const attempts = 3

type Own = Coming & { session: SessionId }
/** `transferOf` for who is led there by a transfer to its number. */
type Arrival = RequestBody<'call.join'> & { transferOf?: Follow }

export class Placing {
  constructor(
    private readonly parts: {
      calls: Calls
      nodes: Nodes
      reachable: Reachable
      places: MeetingPlaces
      phones: Pick<PhoneDevices, 'forget'>
      following: Following
      clock: DatabaseClock
    },
  ) {}

  /** Opens a call, or follows to where somebody is transferred. */
  async start(row: Caller, body: RequestBody<'call.start'>): Promise<Call> {
    this.#mayStart(row)
    const { transfer } = body
    if (transfer === undefined) return this.#call(row, body)
    try {
      return await this.#follow(row, body, transfer)
    } catch (error) {
      if (error instanceof Refused) await this.parts.following.failed(row, transfer)
      throw error
    }
  }

  async #follow(row: Caller, body: RequestBody<'call.start'>, transfer: Follow): Promise<Call> {
    const { callId, isMuted, callerId } = body
    const { to, showing } = await this.parts.following.lead(row, callId, body.to, transfer)
    if (to === undefined) return this.#call(row, { ...body, callerId: callerId ?? showing })
    if ('to' in to) return this.#call(row, { ...body, to: [to.to] })
    return this.#come(row, { callId, place: to, isMuted, transferOf: transfer })
  }

  /** Opens a call, or answers the one that the callee is placing to us at this moment. */
  async #call(row: Caller, { callId, to, isMuted, callerId, transfer }: RequestBody<'call.start'>): Promise<Call> {
    const transferred = transfer === undefined ? {} : { transferOf: transfer }
    for (let attempt = 0; attempt < attempts; attempt++) {
      const caller = { ...deviceOf(row), isMuted, ...transferred }
      const callees = unique(to)
      const mediaNode = this.parts.nodes.place()
      const devices = await this.parts.reachable.devicesOf(row, callees, { callId, callerId, path: 'to' })
      const placed = { id: callId, resourceId: row.resourceId, mediaNode, caller, to: callees, devices }
      const opened = await this.parts.calls.open(placed)
      if ('call' in opened) return opened.call
      await this.parts.phones.forget(devices)
      if (opened.taken === 'id') return this.#alreadyThere(row, callId)
      const answered = await this.#unlessOver(opened.callId, { type: 'calledBack', device: caller })
      if (answered !== undefined) return answered
    }
    throw new Refused('callExists')
  }

  /** Comes into the call of a place, which begins with the first one. */
  async join(row: Caller, arrival: RequestBody<'call.join'>): Promise<Call> {
    return this.#come(row, arrival)
  }

  async #come(row: Caller, { callId, place, isMuted, transferOf }: Arrival): Promise<Call> {
    const isLed = transferOf !== undefined
    const entry = await this.#entryOf(row, place, isLed)
    for (let attempt = 0; attempt < attempts; attempt++) {
      const joiner = { ...deviceOf(row), isMuted, ...roleOf(entry), ...(isLed ? { transferOf } : {}) }
      const there = await this.parts.calls.at(row.resourceId, place)
      const joined = await (there === undefined
        ? this.#meet(row, callId, { place, entry, joiner })
        : this.#unlessOver(there.id, { type: 'joined', device: joiner, waits: entry.waits, hasLobby: entry.hasLobby }))
      if (joined !== undefined) return this.#stillInvited(row, place, joined, isLed)
    }
    throw new Refused('unavailable', { detail: 'The call comes and goes too quickly.' })
  }

  /** A phone is on no list: it comes where the operator has led its number, and so does who is led there by one. */
  async #entryOf({ resourceId, user, phone }: Caller, place: Place, isLed: boolean): Promise<Entry> {
    const { places, clock } = this.parts
    const own = asUserId(user)
    if (phone !== undefined) return places.enterByPhone(resourceId, place, clock.now())
    if (own === undefined) throw new Refused('notInvited')
    try {
      return await places.enter(resourceId, own, place, clock.now())
    } catch (error) {
      const isStranger = error instanceof Refused && error.failure === 'notInvited'
      if (isStranger && isLed) return places.enterByPhone(resourceId, place, clock.now())
      throw error
    }
  }

  /** Who was taken off a room's list while he came in was not there yet for that change to reach him. */
  async #stillInvited(row: Caller, place: Place, joined: Call, isLed: boolean): Promise<Call> {
    if (!('roomId' in place)) return joined
    try {
      await this.#entryOf(row, place, isLed)
      return joined
    } catch (error) {
      const { user } = deviceOf(row)
      if (error instanceof Refused) await this.parts.calls.step(joined.id, { type: 'uninvited', user })
      throw error
    }
  }

  /** Rings people to come into a call; gives those as well who cannot be rung. */
  async add(
    row: Caller,
    { callId, who, callerId }: RequestBody<'call.add'>,
  ): Promise<{ call: Call; unreachable: Unreachable[] }> {
    const call = await this.parts.calls.find(callId)
    if (!call?.legs.some((leg) => leg.session === row.id)) throw new Refused('unknownCall')
    const callees = unique(who)
    const roles = await this.#rolesOf(call, callees)
    const devices = await this.parts.reachable.devicesOf(row, callees, { callId, callerId, path: 'who' })
    const rung = devices.filter(({ refused }) => refused === undefined)
    const added = rung.map((device) => ({ ...device, ...roles.get(device.user) }))
    const stepped = await this.#ring(row, callId, added)
    return { call: stepped, unreachable: unreachableOf(callees, devices) }
  }

  /** What was to be dialled, and is not, counts no more: the call refuses, or has these people already. */
  async #ring({ id: session }: Caller, callId: CallId, devices: Device[]): Promise<Call> {
    let call: Call | undefined
    try {
      call = await this.parts.calls.step(callId, { type: 'added', session, devices })
      return call
    } finally {
      const there = new Set(call?.legs.map(({ id }) => id))
      await this.parts.phones.forget(devices.filter(({ legId }) => !there.has(legId)))
    }
  }

  /**
   * In a room only those are added who are invited to it, as what they are, and phones where they may be called.
   *
   * @throws Refused 'notInvited' | 'roleForbids'
   */
  async #rolesOf({ resourceId, place }: Call, callees: RawId[]): Promise<Map<RawId, { role: Role }>> {
    const roles = new Map<RawId, { role: Role }>()
    if (place === undefined || !('roomId' in place)) return roles
    for (const [n, id] of callees.entries()) {
      const path = `who.${n}`
      const user = asUserId(id)
      const role = user && (await this.parts.places.rosterRole(resourceId, place.roomId, user))
      if (isPhone(id)) {
        if (!(await this.parts.places.mayDialOut(resourceId, place.roomId))) throw new Refused('roleForbids', { path })
        roles.set(id, { role: 'Attendee' })
      } else if (role === undefined) throw new Refused('notInvited', { path })
      else roles.set(id, { role })
    }
    return roles
  }

  /** Undefined when someone else has just opened the call of this place. */
  async #meet(
    row: Caller,
    id: CallId,
    { place, entry, joiner }: { place: Place; entry: Entry; joiner: Own },
  ): Promise<Call | undefined> {
    const { hasLobby, waits, closesAt } = entry
    const mediaNode = this.parts.nodes.place()
    const closes = closesAt === undefined ? {} : { closesAt }
    const met = { id, resourceId: row.resourceId, mediaNode, place, ...closes, hasLobby, joiner, waits }
    const opened = await this.parts.calls.meet(met)
    if ('call' in opened) return opened.call
    return opened.taken === 'id' ? this.#alreadyThere(row, id) : undefined
  }

  /** The same request again, after its reply was lost; anyone else's call by this id is told as a taken id. */
  async #alreadyThere(row: Caller, callId: CallId): Promise<Call> {
    const call = await this.parts.calls.find(callId)
    if (call?.legs.some((leg) => leg.session === row.id && leg.side !== 'callee')) return call
    throw new Refused('callExists')
  }

  /** Undefined when the call ended, or stopped ringing, meanwhile. */
  async #unlessOver(
    callId: CallId,
    event: Extract<CallEvent, { type: 'calledBack' | 'joined' }>,
  ): Promise<Call | undefined> {
    try {
      return await this.parts.calls.step(callId, event)
    } catch (error) {
      const isOver = error instanceof Refused && (error.failure === 'callExists' || error.failure === 'unknownCall')
      if (isOver) return undefined
      throw error
    }
  }

  #mayStart({ mayStart }: Caller): void {
    if (!mayStart) throw new Refused('forbidden', { detail: 'It needs the scope voip to start a call.' })
  }
}

function roleOf({ role }: Entry): { role?: Role } {
  return role === undefined ? {} : { role }
}

function unique(all: readonly RawId[]): RawId[] {
  return [...new Set(all)]
}
