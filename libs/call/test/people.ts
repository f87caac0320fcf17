/** The people of the tests and their devices, as a call knows them. */
import {
  CallId,
  GroupId,
  LegId,
  NodeId,
  PhoneNumber,
  RawId,
  rawIdOfNumber,
  ResourceId,
  RoomId,
  SessionId,
  userIdOf,
  type Dial,
  type Place,
} from '@parley/protocol'
import type { Device } from '../src/index.ts'

/** A device with a name that a failing test can say. */
export type Endpoint = Device & { name: string; session: SessionId }
/** Whoever can have a leg: a device of a person, or a bot. */
export type Party = Device & { name: string }

export const resource = ResourceId.parse('11111111-1111-4111-8111-111111111111')
export const callId = CallId.parse('cccccccc-cccc-4ccc-8ccc-cccccccccccc')
/** Another call, that transfers come from and lead to. */
export const otherCall = CallId.parse('dddddddd-dddd-4ddd-8ddd-dddddddddddd')
export const node = NodeId.parse('node_00000001')
export const otherNode = NodeId.parse('node_00000002')

export const group: Place = { groupId: GroupId.parse('99999999-9999-4999-8999-999999999999') }
export const room: Place = { roomId: RoomId.parse('99000000000000001') }

export const ann = person('ann', 'phone', 'desk')
export const bob = person('bob', 'laptop', 'tablet', 'watch')
export const cid = person('cid', 'phone', 'desk')
export const dan = person('dan', 'phone')
/** Who has no part in the call. */
export const eve = person('eve', 'desk')
/** The bot that repeats what it hears. */
export const echo: Party = {
  name: 'echo',
  user: RawId.parse('8:echo123'),
  displayName: 'echo',
  bot: 'echo',
  legId: LegId.parse('leg_echo-bot'),
}

/** Telephones, held by a sip node, and what is dialled to reach them. */
export const tel = telephone('tel', '+4930123456')
export const fax = telephone('fax', '+4930123457')

/** As many people as a test needs, with a phone each. */
export function crowd(count: number): Endpoint[] {
  return Array.from({ length: count }, (_, n) => person(`p${n}`, 'phone').phone)
}

function person<D extends string>(name: string, ...devices: D[]): Record<D, Endpoint> {
  const user = userIdOf(resource, guidOf(name))
  const all = devices.map((device) => {
    const id = `${name}-${device}`.padEnd(8, '-')
    const session = SessionId.parse(`ses_${id}`)
    return [device, { name: `${name}.${device}`, user, displayName: name, session, legId: LegId.parse(`leg_${id}`) }]
  })
  return Object.fromEntries(all) as Record<D, Endpoint> // one entry for each of `devices`
}

function telephone(name: string, digits: string): Endpoint & { phone: NodeId; dial: Dial } {
  const number = PhoneNumber.parse(digits)
  const id = name.padEnd(8, '-')
  return {
    name,
    user: rawIdOfNumber(number),
    displayName: name,
    session: SessionId.parse(`ses_${id}`),
    legId: LegId.parse(`leg_${id}`),
    phone: NodeId.parse('node_sip00001'),
    dial: { number, isHidden: false, trunks: ['sbc.example.com'] },
  }
}

/** The same device with a fresh leg id, as api makes one whenever a device may get a leg. */
export function withLeg<P extends Party>(party: P, n: number): P {
  return { ...party, legId: LegId.parse(`leg_${n.toString().padStart(8, '0')}`) }
}

function guidOf(name: string): string {
  const hex = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join('')
  return `00000000-0000-4000-8000-${hex.padStart(12, '0').slice(-12)}`
}
