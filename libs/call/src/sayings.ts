/** Who may say something beside sound and picture, and who gets it. It changes no call. */
import type { FailureName, LegId, RawId, Right, Saying, SessionId } from '@parley/protocol'
import type { Call } from './call.ts'
import { isInCall } from './leg.ts'
import { asker } from './rights.ts'

const needs: Record<Saying['kind'], Right> = {
  reaction: 'react',
  text: 'write',
  data: 'write',
  tones: 'hold',
  diagnostic: 'hold',
}

/** Where a saying goes: to everybody else who is in the call, or to those of them that are named. */
export function hearersOf(
  call: Call,
  session: SessionId,
  saying: Saying,
  to?: readonly RawId[],
): { from: RawId; legId: LegId; sessions: SessionId[] } | FailureName {
  const by = asker(call, session, needs[saying.kind])
  if (typeof by === 'string') return by
  if (saying.kind === 'tones' && by.phone === undefined) return 'notInThisCall'
  const hearers = call.legs.filter((leg) => isInCall(leg) && leg.id !== by.id && (to?.includes(leg.user) ?? true))
  if (hearers.length === 0 && to !== undefined) return 'nobodyThere'
  return {
    from: by.user,
    legId: by.id,
    sessions: hearers.flatMap((leg) => (leg.session === undefined ? [] : [leg.session])),
  }
}
