/** A call as one of its legs sees it. */
import {
  endOf,
  type CallView,
  type LegId,
  type LegState,
  type ParticipantView,
  type RawId,
  type UserId,
} from '@parley/protocol'
import type { Call, Leg, LegStateName } from './call.ts'
import { isLive } from './leg.ts'

/** Shows a call to one of its legs, live or ended. A leg of another call is a mistake of ours and throws. */
export function viewOf(call: Call, legId: LegId): CallView {
  const own = call.legs.find((leg) => leg.id === legId)
  const caller = call.legs.find((leg) => leg.side === 'caller')
  if (own === undefined || caller === undefined) throw new Error(`call ${call.id} has no leg ${legId}`)
  return {
    callId: call.id,
    version: call.version,
    kind: call.kind,
    legId,
    direction: own.side === 'caller' ? 'Outgoing' : 'Incoming',
    state: ownState(own, call.legs),
    isMuted: own.isMuted,
    caller: { id: rawIdOf(caller.user), ...nameOf(caller) },
    participants: participants(call, own),
    mediaLost: mustBuildAnew(own),
    ...(own.state === 'Disconnected' ? { end: endOf(own.reason) } : {}),
  }
}

/**
 * A lost link shows nowhere before it is given up (ACS: Disconnected after 120 s). A caller sees how far the others are,
 * and goes from Ringing straight to Connected: an answer that still waits for media is no step back for him.
 */
function ownState(own: Leg, legs: readonly Leg[]): LegState {
  if (own.state === 'Calling') return legs.some((leg) => leg.state === 'Ringing') ? 'Ringing' : 'Connecting'
  if (own.state === 'Connecting' && own.side === 'caller') return 'Ringing'
  return own.state === 'Reconnecting' ? 'Connected' : own.state
}

function mustBuildAnew(leg: Leg): boolean {
  switch (leg.state) {
    case 'Calling':
    case 'Ringing':
      return !leg.hasMedia && leg.generation > 0
    case 'Connecting':
      return leg.generation > 0
    case 'Reconnecting':
      return leg.mediaUntil !== undefined
    case 'Connected':
    case 'Disconnected':
      return false
  }
}

/** How a leg shows to others, by how far it has come; a person shows as the farthest of his legs. */
// prettier-ignore
const shown: Record<LegStateName, { state: ParticipantView['state']; rank: number }> = {
  Connected:    { state: 'Connected',    rank: 3 },
  Reconnecting: { state: 'Connected',    rank: 3 },
  Connecting:   { state: 'Connecting',   rank: 2 },
  Calling:      { state: 'Connecting',   rank: 2 }, // to a ringing callee the caller is on his way in
  Ringing:      { state: 'Ringing',      rank: 1 },
  Disconnected: { state: 'Disconnected', rank: 0 },
}

/**
 * The others, once per person; one's own other devices are not among them. Who has left is gone while one's own leg
 * lives, and shows as Disconnected in the last view.
 */
function participants(call: Call, own: Leg): ParticipantView[] {
  const users = new Set(call.legs.map((leg) => leg.user).filter((user) => user !== own.user))
  return [...users].flatMap((user) => {
    const legs = call.legs.filter((leg) => leg.user === user)
    const live = legs.filter(isLive)
    if (live.length > 0) return [participant(user, live)]
    return own.state === 'Disconnected' ? [participant(user, legs)] : []
  })
}

function participant(user: UserId, legs: readonly Leg[]): ParticipantView {
  const best = legs.reduce((best, leg) => (shown[leg.state].rank > shown[best.state].rank ? leg : best))
  return {
    id: rawIdOf(user),
    ...nameOf(best),
    state: shown[best.state].state,
    isMuted: best.isMuted,
    legIds: legs.map((leg) => leg.id),
  }
}

function nameOf({ displayName }: Leg): { displayName?: string } {
  return displayName === undefined ? {} : { displayName }
}

function rawIdOf(user: UserId): RawId {
  return user as string as RawId // the grammar of user ids is a part of that of rawIds; their brands do not know it
}
