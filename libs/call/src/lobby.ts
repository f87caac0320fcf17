/** The lobby: who waits is let in or sent away by those who may, some by name or all at once. */
import type { FailureName, RawId, SessionId } from '@parley/protocol'
import type { Call } from './call.ts'
import type { Happening } from './happening.ts'
import { withLegs } from './leg.ts'
import type { Moment } from './moment.ts'
import { asker } from './rights.ts'
import { hear } from './transitions.ts'

type Asked = { session: SessionId; who?: RawId[] | undefined }

export function admit(call: Call, asked: Asked, at: Moment): Call | FailureName {
  return toWaiting(call, asked, { type: 'letIn' }, at)
}

export function deny(call: Call, asked: Asked, at: Moment): Call | FailureName {
  return toWaiting(call, asked, { type: 'dismissed', reason: 'lobbyDenied' }, at)
}

/** Letting all in while nobody waits is no mistake; naming someone who does not wait is one. */
function toWaiting(call: Call, { session, who }: Asked, what: Happening, at: Moment): Call | FailureName {
  const by = asker(call, session, 'admit')
  if (typeof by === 'string') return by
  const waiting = call.legs.filter((leg) => leg.state === 'InLobby' && (who === undefined || who.includes(leg.user)))
  if (waiting.length === 0 && who !== undefined) return 'nobodyThere'
  return withLegs(
    call,
    call.legs.map((leg) => (waiting.includes(leg) ? hear(leg, what, at) : leg)),
  )
}
