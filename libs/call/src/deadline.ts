/** When a call must be looked at next. */
import type { EpochMs } from '@parley/protocol'
import type { Call, Leg } from './call.ts'

/** The nearest moment at which a leg, a room or a transfer stops waiting; undefined while nobody waits for anything. */
export function deadline(call: Call): EpochMs | undefined {
  const ofCall = call.endedAt === undefined ? [call.closesAt, call.transfer?.until] : []
  return nearest([...call.legs.flatMap(momentsOf), ...ofCall.filter((until) => until !== undefined)])
}

function momentsOf(leg: Leg): EpochMs[] {
  switch (leg.state) {
    case 'Calling':
      return [leg.callsUntil]
    case 'Ringing':
      return [leg.ringsUntil]
    case 'InLobby':
      return [leg.waitsUntil]
    case 'Connecting':
      return [leg.connectsUntil]
    case 'Reconnecting':
      return [leg.linkUntil, leg.mediaUntil].filter((until) => until !== undefined)
    case 'Connected':
    case 'Disconnected':
      return []
  }
}

function nearest(moments: EpochMs[]): EpochMs | undefined {
  return moments.reduce<EpochMs | undefined>(
    (first, next) => (first === undefined || next < first ? next : first),
    undefined,
  )
}
