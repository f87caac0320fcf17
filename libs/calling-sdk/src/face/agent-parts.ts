import type { Clock } from '../link/clock.ts'
import type { Legs } from '../link/legs.ts'
import type { Link } from '../link/link.ts'
import type { Log } from '../log.ts'
import type { CallMediaParts } from '../media/call-media.ts'
import type { Devices } from './device-manager.ts'

/** What the calls of one agent share. */
export type AgentParts = {
  link: Link
  legs: Legs
  media: CallMediaParts
  devices: Devices
  clock: Clock
  log: Log
}
