/** What a leg may do at its sfu. */
import type { Grant, Source } from '@parley/protocol'
import type { Leg } from './call.ts'

const every: Source[] = ['microphone', 'camera']

/**
 * Nothing is sent or heard before someone has accepted. A caller may open his tracks while it rings, so that they flow
 * at the moment of the answer, but they stay paused; a device that rings may warm up and no more.
 */
export function grantOf(leg: Leg): Grant {
  switch (leg.state) {
    case 'Calling':
      return { send: every, paused: every, receive: false }
    case 'Ringing':
    case 'Disconnected':
      return { send: [], paused: [], receive: false }
    case 'Connecting':
    case 'Connected':
    case 'Reconnecting':
      return { send: every, paused: leg.isMuted ? ['microphone'] : [], receive: true }
  }
}
