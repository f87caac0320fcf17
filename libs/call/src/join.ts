/** People who come by themselves to where a group or a room meets. */
import type { EpochMs, FailureName } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import type { CallEvent, Coming } from './events.ts'
import { comingLeg, isLive, waitingLeg, withLegs } from './leg.ts'
import { after, type Moment } from './moment.ts'
import { hear } from './transitions.ts'

type Joined = Extract<CallEvent, { type: 'joined' }>

/** Who is there already stays as he is; a device that rings for this call has accepted it by coming. */
export function join(call: Call, { device, waits, hasLobby }: Joined, at: Moment): Call | FailureName {
  if (call.place === undefined || call.endedAt !== undefined) return 'unknownCall'
  const { session, isMuted } = device
  const there = call.legs.find((leg) => isLive(leg) && leg.session === session)
  if (there?.state === 'Ringing' && session !== undefined) {
    const accepted = { type: 'accepted', session, isMuted } as const
    return withLegs(
      call,
      call.legs.map((leg) => (leg === there ? hear(leg, accepted, at) : leg)),
    )
  }
  if (there !== undefined) return call
  const people = new Set(call.legs.filter(isLive).map((leg) => leg.user))
  if (!people.has(device.user) && people.size >= at.limits.participants) return 'callFull'
  const legs = hasLobby ? call.legs : letInAll(call.legs, at)
  return { ...call, hasLobby, legs: [...legs, arrival(device, waits, at)] }
}

/** Where the lobby has gone, nobody could open its door any more. */
function letInAll(legs: Leg[], at: Moment): Leg[] {
  return legs.map((leg) => (leg.state === 'InLobby' ? hear(leg, { type: 'letIn' }, at) : leg))
}

/** The leg of someone who comes. */
export function arrival(device: Coming, waits: boolean, at: Moment): Leg {
  const until = (ms: number): EpochMs => after(at.now, ms)
  return waits ? waitingLeg(device, until(at.limits.lobbyMs)) : comingLeg(device, 'joiner', until(at.limits.connectMs))
}
