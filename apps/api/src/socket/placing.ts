/**
 * How someone gets into a call: by calling people, by coming to where they meet, or by being added. It is found out here
 * who can be rung and who may enter; what follows is a step.
 */
import type { Call, CallEvent, Coming, Device } from '@parley/call'
import {
  asBot,
  asUserId,
  rawIdOf,
  Refused,
  type CallId,
  type Place,
  type RawId,
  type RequestBody,
  type ResourceId,
  type Role,
  type SessionId,
} from '@parley/protocol'
import type { Calls } from '../calls/calls.ts'
import type { DatabaseClock } from '../calls/clock.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { Entry, MeetingPlaces } from '../rooms/meeting-places.ts'
import { botDevice, deviceOf } from './device.ts'
import type { SessionRow, SessionStore } from './session-store.ts'

/** How often it is tried while calls between the same two users, or at the same place, come and go. */
const attempts = 3

type Own = Coming & { session: SessionId }

export class Placing {
  constructor(
    private readonly parts: {
      calls: Calls
      nodes: Nodes
      sessions: SessionStore
      places: MeetingPlaces
      clock: DatabaseClock
    },
  ) {}

  /** Opens a call, or answers the one that the callee is placing to us at this moment. */
  async start(row: SessionRow, { callId, to, isMuted, transfer }: RequestBody<'call.start'>): Promise<Call> {
    this.#mayStart(row)
    const transferred = transfer === undefined ? {} : { transferOf: transfer }
    for (let attempt = 0; attempt < attempts; attempt++) {
      const caller = { ...deviceOf(row), isMuted, ...transferred }
      const callees = unique(to)
      const { devices } = await this.#devicesOf(row.resourceId, callees)
      const mediaNode = this.parts.nodes.place()
      const placed = { id: callId, resourceId: row.resourceId, mediaNode, caller, to: callees, devices }
      const opened = await this.parts.calls.open(placed)
      if ('call' in opened) return opened.call
      if (opened.taken === 'id') return this.#alreadyThere(row, callId)
      const answered = await this.#unlessOver(opened.callId, { type: 'calledBack', device: caller })
      if (answered !== undefined) return answered
    }
    throw new Refused('callExists')
  }

  /** Comes into the call of a place, which begins with the first one. */
  async join(row: SessionRow, { callId, place, isMuted }: RequestBody<'call.join'>): Promise<Call> {
    const entry = await this.parts.places.enter(row.resourceId, row.user, place, this.parts.clock.now())
    for (let attempt = 0; attempt < attempts; attempt++) {
      const joiner = { ...deviceOf(row), isMuted, ...roleOf(entry) }
      const there = await this.parts.calls.at(row.resourceId, place)
      const joined = await (there === undefined
        ? this.#meet(row, callId, { place, entry, joiner })
        : this.#unlessOver(there.id, { type: 'joined', device: joiner, waits: entry.waits, hasLobby: entry.hasLobby }))
      if (joined !== undefined) return this.#stillInvited(row, place, joined)
    }
    throw new Refused('unavailable', { detail: 'The call comes and goes too quickly.' })
  }

  /** Who was taken off a room's list while he came in was not there yet for that change to reach him. */
  async #stillInvited(row: SessionRow, place: Place, joined: Call): Promise<Call> {
    if (!('roomId' in place)) return joined
    try {
      await this.parts.places.enter(row.resourceId, row.user, place, this.parts.clock.now())
      return joined
    } catch (error) {
      if (error instanceof Refused)
        await this.parts.calls.step(joined.id, { type: 'uninvited', user: rawIdOf(row.user) })
      throw error
    }
  }

  /** Rings people to come into a call; gives those as well who cannot be rung. */
  async add(row: SessionRow, { callId, who }: RequestBody<'call.add'>): Promise<{ call: Call; unreachable: RawId[] }> {
    const call = await this.parts.calls.find(callId)
    if (!call?.legs.some((leg) => leg.session === row.id)) throw new Refused('unknownCall')
    const callees = unique(who)
    const { devices, unreachable } = await this.#devicesOf(row.resourceId, callees)
    const roles = await this.#rolesOf(call, callees)
    const added = devices.map((device) => ({ ...device, ...roles.get(device.user) }))
    return {
      call: await this.parts.calls.step(callId, { type: 'added', session: row.id, devices: added }),
      unreachable,
    }
  }

  /** In a room only those are added who are invited to it, as what they are. @throws Refused 'notInvited' */
  async #rolesOf(call: Call, callees: RawId[]): Promise<Map<RawId, { role: Role }>> {
    const roles = new Map<RawId, { role: Role }>()
    if (call.place === undefined || !('roomId' in call.place)) return roles
    for (const [n, id] of callees.entries()) {
      const user = asUserId(id)
      const role = user && (await this.parts.places.rosterRole(call.resourceId, call.place.roomId, user))
      if (role === undefined) throw new Refused('notInvited', { path: `who.${n}` })
      roles.set(id, { role })
    }
    return roles
  }

  /** Undefined when someone else has just opened the call of this place. */
  async #meet(
    row: SessionRow,
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
  async #alreadyThere(row: SessionRow, callId: CallId): Promise<Call> {
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

  /** The devices to ring. Unknown users, other resources' users and users who are away all have none. */
  async #devicesOf(
    resourceId: ResourceId,
    callees: readonly RawId[],
  ): Promise<{ devices: Device[]; unreachable: RawId[] }> {
    const found = await Promise.all(callees.map((callee, n) => this.#devicesOfOne(resourceId, callee, n)))
    return { devices: found.flat(), unreachable: callees.filter((_, n) => found[n]?.length === 0) }
  }

  async #devicesOfOne(resourceId: ResourceId, callee: RawId, n: number): Promise<Device[]> {
    const bot = asBot(callee)
    if (bot !== undefined) return [botDevice(callee, bot)]
    const user = asUserId(callee)
    checkUser(callee, `to.${n}`)
    if (user === undefined) return []
    const sessions = await this.parts.sessions.liveSessionsOf(user)
    return sessions.filter((row) => row.resourceId === resourceId).map(deviceOf)
  }

  #mayStart({ mayStart }: SessionRow): void {
    if (!mayStart) throw new Refused('forbidden', { detail: 'It needs the scope voip to start a call.' })
  }
}

/** What looks like a user of ACS must be one that can be read. `path` is where it was named. @throws Refused 'malformedId' */
export function checkUser(id: RawId, path: string): void {
  if (asUserId(id) === undefined && id.startsWith('8:acs:')) throw new Refused('malformedId', { path })
}

function roleOf({ role }: Entry): { role?: Role } {
  return role === undefined ? {} : { role }
}

function unique(all: readonly RawId[]): RawId[] {
  return [...new Set(all)]
}
