/** What a server app changes about a room reaches the call that runs in it. */
import type { CallEvent } from '@parley/call'
import { rawIdOf, Refused, type ResourceId, type RoomId } from '@parley/protocol'
import type { RoomChange, RoomChanges } from '../rooms/room-changes.ts'
import type { Calls } from './calls.ts'

export class RoomCalls implements RoomChanges {
  constructor(private readonly calls: Calls) {}

  async roomChanged(resourceId: ResourceId, roomId: RoomId, change: RoomChange): Promise<void> {
    const call = await this.calls.at(resourceId, { roomId })
    if (call === undefined) return
    try {
      await this.calls.step(call.id, eventOf(change))
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof Refused && error.failure === 'unknownCall')) throw error
    }
  }
}

function eventOf(change: RoomChange): CallEvent {
  switch (change.kind) {
    case 'closesAt':
      return { type: 'hoursChanged', closesAt: change.at }
    case 'closed':
      return { type: 'roomClosed' }
    case 'role':
      return { type: 'roleChanged', user: rawIdOf(change.user), role: change.role }
    case 'uninvited':
      return { type: 'uninvited', user: rawIdOf(change.user) }
  }
}
