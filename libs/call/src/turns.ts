/** Raised hands and the spotlight: lists of people in the order of their turn. */
import { maxSpotlit, type FailureName, type RawId } from '@parley/protocol'
import type { Call, Turn } from './call.ts'
import type { Asked } from './events.ts'
import { isInCall } from './leg.ts'
import { asker, may } from './rights.ts'

type AskedFor<T extends Asked['type']> = Extract<Asked, { type: T }>

/** Who may not raise a hand any more has none up: to lower it is no mistake (the UI library does so by itself). */
export function raiseHand(call: Call, { session, isUp }: AskedFor<'handRaised'>): Call | FailureName {
  const by = asker(call, session, isUp ? 'raiseHand' : 'react')
  if (typeof by === 'string') return by
  return set(call, 'hands', isUp ? take(call, call.hands, [by.user]) : without(call.hands, [by.user]))
}

export function lowerHands(call: Call, { session, who }: AskedFor<'handsLowered'>): Call | FailureName {
  const by = asker(call, session, 'lowerOthersHands')
  if (typeof by === 'string') return by
  return set(call, 'hands', who === undefined ? [] : without(call.hands, who))
}

/** Who may not put others into the spotlight may still leave it himself. */
export function spotlight(call: Call, { session, who, isOn }: AskedFor<'spotlit'>): Call | FailureName {
  const isOwnEnd = !isOn && who?.length === 1 && call.legs.some((leg) => leg.session === session && who[0] === leg.user)
  const by = asker(call, session, isOwnEnd ? 'react' : 'spotlightOthers')
  if (typeof by === 'string') return by
  if (!isOn) return set(call, 'spotlights', who === undefined ? [] : without(call.spotlights, who))
  const here = (who ?? [by.user]).filter((user) => call.legs.some((leg) => leg.user === user && isInCall(leg)))
  if (here.length === 0) return 'nobodyThere'
  const spotlights = take(call, call.spotlights, here)
  return spotlights.length > maxSpotlit ? 'tooManySpotlit' : set(call, 'spotlights', spotlights)
}

/** Turns of people who have left, or who may not have one any more, are over. */
export function dropTurns(call: Call): Call {
  const here = call.legs.filter(isInCall)
  const hands = call.hands.filter(({ user }) => here.some((leg) => leg.user === user && may(call, leg, 'raiseHand')))
  const spotlights = call.spotlights.filter(({ user }) => here.some((leg) => leg.user === user))
  return set(set(call, 'hands', hands), 'spotlights', spotlights)
}

/** The version that comes next numbers the turns that begin with it: later ones are higher. */
function take(call: Call, turns: Turn[], users: RawId[]): Turn[] {
  const fresh = [...new Set(users)].filter((user) => !turns.some((turn) => turn.user === user))
  return [...turns, ...fresh.map((user) => ({ user, n: call.version + 1 }))]
}

function without(turns: Turn[], users: RawId[]): Turn[] {
  return turns.filter(({ user }) => !users.includes(user))
}

function set(call: Call, name: 'hands' | 'spotlights', turns: Turn[]): Call {
  const isSame = turns.length === call[name].length && turns.every((turn, n) => turn === call[name][n])
  return isSame ? call : { ...call, [name]: turns }
}
