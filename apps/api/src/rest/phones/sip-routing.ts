/**
 * Trunks and routes as ACS has them: what a patch makes of them, and whether that can be. Refusals carry the codes that
 * the service answers with, which Microsoft's clients hand on.
 */
import { readE164 } from '../../phones/own-number.ts'
import { routesFor } from '../../phones/dialling.ts'
import { maxPatternsSize, readNumberPattern } from '../../phones/number-patterns.ts'
import {
  newTrunk,
  trunkNamed,
  isSameName,
  type KeptTrunk,
  type PhoneBook,
  type Route,
} from '../../phones/phone-book.ts'
import { AcsError } from '../acs-error.ts'
import type { PhoneDoors } from './phone-doors.ts'
import { routesIn, type SipTrial, type SipUpdate } from './sip-messages.ts'

/** ACS: how many trunks and routes there may be, and how long their words. */
const most = { trunks: 250, routes: 250, trunksOfRoute: 250, fqdn: 249, name: 256, description: 1024 }

export class SipRouting {
  constructor(private readonly parts: Pick<PhoneDoors, 'resourceId' | 'store' | 'nodes'>) {}

  async show(): Promise<PhoneBook> {
    return this.parts.store.book(this.parts.resourceId)
  }

  /** @throws AcsError 400, 422 */
  async update(update: SipUpdate): Promise<PhoneBook> {
    const { resourceId, store, nodes } = this.parts
    const routes = routesIn(update)
    const trunks = Object.entries(update.trunks ?? {})
    if (routes === undefined && trunks.length === 0) throw refused('EmptyPatch', 'Patch with no data provided.')
    // What can be said of them alone is said before anybody waits for the book.
    if (routes !== undefined) checkRoutes(routes)
    const changed = await store.changeBook(resourceId, (book) => {
      const next = { ...book, trunks: changedTrunks(book.trunks, trunks), routes: routes ?? book.routes }
      checkTrunksOf(next)
      return next
    })
    nodes.changed()
    return changed
  }

  /** The routes that a number takes, in their order; among those of the trial, if it has any. @throws AcsError 400, 422 */
  async routesFor(number: unknown, trial: SipTrial): Promise<Route[]> {
    const read = typeof number === 'string' ? readE164(number) : undefined
    if (read === undefined) {
      throw new AcsError(400, 'BadRequest', 'targetPhoneNumber must be a number in E.164, such as +4930123456.')
    }
    const tried = routesIn(trial)
    if (tried !== undefined) checkRoutes(tried)
    return routesFor(read, tried ?? (await this.show()).routes)
  }
}

type TrunkChange = NonNullable<NonNullable<SipUpdate['trunks']>[string]> | null

function changedTrunks(trunks: readonly KeptTrunk[], changes: readonly [string, TrunkChange][]): KeptTrunk[] {
  const changed = [...trunks]
  for (const [fqdn, change] of changes) {
    const at = changed.findIndex((trunk) => isSameName(trunk.fqdn, fqdn))
    const there = changed[at]
    if (change === null) {
      if (there !== undefined) changed.splice(at, 1)
      continue
    }
    if (!isHost(fqdn)) throw refused('InvalidTrunkFqdn', 'Trunk with an invalid FQDN.', fqdn)
    const port = change.sipSignalingPort ?? there?.port
    if (port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) {
      throw refused('InvalidTrunkSipSignalingPort', 'Trunk with an invalid SIP signaling port.', fqdn)
    }
    if (there === undefined) changed.push(newTrunk(fqdn, port))
    else changed[at] = { ...there, port }
  }
  if (changed.length > most.trunks) throw refused('TooManyTrunks', `There may be ${most.trunks} trunks.`)
  return changed
}

/** Whether a trunk may have this name: a host of a domain, an address, or this machine. */
export function isHost(name: string): boolean {
  if (name.length > most.fqdn) return false
  const labels = name.split('.')
  const isRight = labels.every((label) => /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label))
  return isRight && (labels.length > 1 || name.toLowerCase() === 'localhost')
}

function checkRoutes(routes: readonly Route[]): void {
  if (routes.length > most.routes) throw refused('TooManyRoutes', `There may be ${most.routes} routes.`)
  const names = new Set<string>()
  let size = 0
  for (const { name, description = '', numberPattern, trunks } of routes) {
    if (name === '' || name.length > most.name) throw refused('InvalidRouteName', 'Route with an invalid name.', name)
    if (description.length > most.description) {
      throw refused('InvalidRouteDescription', 'Route with an invalid description.', name)
    }
    if (names.has(name)) throw refused('DuplicatedRoute', 'There is a duplicated route.', name, 400)
    names.add(name)
    const distinct = new Set(trunks.map((trunk) => trunk.toLowerCase()))
    if (distinct.size < trunks.length) {
      throw refused('RouteWithDuplicatedTrunk', 'There is a duplicated trunk in a route.', name, 400)
    }
    if (trunks.length > most.trunksOfRoute) throw refused('TooManyTrunks', 'Route with too many trunks.', name)
    size += sizeOf(numberPattern, name)
    if (size > maxPatternsSize) throw badPattern(name, 'The patterns of all routes together are too large.')
  }
}

function sizeOf(numberPattern: string, name: string): number {
  const pattern = readNumberPattern(numberPattern)
  if (typeof pattern === 'string') throw badPattern(name, pattern)
  return pattern.size
}

function badPattern(name: string, why: string): AcsError {
  return refused('InvalidRouteNumberPattern', `Route with an invalid number pattern. ${why}`, name)
}

/** ACS: a route leads to trunks that are there, so that one which is used cannot go. */
function checkTrunksOf({ routes, trunks }: PhoneBook): void {
  for (const { name, trunks: named } of routes) {
    const missing = named.find((fqdn) => trunkNamed(trunks, fqdn) === undefined)
    if (missing !== undefined) throw refused('MissingTrunk', `Route targeting a missing trunk. ${missing}`, name)
  }
}

function refused(code: string, message: string, target?: string, status = 422): AcsError {
  return new AcsError(status, 'UnprocessableConfiguration', 'One or more request inputs are not valid.', {
    ...(target === undefined ? {} : { target }),
    inner: { code, message },
  })
}
