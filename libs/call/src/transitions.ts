/**
 * The table of a call's rules: what a leg in each state becomes when something happens to it. A cell is a word of
 * moves.ts. What a leg's change means for the others is decided elsewhere: answer.ts, glare.ts, last-one-out.ts;
 * and what one person does to others in moderation.ts and lobby.ts.
 */
import type { FailureName } from '@parley/protocol'
import type { Leg, LegIn, LegStateName } from './call.ts'
import type { Happening, HappeningName, HappeningOf } from './happening.ts'
import type { Moment } from './moment.ts'
import {
  accepts,
  connects,
  ends,
  endsAfter,
  endsAfterLoss,
  endsAsTold,
  enters,
  hasAccepted,
  hasDeclined,
  holds,
  isMutedByOther,
  linkReturns,
  losesLink,
  losesMedia,
  losesWarmth,
  mediaReturns,
  mutes,
  newest,
  refuses,
  refusesUnless,
  resumes,
  remembers,
  stays,
  warms,
} from './moves.ts'
import { progresses, takesCodec } from './phones.ts'

type Cell<S extends LegStateName, H extends HappeningName> = (
  leg: LegIn<S>,
  what: HappeningOf<H>,
  at: Moment,
) => Leg | FailureName
type Transitions = { readonly [S in LegStateName]: { readonly [H in HappeningName]: Cell<S, H> } }

// prettier-ignore
export const onLeg: Transitions = {
  // The caller, until somebody answers. A lost link costs nothing yet: callsUntil goes on.
  Calling: {
    accepted:          refuses('cannotAccept'),
    rejected:          refuses('cannotReject'),
    hungUp:            ends('cancelled'),
    muted:             mutes,
    held:              refuses('cannotHold'),
    resumed:           refuses('cannotResume'),
    linkLost:          stays,
    linkBack:          stays,
    sessionEnded:      endsAsTold,
    progressed:        takesCodec,
    mediaUp:           newest(warms),
    mediaLost:         newest(losesWarmth),
    fellDue:           endsAfter((leg) => leg.callsUntil, 'noAnswer'),
    answered:          enters,
    answeredElsewhere: stays,
    letIn:             stays,
    mutedByOther:      stays,
    dismissed:         endsAsTold,
  },
  // A callee's device, until its person decides or another device is quicker.
  Ringing: {
    accepted:          accepts,
    rejected:          ends('declined'),
    hungUp:            ends('declined'),
    muted:             mutes,
    held:              refuses('cannotHold'),
    resumed:           refuses('cannotResume'),
    linkLost:          stays,
    linkBack:          stays,
    sessionEnded:      endsAsTold,
    progressed:        progresses,
    mediaUp:           newest(warms),
    mediaLost:         newest(losesWarmth),
    fellDue:           endsAfter((leg) => leg.ringsUntil, 'noAnswer'),
    answered:          stays,
    answeredElsewhere: ends('acceptedElsewhere'),
    letIn:             stays,
    mutedByOther:      stays,
    dismissed:         endsAsTold,
  },
  // Waits to be let in: hears and says nothing.
  InLobby: {
    accepted:          refuses('cannotAccept'),
    rejected:          refuses('cannotReject'),
    hungUp:            ends('hungUp'),
    muted:             mutes,
    held:              refuses('cannotHold'),
    resumed:           refuses('cannotResume'),
    linkLost:          stays,
    linkBack:          stays,
    sessionEnded:      endsAsTold,
    progressed:        takesCodec,
    mediaUp:           newest(warms),
    mediaLost:         newest(losesWarmth),
    fellDue:           endsAfter((leg) => leg.waitsUntil, 'lobbyDenied'),
    answered:          stays,
    answeredElsewhere: stays,
    letIn:             enters,
    mutedByOther:      stays,
    dismissed:         endsAsTold,
  },
  // Answered, and without media so far. A lost link or a lost build may return within connectsUntil.
  Connecting: {
    accepted:          refusesUnless(hasAccepted, 'cannotAccept'),
    rejected:          refuses('cannotReject'),
    hungUp:            ends('hungUp'),
    muted:             mutes,
    held:              refuses('cannotHold'),
    resumed:           refuses('cannotResume'),
    linkLost:          stays,
    linkBack:          stays,
    sessionEnded:      endsAsTold,
    progressed:        takesCodec,
    mediaUp:           newest(connects),
    mediaLost:         newest(remembers),
    fellDue:           endsAfter((leg) => leg.connectsUntil, 'connectFailed'),
    answered:          stays,
    answeredElsewhere: stays,
    letIn:             stays,
    mutedByOther:      isMutedByOther,
    dismissed:         endsAsTold,
  },
  // Nothing is waited for.
  Connected: {
    accepted:          refusesUnless(hasAccepted, 'cannotAccept'),
    rejected:          refuses('cannotReject'),
    hungUp:            ends('hungUp'),
    muted:             mutes,
    held:              holds,
    resumed:           resumes,
    linkLost:          losesLink,
    linkBack:          stays,
    sessionEnded:      endsAsTold,
    progressed:        takesCodec,
    mediaUp:           newest(remembers),
    mediaLost:         newest(losesMedia),
    fellDue:           stays,
    answered:          stays,
    answeredElsewhere: stays,
    letIn:             stays,
    mutedByOther:      isMutedByOther,
    dismissed:         endsAsTold,
  },
  // Link or media, or both, are lost; each has its own time to return.
  Reconnecting: {
    accepted:          refusesUnless(hasAccepted, 'cannotAccept'),
    rejected:          refuses('cannotReject'),
    hungUp:            ends('hungUp'),
    muted:             mutes,
    held:              holds,
    resumed:           resumes,
    linkLost:          losesLink,
    linkBack:          linkReturns,
    sessionEnded:      endsAsTold,
    progressed:        takesCodec,
    mediaUp:           newest(mediaReturns),
    mediaLost:         newest(losesMedia),
    fellDue:           endsAfterLoss,
    answered:          stays,
    answeredElsewhere: stays,
    letIn:             stays,
    mutedByOther:      isMutedByOther,
    dismissed:         endsAsTold,
  },
  // Final. A hang-up or a mute that comes too late is no mistake.
  Disconnected: {
    accepted:          refuses('cannotAccept'),
    rejected:          refusesUnless(hasDeclined, 'cannotReject'),
    hungUp:            stays,
    muted:             stays,
    held:              refuses('cannotHold'),
    resumed:           refuses('cannotResume'),
    linkLost:          stays,
    linkBack:          stays,
    sessionEnded:      stays,
    progressed:        stays,
    mediaUp:           stays,
    mediaLost:         stays,
    fellDue:           stays,
    answered:          stays,
    answeredElsewhere: stays,
    letIn:             stays,
    mutedByOther:      stays,
    dismissed:         stays,
  },
}

/** Looks a leg's cell up and follows it. A leg that stays as it was is the same object. */
export function transition(leg: Leg, what: Happening, at: Moment): Leg | FailureName {
  // The table's type guarantees that this cell takes this state and this happening; two open indices hide it.
  const cell = onLeg[leg.state][what.type] as (leg: Leg, what: Happening, at: Moment) => Leg | FailureName
  const next = cell(leg, what, at)
  return typeof next !== 'string' && isSame(leg, next) ? leg : next
}

/** The same for what follows from another leg or from time: nobody asked, so a refusal is of no interest. */
export function hear(leg: Leg, what: Happening, at: Moment): Leg {
  const next = transition(leg, what, at)
  return typeof next === 'string' ? leg : next
}

/** Legs are flat, so field by field is enough. */
function isSame(one: Leg, other: Leg): boolean {
  const fields = new Map<string, unknown>(Object.entries(one))
  const others = Object.entries(other)
  return fields.size === others.length && others.every(([name, value]) => fields.get(name) === value)
}
