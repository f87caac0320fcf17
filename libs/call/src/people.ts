/** The people of a call as others see them: once each, however many devices they have. */
import { endOf, type ParticipantView, type RawId } from '@parley/protocol'
import type { Call, Leg, LegStateName, Turn } from './call.ts'
import { isInCall, isLive } from './leg.ts'
import { ringsAs } from './phones.ts'
import { forbiddenTo } from './rights.ts'

/** How a leg shows to others, by how far it has come; a person shows as the farthest of his legs. */
// prettier-ignore
const shown: Record<LegStateName, { state: ParticipantView['state']; rank: number }> = {
  Connected:    { state: 'Connected',    rank: 4 },
  Reconnecting: { state: 'Connected',    rank: 4 },
  Connecting:   { state: 'Connecting',   rank: 3 },
  Calling:      { state: 'Connecting',   rank: 3 }, // to a ringing callee the caller is on his way in
  Ringing:      { state: 'Ringing',      rank: 2 },
  InLobby:      { state: 'InLobby',      rank: 1 },
  Disconnected: { state: 'Disconnected', rank: 0 },
}

export type People = ReadonlyMap<RawId, ParticipantView>

/** Everybody, or those `among` some, who is in the call or rings; who only waits in the lobby is not among them. */
export function peopleOf(call: Call, among?: ReadonlySet<RawId>): People {
  const isThere = (leg: Leg): boolean => isLive(leg) && leg.state !== 'InLobby'
  return show(
    call,
    call.legs.filter((leg) => isThere(leg) && (among?.has(leg.user) ?? true)),
  )
}

/** Who waits to be let in. */
export function lobbyOf(call: Call): ParticipantView[] {
  const inside = new Set(call.legs.filter(isInCall).map((leg) => leg.user))
  const waiting = call.legs.filter((leg) => leg.state === 'InLobby' && !inside.has(leg.user))
  return [...show(call, waiting).values()]
}

/** Everybody who ever had a leg, those who have left among them. */
export function everybodyOf(call: Call): People {
  return new Map([...show(call, call.legs), ...peopleOf(call)])
}

/** The last that is seen of someone: how the legs ended with which he was there. */
export function goneView(call: Call, was: ParticipantView): ParticipantView {
  const last = call.legs.findLast((leg) => was.legIds.includes(leg.id) && leg.state === 'Disconnected')
  const { hand: _, spotlight: __, ...rest } = was
  const end = last?.state === 'Disconnected' ? { end: endOf(last.reason) } : {}
  return { ...rest, state: 'Disconnected', isSharing: false, ...end }
}

function show(call: Call, legs: readonly Leg[]): People {
  const theirs = new Map<RawId, Leg[]>()
  for (const leg of legs) {
    const there = theirs.get(leg.user)
    if (there === undefined) theirs.set(leg.user, [leg])
    else there.push(leg)
  }
  return new Map([...theirs].map(([user, legs]) => [user, participant(call, user, legs)]))
}

function participant(call: Call, user: RawId, legs: readonly Leg[]): ParticipantView {
  const best = legs.reduce((best, leg) => (isFarther(leg, best) ? leg : best))
  return {
    id: user,
    ...nameOf(best),
    state: stateOf(best),
    isMuted: best.isMuted,
    legIds: legs.map((leg) => leg.id),
    ...(best.role === undefined ? {} : { role: best.role }),
    isSharing: legs.some((leg) => leg.id === call.sharing),
    ...turnsOf(call, user),
    forbidden: forbiddenTo(call, { user }),
    ...(best.state === 'Disconnected' ? { end: endOf(best.reason) } : {}),
  }
}

function stateOf(leg: Leg): ParticipantView['state'] {
  if (leg.state === 'Ringing') return ringsAs(leg)
  return isInCall(leg) && leg.state !== 'Connecting' && leg.isHeld ? 'Hold' : shown[leg.state].state
}

/** Of legs that have ended the last one to do so tells how a person left, not the devices that stopped ringing before. */
function isFarther(leg: Leg, best: Leg): boolean {
  if (leg.state === 'Disconnected' && best.state === 'Disconnected') return leg.endedAt > best.endedAt
  return shown[leg.state].rank > shown[best.state].rank
}

/** Which turns someone has (a raised hand, the spotlight). */
export function turnsOf(call: Call, user: RawId): { hand?: number; spotlight?: number } {
  const hand = numberOf(call.hands, user)
  const spotlight = numberOf(call.spotlights, user)
  return { ...(hand === undefined ? {} : { hand }), ...(spotlight === undefined ? {} : { spotlight }) }
}

function numberOf(turns: readonly Turn[], user: RawId): number | undefined {
  return turns.find((turn) => turn.user === user)?.n
}

export function nameOf({ displayName }: { displayName?: string }): { displayName?: string } {
  return displayName === undefined ? {} : { displayName }
}
