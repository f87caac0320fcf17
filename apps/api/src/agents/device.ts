/** A session as the rules of a call know it: a device, with an id for the leg that it may get. */
import { randomUUID } from 'node:crypto'
import type { Device } from '@parley/call'
import { LegId, type Bot, type RawId, type SessionId } from '@parley/protocol'
import type { Caller } from './asker.ts'

/** The device of someone who asks: he always has a session. */
export type OwnDevice = Device & { session: SessionId }

export function deviceOf({ user, id: session, displayName, phone, codec, legId = newLegId() }: Caller): OwnDevice {
  return {
    user: user as RawId, // the grammar of user ids is a part of that of rawIds; their brands do not know it
    session,
    legId,
    ...(displayName === undefined ? {} : { displayName }),
    ...(phone === undefined ? {} : { phone }),
    ...(codec === undefined ? {} : { codec }),
  }
}

/** A bot as a device that needs no ringing. */
export function botDevice(user: RawId, bot: Bot): Device {
  return { user, bot, displayName: botNames[bot], legId: newLegId() }
}

const botNames: Record<Bot, string> = { echo: 'Echo test' }

export function newLegId(): LegId {
  return LegId.parse(`leg_${randomUUID()}`)
}
