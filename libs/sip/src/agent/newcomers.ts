/** What is looked at in an INVITE before it becomes a session, and with what it is refused. */
import { descriptionIn, isIntervalTooSmall, sdpType } from '../dialogs/index.ts'
import { Require, type ReplacedDialog } from '../messages/index.ts'
import type { ServerTransaction } from '../transactions/index.ts'
import { readAhead, unknownAmong } from './abilities.ts'
import { reply } from './answering.ts'
import type { BaseSession } from './base-session.ts'
import type { AgentContext } from './context.ts'

/** What is asked for and cannot be had: RFC 3261 sections 8.2.2.3 and 8.2.3, RFC 4028 section 9. True when it was refused. */
export function refusesAmiss(context: AgentContext, transaction: ServerTransaction): boolean {
  const { request } = transaction
  readAhead(request)
  const unknown = unknownAmong(request.headers.all(Require))
  if (unknown.length > 0) {
    reply(context, transaction, 420, { headers: { Unsupported: unknown.join(', ') } })
  } else if (descriptionIn(request).is === 'other') {
    const { transport, remote } = transaction.flow
    context.noticed({ what: 'refused', why: 'a body that is no session description', transport, remote })
    reply(context, transaction, 415, { headers: { Accept: sdpType } })
  } else if (isIntervalTooSmall(request, context.limits)) {
    reply(context, transaction, 422, { headers: { 'Min-SE': String(context.limits.minSessionExpiresS) } })
  } else {
    return false
  }
  return true
}

/** RFC 3891 section 3: with what an INVITE is refused that names this session in Replaces; undefined: it may replace it. */
export function statusOfReplacing(
  session: BaseSession | undefined,
  { isEarlyOnly }: ReplacedDialog,
): number | undefined {
  if (session === undefined) return 481
  if (session.isOver) return 603
  if (session.isConfirmed) return isEarlyOnly ? 486 : undefined
  // An early dialog may be replaced only by those who know of the one whom we are calling.
  return session.direction === 'outgoing' ? undefined : 481
}
