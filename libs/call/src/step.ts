/**
 * The only door through which a call changes.
 *
 *   event ──▶ the legs it concerns (ring, glare, the table) ──▶ answer ──▶ last one out ──▶ who is told
 */
import type { EpochMs, FailureName, Limits, NodeId, SessionId } from '@parley/protocol'
import { answer } from './answer.ts'
import type { Call, Leg } from './call.ts'
import type { Effect } from './effects.ts'
import type { CallEvent, Placed } from './events.ts'
import { callBack } from './glare.ts'
import type { Happening } from './happening.ts'
import { giveUp, lastOneOut } from './last-one-out.ts'
import { callingLeg, isLive } from './leg.ts'
import { after, type Moment } from './moment.ts'
import { ring, ringAlso } from './ring.ts'
import { effectsOf } from './tell.ts'
import { hear, transition } from './transitions.ts'

/**
 * What a step gives: the call after it and what is to be done. When nothing changed, `call` is the object that came in,
 * and there are no effects; `refused` then says why, where somebody asked for something that cannot be.
 */
export type Step = { call: Call; effects: Effect[]; refused?: FailureName }

/** Makes the call that someone places and rings the callee's devices; with none it has ended with noEndpoint at once. */
export function open(placed: Placed, now: EpochMs, limits: Limits): Step {
  const { id, resourceId, mediaNode, caller, devices } = placed
  const until = after(now, limits.ringMs)
  const rung = devices.reduce<Leg[]>((legs, device) => ring(legs, device, until), [callingLeg(caller, until)])
  const legs = rung.length > 1 ? rung : giveUp(rung, { now, limits })
  const call = settled({ id, resourceId, kind: 'direct', version: 1, openedAt: now, mediaNode, legs }, now)
  return { call, effects: effectsOf(undefined, call) }
}

/** Changes a call by what happened. Never touches its input; `now` need not be later than that of the step before. */
export function step(call: Call, event: CallEvent, now: EpochMs, limits: Limits): Step {
  if (event.type === 'placed') return place(call, event.mediaNode)
  const at = { now, limits }
  const moved = move(call.legs, event, at)
  if (typeof moved === 'string') return { call, effects: [], refused: moved }
  const legs = lastOneOut(call.legs, answer(moved, at), at)
  if (isUnchanged(call.legs, legs)) return { call, effects: [] }
  const next = settled({ ...call, version: call.version + 1, legs }, now)
  return { call: next, effects: effectsOf(call, next) }
}

/** The legs that an event concerns, moved. */
function move(legs: Leg[], event: Exclude<CallEvent, { type: 'placed' }>, at: Moment): Leg[] | FailureName {
  // prettier-ignore
  switch (event.type) {
    case 'deviceCame':   return ringAlso(legs, event.device, at)
    case 'calledBack':   return callBack(legs, event.device, at)
    case 'accepted':     return ask(legs, event, at)
    case 'rejected':     return ask(legs, event, at)
    case 'hungUp':       return ask(legs, event, at)
    case 'muted':        return ask(legs, event, at)
    case 'linkLost':     return report(legs, ofSession(legs, event.session), event, at)
    case 'linkBack':     return report(legs, ofSession(legs, event.session), event, at)
    case 'sessionEnded': return report(legs, ofSession(legs, event.session), event, at)
    case 'mediaUp':      return report(legs, legs.find((leg) => leg.id === event.legId), event, at)
    case 'mediaLost':    return report(legs, legs.find((leg) => leg.id === event.legId), event, at)
    case 'fellDue':      return legs.map((leg) => hear(leg, event, at))
  }
}

/** The live leg of a session, or the last one that it had: a device that declined may have called back since. */
function ofSession(legs: readonly Leg[], session: SessionId): Leg | undefined {
  const own = legs.filter((leg) => leg.session === session)
  return own.find(isLive) ?? own.at(-1)
}

/** What somebody asked is refused where it cannot be. */
function ask(legs: Leg[], what: Happening & { session: SessionId }, at: Moment): Leg[] | FailureName {
  const leg = ofSession(legs, what.session)
  if (leg === undefined) return 'unknownCall'
  const next = transition(leg, what, at)
  return typeof next === 'string' ? next : replace(legs, leg, next)
}

/** A report about a leg that is not here is late, and nothing follows from it. */
function report(legs: Leg[], leg: Leg | undefined, what: Happening, at: Moment): Leg[] {
  return leg === undefined ? legs : replace(legs, leg, hear(leg, what, at))
}

function replace(legs: Leg[], one: Leg, by: Leg): Leg[] {
  return legs.map((leg) => (leg === one ? by : leg))
}

function isUnchanged(before: Leg[], legs: Leg[]): boolean {
  return legs.length === before.length && legs.every((leg, n) => leg === before[n])
}

function place(call: Call, mediaNode: NodeId): Step {
  if (call.endedAt !== undefined || call.mediaNode === mediaNode) return { call, effects: [] }
  return { call: { ...call, version: call.version + 1, mediaNode }, effects: [] }
}

/** A call is over when its last leg is. */
function settled(call: Call, now: EpochMs): Call {
  return call.legs.some(isLive) ? call : { ...call, endedAt: now }
}
