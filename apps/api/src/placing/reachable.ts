/** Who can be rung: the devices of people that are connected now, bots, and phones that may be dialled. */
import type { Device } from '@parley/call'
import {
  asBot,
  asPhoneNumber,
  asUserId,
  isPhone,
  Refused,
  type CallId,
  type PhoneNumber,
  type RawId,
  type ReasonName,
} from '@parley/protocol'
import type { Caller } from '../agents/asker.ts'
import { botDevice, deviceOf } from '../agents/device.ts'
import type { SessionStore } from '../agents/session-store.ts'
import type { PhoneDevices } from '../phones/phone-devices.ts'

/** Someone who was asked to come and cannot be rung, and why. */
export type Unreachable = { id: RawId; reason: ReasonName }

/** For which call people are rung, what phones among them show, and under which name they are given. */
export type Ringing = { callId: CallId; callerId: PhoneNumber | undefined; path: 'to' | 'who' }

export class Reachable {
  constructor(
    private readonly parts: { sessions: Pick<SessionStore, 'liveSessionsOf'>; phones: Pick<PhoneDevices, 'toDial'> },
  ) {}

  /**
   * The devices to ring. Unknown users, other resources' users and users who are away all have none; a phone that may
   * not be dialled is a device that says why.
   *
   * @throws Refused 'malformedId'
   */
  async devicesOf(by: Caller, callees: readonly RawId[], ringing: Ringing): Promise<Device[]> {
    // First of all: a phone that may be dialled counts from then on, also when another one cannot be read.
    for (const [n, callee] of callees.entries()) checkCallee(callee, `${ringing.path}.${n}`)
    const found = await Promise.all(callees.map((callee, n) => this.#devicesOfOne(by, callee, ringing, n)))
    return found.flat()
  }

  async #devicesOfOne(by: Caller, callee: RawId, { path, ...ringing }: Ringing, n: number): Promise<Device[]> {
    const bot = asBot(callee)
    if (bot !== undefined) return [botDevice(callee, bot)]
    if (isPhone(callee)) return [await this.parts.phones.toDial(callee, { by, ...ringing }, `${path}.${n}`)]
    const user = asUserId(callee)
    if (user === undefined) return []
    const sessions = await this.parts.sessions.liveSessionsOf(user)
    return sessions.filter((row) => row.resourceId === by.resourceId).map(deviceOf)
  }
}

/** Those of the callees that no device rings for, and why. */
export function unreachableOf(callees: readonly RawId[], devices: readonly Device[]): Unreachable[] {
  return callees.flatMap((id) => {
    const own = devices.filter((device) => device.user === id)
    if (own.some(({ refused }) => refused === undefined)) return []
    return [{ id, reason: own[0]?.refused ?? 'noEndpoint' }]
  })
}

/** @throws Refused 'malformedId' */
function checkCallee(id: RawId, path: string): void {
  if (isPhone(id) && asPhoneNumber(id) === undefined) throw new Refused('malformedId', { path })
  checkUser(id, path)
}

/** What looks like a user of ACS must be one that can be read. `path` is where it was named. @throws Refused 'malformedId' */
export function checkUser(id: RawId, path: string): void {
  if (asUserId(id) === undefined && id.startsWith('8:acs:')) throw new Refused('malformedId', { path })
}
