/** By what a call's row is found. */
import { isPhone, type EpochMs, type Place, type RawId, type SessionId } from '@parley/protocol'
import type { Call } from './call.ts'
import { deadline } from './deadline.ts'
import { calleeOf, whoCalls, isLive } from './leg.ts'

export type CallIndex = {
  isLive: boolean
  /**
   * What only one live call of a resource may have: both users, sorted, while a direct call is unanswered, so that at
   * most one call rings between two people; or the place where people meet.
   */
  claim?: string
  /** Sessions that have a live leg. */
  sessions: SessionId[]
  /** Users who are being rung: a device of theirs that connects now rings too. */
  ringing: RawId[]
  nextDeadline?: EpochMs
}

export function indexOf(call: Call): CallIndex {
  const live = call.legs.filter(isLive)
  const claim = claimIn(call)
  const nextDeadline = deadline(call)
  return {
    isLive: call.endedAt === undefined,
    ...(claim === undefined ? {} : { claim }),
    sessions: unique(live.flatMap(({ session }) => (session === undefined ? [] : [session]))),
    ringing: unique(live.filter((leg) => leg.state === 'Ringing').map((leg) => leg.user)),
    ...(nextDeadline === undefined ? {} : { nextDeadline }),
  }
}

/** The claim of the call at a place. */
export function claimOf(place: Place): string {
  return 'groupId' in place ? `group ${place.groupId}` : `room ${place.roomId}`
}

function claimIn({ kind, place, legs }: Call): string | undefined {
  if (place !== undefined) return claimOf(place)
  const caller = whoCalls(legs)
  const callee = calleeOf(legs)
  if (kind !== 'direct' || caller === undefined || callee === undefined) return undefined
  // A telephone has as many lines as it likes.
  if (isPhone(caller.user) || isPhone(callee)) return undefined
  return `pair ${[caller.user, callee].toSorted().join(' ')}`
}

function unique<T>(all: T[]): T[] {
  return [...new Set(all)]
}
