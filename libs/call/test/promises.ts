/**
 * What every step promises, whatever the call and whatever happened: checked after each step of every story and of
 * every generated sequence. A broken promise is thrown as a sentence.
 */
import { isDeepStrictEqual } from 'node:util'
import { claimOf, deadline, indexOf, type Call, type CallEvent, type Leg, type Step } from '../src/index.ts'
import { checkEffects } from './effects.ts'
import { isInCall, isLive, isPersonInCall, promise } from './promise.ts'
import { viewFor } from './views.ts'
import { checkRights, checkWhoMayChange } from './rights.ts'

/** How many of those who left a group keeps. */
const keptEnded = 32

/** `event` is absent for a call that has just begun. */
export function checkPromises(before: Call | undefined, after: Step, event?: CallEvent): void {
  const { call, effects } = after
  if (call === before) return promise(effects.length === 0, 'a step without a change has no effects')
  promise(after.refused === undefined, 'a refused step changes nothing')
  promise(before?.endedAt === undefined, 'what is over changes no more')
  promise(call.version === (before?.version ?? 0) + 1, 'the version grows by one with each change')
  checkShape(call)
  for (const leg of call.legs) {
    if (!isLive(leg) && before?.legs.includes(leg)) continue
    checkLeg(call, leg)
    checkRights(call, leg)
  }
  checkIndex(call)
  checkTurns(call)
  if (before !== undefined) checkOutcome(before, call)
  if (before !== undefined && event !== undefined) checkWhoMayChange(before, call, event)
  checkEffects(before, call, effects, event)
  promise(isDeepStrictEqual(JSON.parse(JSON.stringify(after)), after), 'a step survives JSON')
}

/** Freezes a value and all that it holds, so that whoever writes to it throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.values(value).forEach(deepFreeze)
  return Object.freeze(value)
}

function checkShape(call: Call): void {
  const live = call.legs.filter(isLive)
  const sessions = live.filter((leg) => leg.session !== undefined)
  promise((call.endedAt !== undefined) === (live.length === 0), 'a call is over if and only if all its legs are')
  promise(new Set(sessions.map((leg) => leg.session)).size === sessions.length, 'a session has one live leg')
  promise(new Set(call.legs.map((leg) => leg.id)).size === call.legs.length, 'a leg is there once')
  if (call.kind === 'direct') checkDirect(call, live)
  else checkGroup(live)
}

function checkDirect({ transfer }: Call, live: Leg[]): void {
  const callers = live.filter((leg) => leg.side === 'caller')
  const callees = live.filter((leg) => leg.side === 'callee')
  const looks = transfer?.state === 'Transferred' && live.length === 1 && live[0]?.id === transfer.by
  promise(
    live.length === 0 || looks || (callers.length === 1 && callees.length > 0),
    'a live direct call has two sides, but for a moment after a transfer',
  )
  promise(callees.filter(isInCall).length <= 1, 'one device answers')
  promise(!callees.some(isInCall) || callees.length === 1, 'nothing rings on after the answer')
  promise(looks || callees.some(isInCall) === callers.some(isInCall), 'both sides come into the call together')
}

function checkGroup(live: Leg[]): void {
  const isAlive = live.some(isPersonInCall)
  const calls = live.filter((leg) => leg.state === 'Calling')
  const isRung = live.some((leg) => leg.side === 'callee')
  promise(calls.length === 0 || isRung, 'who calls is not alone')
  promise(calls.length === 0 || !live.some((leg) => isInCall(leg) && leg.side !== 'caller'), 'the first answer answers')
  promise(isAlive || calls.length > 0 || live.every((leg) => leg.state === 'InLobby'), 'nobody rings for an empty call')
}

function checkLeg(call: Call, leg: Leg): void {
  const { state } = leg
  const isLost = state !== 'Reconnecting' || leg.linkUntil !== undefined || leg.mediaUntil !== undefined
  const view = viewFor(call, leg)
  promise(isLost, 'who reconnects has lost something')
  promise((view.end !== undefined) === (state === 'Disconnected'), 'an end shows in the last view')
  promise(!view.participants.some(({ id }) => id === leg.user), 'nobody is a participant to himself')
  promise(state !== 'InLobby' || view.participants.length === 0, 'who waits in the lobby sees nobody')
  promise(state !== 'InLobby' || call.hasLobby, 'nobody waits where there is no lobby')
  promise(!isLive(leg) || view.participants.every(({ end }) => end === undefined), 'who has left is not seen any more')
}

function checkIndex(call: Call): void {
  const index = indexOf(call)
  const live = call.legs.filter(isLive)
  const { place, kind, closesAt, transfer } = call
  const isPhones = call.legs.some((leg) => leg.phone !== undefined)
  const isUnanswered = kind === 'direct' && live.some((leg) => leg.state === 'Calling') && !isPhones
  const sessions = live.flatMap(({ session }) => (session === undefined ? [] : [session]))
  const ringing = live.filter((leg) => leg.state === 'Ringing').map((leg) => leg.user)
  promise(index.isLive === live.length > 0, 'the index knows whether the call is over')
  promise(place === undefined || index.claim === claimOf(place), 'a call has the claim of its place')
  promise(
    place !== undefined || (index.claim !== undefined) === isUnanswered,
    'an unanswered direct call claims its pair, and no other placed call claims anything',
  )
  promise(isDeepStrictEqual(new Set(index.ringing), new Set(ringing)), 'the index has who is rung')
  promise(isDeepStrictEqual(new Set(index.sessions), new Set(sessions)), 'the index has the sessions of live legs')
  promise(index.nextDeadline === deadline(call), 'the index has the deadline')
  const isClosing = closesAt !== undefined || transfer?.until !== undefined
  const waits = live.some((leg) => leg.state !== 'Connected') || (live.length > 0 && isClosing)
  promise((index.nextDeadline !== undefined) === waits, 'whoever waits has a deadline, and nobody else has')
}

function checkTurns({ legs, hands, spotlights }: Call): void {
  const here = new Set(legs.filter(isInCall).map((leg) => leg.user))
  for (const turns of [hands, spotlights]) {
    promise(
      turns.every(({ user }) => here.has(user)),
      'a turn is of someone who is in the call',
    )
    promise(new Set(turns.map(({ user }) => user)).size === turns.length, 'everybody has one turn')
    promise(
      turns.every(({ n }, at) => n >= (turns[at - 1]?.n ?? 0)),
      'turns are in their order',
    )
  }
}

function checkOutcome(before: Call, call: Call): void {
  const ended = call.legs.filter((leg) => !isLive(leg)).length
  for (const was of before.legs) {
    const leg = call.legs.find((one) => one.id === was.id)
    if (leg === undefined) {
      promise(call.kind !== 'direct' && ended >= keptEnded, 'a call remembers who left, as long as they are few')
      continue
    }
    promise(leg.session === was.session && leg.side === was.side, 'a leg stays whose it is')
    promise(isLive(was) || leg === was, 'Disconnected is final')
  }
}
