/** What a leg may do at its sfu. */
import type { Grant } from '@parley/protocol'
import type { Leg } from './call.ts'
import { isInCall, isLive } from './leg.ts'

/** Who calls or rings may warm up and no more: nothing is sent or heard before someone has accepted. */
export function grantOf(leg: Leg): Grant {
  const mayTalk = isInCall(leg)
  return {
    send: mayTalk ? ['microphone', 'camera'] : [],
    paused: leg.isMuted && isLive(leg) ? ['microphone'] : [],
    receive: mayTalk,
  }
}
