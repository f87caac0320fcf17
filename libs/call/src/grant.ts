/** What a leg may do at its sfu. */
import type { Grant } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import { isHeldByOther } from './holding.ts'
import { hasEarlyMedia } from './phones.ts'
import { sourcesOf } from './rights.ts'

/**
 * Nothing is sent or heard before someone has accepted, or was let in. A caller may open his tracks while it rings, so
 * that they flow at the moment of the answer, but they stay paused; a device that rings, or a person who waits, may
 * warm up and no more. What the network of a phone says before the answer is heard by who calls it. A call on hold is silent both ways.
 */
export function grantOf(call: Call, leg: Leg): Grant {
  const send = sourcesOf(call, leg)
  switch (leg.state) {
    case 'Calling':
      return { send, paused: send, receive: hasEarlyMedia(call, leg) }
    case 'Ringing':
      return { send: hasEarlyMedia(call, leg) ? ['microphone'] : [], paused: [], receive: false }
    case 'InLobby':
    case 'Disconnected':
      return { send: [], paused: [], receive: false }
    case 'Connecting':
    case 'Connected':
    case 'Reconnecting':
      if (leg.isHeld || isHeldByOther(call, leg)) return { send, paused: send, receive: false }
      return { send, paused: leg.isMuted ? ['microphone'] : [], receive: true }
  }
}
