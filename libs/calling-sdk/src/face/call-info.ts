import { type CallView, endOf, type End, type Place, type ReasonName } from '@parley/protocol'
import { CallingError } from '../calling-error.ts'
import type { Leg } from '../link/leg.ts'
import type { CallEndReason, CallerInfo, CallInfo } from './contract/call.ts'
import { identifierOf } from './identifiers.ts'

/** The ids of a call, as they are when they are read; of one that is joined, where it is joined. */
export function callInfoOf(leg: Leg, place?: Place): CallInfo {
  const { groupId, roomId }: { groupId?: string; roomId?: string } = place ?? {}
  return {
    get groupId() {
      return leg.view?.groupId ?? groupId
    },
    get roomId() {
      return leg.view?.roomId ?? roomId
    },
    threadId: undefined,
    get participantId() {
      return leg.view?.legId ?? ''
    },
    getServerCallId: () => Promise.resolve(leg.callId),
    // Nothing here changes after the call has begun.
    onCallInfoChanged: () => {},
    offCallInfoChanged: () => {},
  }
}

export function callerInfoOf({ caller }: CallView): CallerInfo {
  const { displayName } = caller
  return { identifier: identifierOf(caller.id), ...(displayName === undefined ? {} : { displayName }) }
}

/** An end as apps read it. A new object each time: apps freeze what they are given. */
export function endReasonOf(end: End | ReasonName): CallEndReason {
  const { code, subCode, message } = typeof end === 'string' ? endOf(end) : end
  return { code, subCode, message }
}

/** The end of a call that could not be placed. */
export function endReasonOfError(error: unknown): CallEndReason {
  if (!(error instanceof CallingError)) return endReasonOf('unavailable')
  const { code, subCode, message } = error
  return { code, subCode, message }
}
