/**
 * Who may dial what, decided before anything is sent: out of what somebody wishes, what the operator has settled and
 * what goes on already comes a dial order, or the reason of a refusal. Pure; a sip node only carries the order out.
 */
import type { Dial, PhoneNumber, ReasonName } from '@parley/protocol'
import { barredPrefixes, emergencyNumbers } from './barred-numbers.ts'
import { isReadAsMeant } from './national-numbers.ts'
import { matchesPattern } from './number-patterns.ts'
import type { OwnNumber } from './own-number.ts'
import { isSameName, trunkNamed, type KeptTrunk, type PhoneBook, type Route } from './phone-book.ts'

export type DialWish = {
  number: PhoneNumber
  /** What the phone is to show (ACS: alternateCallerId). */
  callerId: PhoneNumber | undefined
}

export type CallsCounted = { atOnce: number; lastMinute: number }
/** What goes on already, in and out. */
export type CallsInUse = { byUser: CallsCounted; byTrunk: ReadonlyMap<string, CallsCounted> }

export type Dialling = { dial: Dial } | { refused: ReasonName }

/** How many trunks one call tries. */
const maxTried = 16

/** `own` is the number to be shown, as the resource has it; undefined when it has none such. */
export function diallingOf(wish: DialWish, book: PhoneBook, own: OwnNumber | undefined, inUse: CallsInUse): Dialling {
  const { number, callerId } = wish
  if (emergencyNumbers.has(number)) return { refused: 'emergencyNumber' }
  if (book.isDraining) return { refused: 'unavailable' }
  if (book.trunks.length === 0) return { refused: 'noTrunk' }
  if (callerId === undefined) return { refused: 'callerIdRefused' }
  const routed = trunksFor(number, book)
  if (routed.length === 0) return { refused: 'noRoute' }
  const allowed = routed.filter((trunk) => mayCall(number, trunk.allowedPrefixes) && isReadAsMeant(number, trunk))
  if (allowed.length === 0) return { refused: 'numberForbidden' }
  const showing = allowed.filter((trunk) => mayShow(trunk, own))
  if (showing.length === 0) return { refused: 'callerIdRefused' }
  if (!hasRoom(book.perUser, inUse.byUser)) return { refused: 'tooManyPhoneCalls' }
  const free = showing.filter((trunk) => trunkHasRoom(trunk, inUse))
  if (free.length === 0) return { refused: 'tooManyPhoneCalls' }
  const isHidden = own?.isHidden ?? false
  return { dial: { number, callerId, isHidden, trunks: free.slice(0, maxTried).map(({ fqdn }) => fqdn) } }
}

/** The routes that a number matches, in their order. */
export function routesFor(number: string, routes: readonly Route[]): Route[] {
  return routes.filter(({ numberPattern }) => matchesPattern(numberPattern, number))
}

/** ACS: the first route that matches, and when none of its trunks can be had, the next one; each trunk once. */
export function trunksFor(number: PhoneNumber, { routes, trunks }: Pick<PhoneBook, 'routes' | 'trunks'>): KeptTrunk[] {
  const named = routesFor(number, routes).flatMap((route) => route.trunks)
  const there = named.map((fqdn) => trunkNamed(trunks, fqdn)).filter((trunk) => trunk !== undefined)
  return [...new Set(there)]
}

/** Whether a trunk has room for one call more. */
export function trunkHasRoom(trunk: KeptTrunk, { byTrunk }: Pick<CallsInUse, 'byTrunk'>): boolean {
  return hasRoom(trunk, byTrunk.get(trunk.fqdn) ?? { atOnce: 0, lastMinute: 0 })
}

/**
 * Whether one of these beginnings allows a number. What costs more has to be named itself, or something longer: `+`
 * allows the world without it, `+49` Germany without it, `+49900` a German premium number.
 */
export function mayCall(number: string, allowedPrefixes: readonly string[]): boolean {
  const barred = barredPrefixes.filter((prefix) => number.startsWith(prefix))
  return allowedPrefixes.some(
    (allowed) => number.startsWith(allowed) && barred.every((prefix) => allowed.startsWith(prefix)),
  )
}

function mayShow(trunk: KeptTrunk, own: OwnNumber | undefined): boolean {
  if (trunk.takesForeignCallerIds) return true
  if (own === undefined) return false
  return own.trunks === undefined || own.trunks.some((fqdn) => isSameName(fqdn, trunk.fqdn))
}

type Room = { callsAtOnce?: number | undefined; callsPerMinute?: number | undefined }

function hasRoom({ callsAtOnce = Infinity, callsPerMinute = Infinity }: Room, counted: CallsCounted): boolean {
  return counted.atOnce < callsAtOnce && counted.lastMinute < callsPerMinute
}
