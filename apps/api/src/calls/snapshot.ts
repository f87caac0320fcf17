/** What a session is shown of calls when it has missed events for good: how each is, or how it ended. */
import { viewOf, type Call } from '@parley/call'
import type { CallView, SessionId } from '@parley/protocol'

/** Calls that the session was never in are left out. */
export function snapshotFor(session: SessionId, calls: readonly Call[]): CallView[] {
  return calls.flatMap((call) => {
    const own = call.legs.filter((leg) => leg.session === session)
    // Who came back to a call has a leg that ended and a new one.
    const leg = own.find(({ state }) => state !== 'Disconnected') ?? own.at(-1)
    if (leg === undefined) return []
    const view = viewOf(call, leg.id)
    // Who is out of a call that goes on learns why, and not who is there now.
    const isOut = leg.state === 'Disconnected' && call.endedAt === undefined
    return [isOut ? { ...view, participants: [] } : view]
  })
}
