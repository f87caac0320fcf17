/** By what a call's row is found. */
import type { EpochMs, SessionId, UserId } from '@parley/protocol'
import type { Call } from './call.ts'
import { deadline } from './deadline.ts'
import { calleeOf, whoCalls, isLive } from './leg.ts'

export type CallIndex = {
  isLive: boolean
  /** Both users, sorted and joined with a space, while the call is unanswered: at most one call rings between two people. */
  pair?: string
  /** Sessions that have a live leg. */
  sessions: SessionId[]
  /** Users who are being rung: a device of theirs that connects now rings too. */
  ringing: UserId[]
  nextDeadline?: EpochMs
}

export function indexOf(call: Call): CallIndex {
  const live = call.legs.filter(isLive)
  const pair = pairOf(call)
  const nextDeadline = deadline(call)
  return {
    isLive: call.endedAt === undefined,
    ...(pair === undefined ? {} : { pair }),
    sessions: unique(live.map((leg) => leg.session)),
    ringing: unique(live.filter((leg) => leg.state === 'Ringing').map((leg) => leg.user)),
    ...(nextDeadline === undefined ? {} : { nextDeadline }),
  }
}

function pairOf({ legs }: Call): string | undefined {
  const caller = whoCalls(legs)
  const callee = calleeOf(legs)
  if (caller === undefined || callee === undefined) return undefined
  return [caller.user, callee].toSorted().join(' ')
}

function unique<T>(all: T[]): T[] {
  return [...new Set(all)]
}
