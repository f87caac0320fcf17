/** Screen sharing: one at a time. Who begins takes it from who has it. */
import type { FailureName } from '@parley/protocol'
import type { Call } from './call.ts'
import type { Asked } from './events.ts'
import { isInCall } from './leg.ts'
import { asker, may } from './rights.ts'

export function share(call: Call, asked: Extract<Asked, { type: 'shared' }>): Call | FailureName {
  const by = asker(call, asked.session, asked.isOn ? 'shareScreen' : 'hold')
  if (typeof by === 'string') return by
  if (asked.isOn) {
    if (by.state === 'Connecting' || by.isHeld) return 'notConnected'
    return call.sharing === by.id ? call : { ...call, sharing: by.id }
  }
  return call.sharing === by.id ? unshared(call) : call
}

/** A share ends with the leg, or the right, of who shares. */
export function dropShare(call: Call): Call {
  if (call.sharing === undefined) return call
  const sharer = call.legs.find((leg) => leg.id === call.sharing)
  return sharer !== undefined && isInCall(sharer) && may(call, sharer, 'shareScreen') ? call : unshared(call)
}

function unshared({ sharing: _, ...call }: Call): Call {
  return call
}
