/** What the demo asks of whoever knows the connections. */
import type { UserId } from '@parley/protocol'

export type Present = { user: UserId; displayName?: string }

export interface People {
  /** Who is connected right now. */
  present(): readonly Present[] | Promise<readonly Present[]>
}
