/**
 * Phones as the rules of a call know them: a device that is dialled, or the reason why it is not, and a device that
 * calls from outside.
 */
import { randomUUID } from 'node:crypto'
import type { Device } from '@parley/call'
import {
  asPhoneNumber,
  asUserId,
  Refused,
  SessionId,
  softphones,
  type CallId,
  type PhoneNumber,
  type RawId,
} from '@parley/protocol'
import type { Caller } from '../agents/asker.ts'
import { newLegId } from '../agents/device.ts'
import type { Nodes } from '../nodes/nodes.ts'
import { emergencyNumbers } from './barred-numbers.ts'
import type { Dialling } from './dialling.ts'
import type { Phones } from './phones.ts'

/** Who wishes to dial, in which call, and what the phone is to show. */
export type DialFor = { by: Caller; callId: CallId; callerId: PhoneNumber | undefined }

export class PhoneDevices {
  constructor(private readonly parts: { phones: Phones; nodes: Nodes; hasSoftphones: boolean }) {}

  /** `path` is where the number was named. @throws Refused 'malformedId' */
  async toDial(callee: RawId, { by, callId, callerId }: DialFor, path: string): Promise<Device> {
    const number = asPhoneNumber(callee)
    if (number === undefined) throw new Refused('malformedId', { path })
    const legId = newLegId()
    const user = asUserId(by.user)
    // A phone that would call another one over us would do so at our cost.
    if (user === undefined) return { user: callee, legId, refused: 'numberForbidden' }
    // A short number with which a telephone has registered at the sip node itself.
    const isExtension = this.parts.hasSoftphones && !number.startsWith('+') && !emergencyNumbers.has(number)
    const dialling: Dialling = isExtension
      ? { dial: { number, isHidden: false, trunks: [softphones] } }
      : await this.parts.phones.dial({ callId, legId }, user, { number, callerId })
    if ('refused' in dialling) return { user: callee, legId, refused: dialling.refused }
    const phone = this.parts.nodes.placePhone()
    if (phone !== undefined) return { user: callee, legId, session: newPhoneSession(), phone, dial: dialling.dial }
    await this.parts.phones.forget(legId)
    return { user: callee, legId, refused: 'phoneLost' }
  }

  /** Phones that were allowed and then were not dialled count no more. */
  async forget(devices: readonly Device[]): Promise<void> {
    const dialled = devices.filter(({ dial }) => dial !== undefined)
    await Promise.all(dialled.map(({ legId }) => this.parts.phones.forget(legId)))
  }
}

function newPhoneSession(): SessionId {
  return SessionId.parse(`ses_${randomUUID()}`)
}
