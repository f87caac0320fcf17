/** The answer: when a callee's device has come in, the caller comes in too and that callee's other devices stop. */
import type { Leg } from './call.ts'
import type { Happening } from './happening.ts'
import { isInCall } from './leg.ts'
import type { Moment } from './moment.ts'
import { hear } from './transitions.ts'

export function answer(legs: Leg[], at: Moment): Leg[] {
  const came = new Set(legs.filter((leg) => leg.side !== 'caller' && isInCall(leg)).map((leg) => leg.user))
  if (came.size === 0) return legs
  return legs.map((leg) => {
    if (leg.state === 'Calling') return hear(leg, toCaller, at)
    return leg.state === 'Ringing' && came.has(leg.user) ? hear(leg, toOtherDevices, at) : leg
  })
}

const toCaller: Happening = { type: 'answered' }
const toOtherDevices: Happening = { type: 'answeredElsewhere' }
