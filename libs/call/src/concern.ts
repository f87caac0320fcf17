/**
 * Whom a change concerns. In a large call most steps are about one leg: that nothing is new for all the others follows
 * without looking at each of them, so that a step costs what has changed and not how many are there.
 */
import type { RawId } from '@parley/protocol'
import type { Call, Leg } from './call.ts'
import { isInCall, whoBegan } from './leg.ts'

/** What of a call nobody is shown. */
const unseen: ReadonlySet<string> = new Set<keyof Call>(['version', 'legs', 'mediaNode', 'closesAt', 'endedAt'])

/**
 * True when nothing changed but legs, in ways that none sees in his own part of the view: who has the very leg that he
 * had, and is in the call, may the same as before and is shown the same of himself. In a direct call each sees himself
 * by what the other does; who lets people in sees who waits.
 */
export function isOfLegsAlone(before: Call, call: Call): boolean {
  if (call.kind === 'direct' || whoBegan(before.legs)?.id !== whoBegan(call.legs)?.id) return false
  if ([...before.legs, ...call.legs].some((leg) => leg.state === 'InLobby')) return false
  return isEqual(shared(before), shared(call))
}

/** Whether a leg is out of it when a change is of legs alone: who calls or rings sees himself by what the others do. */
export function isUntouched(leg: Leg, was: Leg | undefined): boolean {
  return leg === was && isInCall(leg)
}

/** Who has other legs than before. */
export function whoseLegsChanged(before: Call, call: Call): Set<RawId> {
  const [old, now] = [new Set(before.legs), new Set(call.legs)]
  const changed = [...before.legs.filter((leg) => !now.has(leg)), ...call.legs.filter((leg) => !old.has(leg))]
  return new Set(changed.map(({ user }) => user))
}

/** For two values of one maker: the same fields in the same order. */
export function isEqual<T>(one: T, other: T | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function shared(call: Call): unknown[] {
  return Object.entries(call).filter(([field]) => !unseen.has(field))
}
