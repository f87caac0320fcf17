/** A session as the rules of a call know it: a device, with an id for the leg that it may get. */
import { randomUUID } from 'node:crypto'
import type { Device } from '@parley/call'
import { LegId } from '@parley/protocol'
import type { SessionRow } from './session-store.ts'

export function deviceOf({ user, id: session, displayName }: SessionRow): Device {
  const legId = LegId.parse(`leg_${randomUUID()}`)
  return { user, session, legId, ...(displayName === undefined ? {} : { displayName }) }
}
