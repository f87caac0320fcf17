/**
 * The only door through which a call changes.
 *
 *   event ──▶ the legs it concerns (the table, and a rule for each thing people do) ──▶ answer ──▶ last one out
 *         ──▶ what ends with the legs that ended ──▶ who is told
 */
import type { EpochMs, FailureName, Limits, NodeId } from '@parley/protocol'
import { answer } from './answer.ts'
import type { Call, Leg } from './call.ts'
import type { Effect } from './effects.ts'
import type { Asked, CallEvent, Met, Placed } from './events.ts'
import { callBack } from './glare.ts'
import type { Happening } from './happening.ts'
import { arrival, join } from './join.ts'
import { giveUp, lastOneOut } from './last-one-out.ts'
import { callingLeg, isLive, ofSession, whoBegan, withLegs } from './leg.ts'
import { admit, deny } from './lobby.ts'
import { dismissAll, endForAll, muteOthers, permit, remove } from './moderation.ts'
import { after, type Moment } from './moment.ts'
import { asker, hushed, may } from './rights.ts'
import { add, ring, ringAlso } from './ring.ts'
import { changeHours, changeRole, closeInTime, uninvite } from './room-changes.ts'
import { dropShare, share } from './sharing.ts'
import { effectsOf } from './tell.ts'
import { askTransfer, cannotCome, transferDone, transferFailed, transferInTime } from './transfer.ts'
import { hear, transition } from './transitions.ts'
import { dropTurns, lowerHands, raiseHand, spotlight } from './turns.ts'

/**
 * What a step gives: the call after it and what is to be done. When nothing changed, `call` is the object that came in,
 * and there are no effects; `refused` then says why, where somebody asked for something that cannot be.
 */
export type Step = { call: Call; effects: Effect[]; refused?: FailureName }

/** How many legs that have ended a group keeps, for requests about them that come late. */
const keptEnded = 32

/** Makes the call that someone places and rings the callees' devices; with none it has ended with noEndpoint at once. */
export function open(placed: Placed, now: EpochMs, limits: Limits): Step {
  const { id, resourceId, mediaNode, caller, to, devices } = placed
  const at = { now, limits }
  const until = after(now, limits.ringMs)
  const rung = devices.reduce<Leg[]>((legs, device) => ring(legs, device, until, at), [callingLeg(caller, until)])
  const isSomebodyThere = rung.some((leg) => leg.side === 'callee' && isLive(leg))
  const legs = isSomebodyThere ? answer(rung, at) : giveUp(rung, at)
  const kind = to.length > 1 ? 'group' : 'direct'
  const call = settled({ ...blank, id, resourceId, kind, openedAt: now, mediaNode, legs }, now)
  return { call, effects: effectsOf(undefined, call) }
}

/** Makes the call that begins when the first one comes to where people meet. */
export function meet(met: Met, now: EpochMs, limits: Limits): Step {
  const { id, resourceId, mediaNode, place, closesAt, hasLobby, joiner, waits } = met
  const kind = 'roomId' in place ? 'room' : 'group'
  const closes = closesAt === undefined ? {} : { closesAt }
  const empty: Call = { ...blank, id, resourceId, kind, place, ...closes, hasLobby, openedAt: now, mediaNode }
  const call = hushed({ ...empty, legs: [arrival(joiner, waits, { now, limits })] })
  return { call, effects: effectsOf(undefined, call) }
}

const blank = { version: 1, hasLobby: false, legs: [], hands: [], spotlights: [], forbidden: [] }

/** Changes a call by what happened. Never touches its input; `now` need not be later than that of the step before. */
export function step(call: Call, event: CallEvent, now: EpochMs, limits: Limits): Step {
  const at = { now, limits }
  const moved = move(call, event, at)
  if (typeof moved === 'string') return { call, effects: [], refused: moved }
  const answered = withLegs(moved, answer(moved.legs, at))
  const next = dropTurns(dropShare(hushed(lastOneOut(call, answered, at))))
  if (next === call) return { call, effects: [] }
  const stepped = settled({ ...next, version: call.version + 1 }, now)
  return { call: tidied(stepped), effects: effectsOf(call, stepped, event) }
}

/** The call as the event alone makes it. */
function move(call: Call, event: CallEvent, at: Moment): Call | FailureName {
  // prettier-ignore
  switch (event.type) {
    case 'deviceCame':     return ringAlso(call, event.device, at)
    case 'calledBack':     return callBack(call, event.device, at)
    case 'joined':         return join(call, event, at)
    case 'accepted':       return ask(call, event, at)
    case 'rejected':       return ask(call, event, at)
    case 'hungUp':         return ask(call, event, at)
    case 'held':           return ask(call, event, at)
    case 'resumed':        return ask(call, event, at)
    case 'muted':          return mute(call, event, at)
    case 'added':          return invite(call, event, at)
    case 'removed':        return remove(call, event, at)
    case 'endedForAll':    return endForAll(call, event, at)
    case 'mutedOthers':    return muteOthers(call, event, at)
    case 'permitted':      return permit(call, event, at)
    case 'admitted':       return admit(call, event, at)
    case 'denied':         return deny(call, event, at)
    case 'shared':         return share(call, event)
    case 'handRaised':     return raiseHand(call, event)
    case 'handsLowered':   return lowerHands(call, event)
    case 'spotlit':        return spotlight(call, event)
    case 'transferAsked':  return askTransfer(call, event, at)
    case 'transferDone':   return transferDone(call, event.id, at)
    case 'transferFailed': return transferFailed(call, event.id, event.reason)
    case 'roleChanged':    return changeRole(call, event.user, event.role, at)
    case 'uninvited':      return uninvite(call, event.user, at)
    case 'hoursChanged':   return changeHours(call, event.closesAt)
    case 'roomClosed':     return dismissAll(call, 'roomClosed', at)
    case 'linkLost':       return report(call, ofSession(call.legs, event.session), event, at)
    case 'linkBack':       return report(call, ofSession(call.legs, event.session), event, at)
    case 'sessionEnded':   return report(call, ofSession(call.legs, event.session), event, at)
    case 'placed':         return place(call, event.mediaNode, at)
    case 'progressed':     return report(call, ofSession(call.legs, event.session), event, at)
    case 'mediaUp':        return report(call, call.legs.find((leg) => leg.id === event.legId), event, at)
    case 'mediaLost':      return report(call, call.legs.find((leg) => leg.id === event.legId), event, at)
    case 'fellDue':        return fallDue(call, at)
  }
}

/** What somebody asked is refused where it cannot be. */
function ask(call: Call, what: Extract<Asked, Happening>, at: Moment): Call | FailureName {
  const leg = ofSession(call.legs, what.session)
  if (leg === undefined) return 'unknownCall'
  const next = transition(leg, what, at)
  return typeof next === 'string' ? next : replace(call, leg, next)
}

/** Everybody may mute himself; to speak takes the right to. */
function mute(call: Call, what: Extract<Asked, { type: 'muted' }>, at: Moment): Call | FailureName {
  const leg = ofSession(call.legs, what.session)
  const isAllowed = what.isMuted || leg === undefined || !isLive(leg) || may(call, leg, 'speak')
  return isAllowed ? ask(call, what, at) : 'cannotUnmute'
}

function invite(call: Call, { session, devices }: Extract<Asked, { type: 'added' }>, at: Moment): Call | FailureName {
  const isDialled = devices.some((device) => device.dial !== undefined)
  const by = asker(call, session, isDialled ? 'dialOut' : 'add')
  if (typeof by === 'string') return by
  return cannotCome(call, devices) ?? add(call, by.id, devices, at)
}

/** A report about a leg that is not here is late, and nothing follows from it. */
function report(call: Call, leg: Leg | undefined, what: Happening, at: Moment): Call {
  return leg === undefined ? call : replace(call, leg, hear(leg, what, at))
}

function fallDue(call: Call, at: Moment): Call {
  const legs = call.legs.map((leg) => hear(leg, { type: 'fellDue' }, at))
  return transferInTime(closeInTime(withLegs(call, legs), at), at)
}

function replace(call: Call, one: Leg, by: Leg): Call {
  return withLegs(
    call,
    call.legs.map((leg) => (leg === one ? by : leg)),
  )
}

/** The call's media begins anew on another node: what anybody had on the one before is lost. */
function place(call: Call, mediaNode: NodeId, at: Moment): Call {
  if (call.endedAt !== undefined || call.mediaNode === mediaNode) return call
  const lost = ({ id: legId, generation }: Leg): Happening => ({ type: 'mediaLost', legId, generation })
  const legs = call.legs.map((leg) => hear(leg, lost(leg), at))
  return { ...call, legs, mediaNode }
}

/** A call is over when its last leg is. */
function settled(call: Call, now: EpochMs): Call {
  return call.legs.some(isLive) ? call : { ...call, endedAt: now }
}

/** People come and go in a group for hours: of those who left the latest are kept, and whoever called those who stay. */
function tidied(call: Call): Call {
  const calling = new Set([whoBegan(call.legs)?.id, ...call.legs.filter(isLive).map(({ addedBy }) => addedBy)])
  const ended = call.legs.filter((leg) => leg.state === 'Disconnected').filter(({ id }) => !calling.has(id))
  if (call.kind === 'direct' || ended.length <= keptEnded) return call
  const dropped = new Set<Leg>(ended.toSorted((one, other) => one.endedAt - other.endedAt).slice(0, -keptEnded))
  return { ...call, legs: call.legs.filter((leg) => !dropped.has(leg)) }
}
