/**
 * What follows from a change, found by comparing the call before and after: a leg whose own part changed is told all of
 * it, everybody else what changed about the others, and what a leg may do is set before it hears of it. A leg ends once,
 * so it is told its end once.
 */
import type { ParticipantView, RawId } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import { isEqual, isOfLegsAlone, isUntouched, whoseLegsChanged } from './concern.ts'
import type { Effect } from './effects.ts'
import type { CallEvent } from './events.ts'
import { grantOf } from './grant.ts'
import { isLive } from './leg.ts'
import { goneView, peopleOf, type People } from './people.ts'
import { dials, records } from './phones.ts'
import { forwards } from './transfer.ts'
import { ownView, viewOf } from './view.ts'

type Change = { leg: Leg; was: Leg | undefined }

/** The effects of a change, in order: grants, tells, bots, dials, records, closes, forwards. `before` is absent for a call just opened. */
export function effectsOf(before: Call | undefined, call: Call, event?: CallEvent): Effect[] {
  const legsBefore = new Map(before?.legs.map((leg) => [leg.id, leg]))
  const all = call.legs
    .map((leg) => ({ leg, was: legsBefore.get(leg.id) }))
    .filter(({ was }) => was === undefined || isLive(was))
  const isOfLegs = before !== undefined && isOfLegsAlone(before, call)
  const changes = isOfLegs ? all.filter(({ leg, was }) => !isUntouched(leg, was)) : all
  return [
    ...changes.flatMap((change) => grants(before, call, change)),
    ...tells(before, call, { changes, all, isOfLegs }),
    ...changes.flatMap((change) => bots(change)),
    ...changes.flatMap(({ leg, was }) => (was === undefined ? dials(leg) : [])),
    ...changes.flatMap(({ leg, was }) => records(leg, was)),
    ...changes.flatMap(({ leg }) => closes(leg)),
    ...forwards(before, call, event),
  ]
}

/** A new leg has no media yet; what opens it brings its grant along. */
function grants(before: Call | undefined, call: Call, { leg, was }: Change): Effect[] {
  if (before === undefined || was === undefined || !isLive(leg)) return []
  const grant = grantOf(call, leg)
  return isEqual(grant, grantOf(before, was)) ? [] : [{ do: 'grant', legId: leg.id, grant }]
}

function tells(
  before: Call | undefined,
  call: Call,
  { changes, all, isOfLegs }: { changes: readonly Change[]; all: readonly Change[]; isOfLegs: boolean },
): Effect[] {
  let everybody: People | undefined
  const people = (): People => (everybody ??= peopleOf(call))
  const own = changes.flatMap((change) => tellsOwn(before, call, change, people))
  if (before === undefined) return own
  const told = new Set(own.flatMap((effect) => (effect.do === 'tell' ? effect.sessions : [])))
  // A new leg reads the others in the reply, or with its ring; who waits sees nobody.
  const others = all
    .filter(({ leg, was }) => was !== undefined && isLive(leg) && leg.state !== 'InLobby')
    .filter(({ leg: { session } }) => session !== undefined && !told.has(session))
    .map(({ leg }) => leg)
  return [...own, ...tellsOthers(before, call, others, isOfLegs)]
}

function tellsOwn(before: Call | undefined, call: Call, { leg, was }: Change, people: () => People): Effect[] {
  const { session } = leg
  if (session === undefined) return []
  const body = () => ({ call: viewOf(call, leg.id, people()) })
  if (!isLive(leg)) return [{ do: 'tell', sessions: [session], message: { event: 'call.ended', body: body() } }]
  if (before === undefined || was === undefined) {
    // Who placed the call, called back or joined reads the view in the reply to that request. A phone is dialled, unless
    // it is in a call already and transferred into this one.
    if (leg.state !== 'Ringing' || leg.dial !== undefined) return []
    const message = { event: 'call.incoming' as const, body: body() }
    return [{ do: 'tell', sessions: [session], message, expiresAt: leg.ringsUntil }]
  }
  if (isEqual(ownView(call, leg), ownView(before, was))) return []
  return [{ do: 'tell', sessions: [session], message: { event: 'call.changed', body: body() } }]
}

/** One effect for all: however many hear it, it is written once. What is about oneself only is no news. */
function tellsOthers(before: Call, call: Call, legs: readonly Leg[], isOfLegs: boolean): Effect[] {
  if (legs.length === 0) return []
  const participants = changesIn(before, call, isOfLegs ? whoseLegsChanged(before, call) : undefined)
  const hearers = legs.filter((leg) => participants.some(({ id }) => id !== leg.user))
  const sessions = hearers.flatMap(({ session }) => (session === undefined ? [] : [session]))
  if (sessions.length === 0) return []
  const body = { callId: call.id, version: call.version, participants }
  return [{ do: 'tell', sessions, message: { event: 'call.people', body } }]
}

function changesIn(before: Call, call: Call, among: ReadonlySet<RawId> | undefined): ParticipantView[] {
  const [old, now] = [peopleOf(before, among), peopleOf(call, among)]
  const changed = [...now.values()].filter((one) => !isEqual(one, old.get(one.id)))
  const gone = [...old.values()].filter(({ id }) => !now.has(id)).map((was) => goneView(call, was))
  return [...changed, ...gone]
}

function bots({ leg, was }: Change): Effect[] {
  return was === undefined && leg.bot !== undefined && isLive(leg)
    ? [{ do: 'openBot', legId: leg.id, bot: leg.bot }]
    : []
}

function closes(leg: Leg): Effect[] {
  return isLive(leg) ? [] : [{ do: 'closeMedia', legId: leg.id }]
}
