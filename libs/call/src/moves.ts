/** The words of the table: what a leg may do, as functions of (leg, what happened, when). */
import type { EpochMs, FailureName, ReasonName } from '@parley/protocol'
import type { Leg, LegIn } from './call.ts'
import { endpointOf, type InCallLeg } from './leg.ts'
import { after, type Moment } from './moment.ts'

type Waiting = LegIn<'Calling' | 'Ringing' | 'InLobby'>
type Answered = LegIn<'Connected' | 'Reconnecting'>
type Built = { generation: number }

export function stays<L extends Leg>(leg: L): L {
  return leg
}

export function refuses(failure: FailureName) {
  return () => failure
}

/** Refuses what was not granted before: a request that is repeated after a lost reply is no mistake. */
export function refusesUnless<L extends Leg>(wasGranted: (leg: L) => boolean, failure: FailureName) {
  return (leg: L) => (wasGranted(leg) ? leg : failure)
}

/** Of a leg that is in the call: it is there because it accepted, and not because it was answered. */
export function hasAccepted(leg: InCallLeg): boolean {
  return leg.side === 'callee'
}

export function hasDeclined(leg: LegIn<'Disconnected'>): boolean {
  return leg.reason === 'declined'
}

export function mutes(leg: Leg, what: { isMuted: boolean }): Leg {
  return { ...leg, isMuted: what.isMuted }
}

export function isMutedByOther(leg: Leg): Leg {
  return leg.isMuted ? leg : { ...leg, isMuted: true, mutedByOthers: leg.mutedByOthers + 1 }
}

export function holds(leg: Answered): Leg {
  return { ...leg, isHeld: true }
}

export function resumes(leg: Answered): Leg | FailureName {
  return leg.isHeld ? { ...leg, isHeld: false } : 'cannotResume'
}

// Ends

export function ends(reason: ReasonName) {
  return (leg: Leg, _what: unknown, at: Moment): Leg => ended(leg, reason, at)
}

export function endsAsTold(leg: Leg, what: { reason: ReasonName }, at: Moment): Leg {
  return ended(leg, what.reason, at)
}

/** Ends when the time that the leg waits is over. */
export function endsAfter<L extends Leg>(until: (leg: L) => EpochMs, reason: ReasonName) {
  return (leg: L, _what: unknown, at: Moment): Leg => (isOver(until(leg), at) ? ended(leg, reason, at) : leg)
}

/** A participant without link and without media is told of the link: it is what he can do something about. */
export function endsAfterLoss(leg: LegIn<'Reconnecting'>, _what: unknown, at: Moment): Leg {
  if (isOver(leg.linkUntil, at)) return ended(leg, 'linkLost', at)
  if (isOver(leg.mediaUntil, at)) return ended(leg, 'mediaLost', at)
  return leg
}

function ended(leg: Leg, reason: ReasonName, at: Moment): Leg {
  return { ...endpointOf(leg), state: 'Disconnected', reason, endedAt: at.now }
}

function isOver(until: EpochMs | undefined, at: Moment): boolean {
  return until !== undefined && until <= at.now
}

// Coming in

export function accepts(leg: LegIn<'Ringing'>, what: { isMuted: boolean }, at: Moment): Leg {
  return enters({ ...leg, isMuted: what.isMuted }, what, at)
}

/** Answered, or let in. Who is warm talks at once. */
export function enters(leg: Waiting, what: unknown, at: Moment): Leg {
  if (leg.hasMedia) return connects(leg, { generation: leg.generation }, at)
  return { ...endpointOf(leg), state: 'Connecting', connectsUntil: after(at.now, at.limits.connectMs) }
}

export function connects(leg: Leg, { generation }: Built, at: Moment): Leg {
  return { ...endpointOf(leg), generation, state: 'Connected', connectedAt: at.now }
}

// Media

/** Reports about an older build than the newest known one are late, and say nothing about now. */
export function newest<L extends Leg>(follow: (leg: L, what: Built, at: Moment) => Leg) {
  return (leg: L, what: Built, at: Moment): Leg => (what.generation < leg.generation ? leg : follow(leg, what, at))
}

export function warms(leg: Waiting, { generation }: Built): Leg {
  return { ...leg, hasMedia: true, generation }
}

export function losesWarmth(leg: Waiting, { generation }: Built): Leg {
  return { ...leg, hasMedia: false, generation }
}

export function remembers(leg: Leg, { generation }: Built): Leg {
  return { ...leg, generation }
}

// Losing and regaining. The first loss counts: `...leg` puts a moment that runs already over the new one.

export function losesMedia(leg: Answered, { generation }: Built, at: Moment): Leg {
  // Nobody is there who would build a bot's media anew.
  if (leg.bot !== undefined) return ended(leg, 'mediaLost', at)
  return { mediaUntil: after(at.now, at.limits.reconnectMs), ...leg, state: 'Reconnecting', generation }
}

export function losesLink(leg: Answered, _what: unknown, at: Moment): Leg {
  return { linkUntil: after(at.now, at.limits.reconnectMs), ...leg, state: 'Reconnecting' }
}

export function mediaReturns({ mediaUntil: _, ...leg }: LegIn<'Reconnecting'>, { generation }: Built): Leg {
  return recovers({ ...leg, generation })
}

export function linkReturns({ linkUntil: _, ...leg }: LegIn<'Reconnecting'>): Leg {
  return recovers(leg)
}

function recovers(leg: LegIn<'Reconnecting'>): Leg {
  if (leg.linkUntil !== undefined || leg.mediaUntil !== undefined) return leg
  return { ...endpointOf(leg), state: 'Connected', connectedAt: leg.connectedAt }
}
