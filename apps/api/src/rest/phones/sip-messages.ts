/** The bodies of ACS's SIP routing API 2023-03-01. What they say beyond their shape is checked in sip-routing.ts. */
import * as z from 'zod/mini'
import type { PhoneBook, Route } from '../../phones/phone-book.ts'
import { notAnObject } from '../raw-body.ts'

const text = (name: string) => z.string(`${name} must be a text.`)
const trunksSay = 'trunks must be an object of trunks by their FQDN.'
const routesSay = 'routes must be a list of routes.'

const RouteBody = z.object(
  {
    name: text('The name of a route'),
    description: z.nullish(text('The description of a route')),
    numberPattern: text('The numberPattern of a route'),
    trunks: z.nullish(z.array(text('A trunk of a route'), 'The trunks of a route must be a list of FQDNs.')),
  },
  'A route must be an object with a name and a numberPattern.',
)

const TrunkBody = z.object(
  { sipSignalingPort: z.optional(z.number('sipSignalingPort must be a number.')) },
  'A trunk must be an object with a sipSignalingPort, or null.',
)

/** Null removes a trunk; routes take the place of those that are there (RFC 7396). */
export const SipUpdate = z.object(
  {
    trunks: z.nullish(z.record(z.string(), z.nullable(TrunkBody), trunksSay)),
    routes: z.nullish(z.array(RouteBody, routesSay)),
  },
  notAnObject,
)
export type SipUpdate = z.infer<typeof SipUpdate>

/** Routes that a number is tried with, instead of those that are kept. */
export const SipTrial = z.object({ routes: z.nullish(z.array(RouteBody, routesSay)) }, notAnObject)
export type SipTrial = z.infer<typeof SipTrial>

const RouteModel = z.object({
  name: z.string(),
  description: z.optional(z.string()),
  numberPattern: z.string(),
  trunks: z.array(z.string()),
})

export const SipConfiguration = z.object({
  trunks: z.record(z.string(), z.object({ sipSignalingPort: z.number() })),
  routes: z.array(RouteModel),
})
export type SipConfiguration = z.infer<typeof SipConfiguration>

export const RoutesForNumber = z.object({ matchingRoutes: z.array(RouteModel) })
export type RoutesForNumber = z.infer<typeof RoutesForNumber>

/** The routes of a body; absent where it says nothing of them. Null is the list without routes. */
export function routesIn({ routes }: Pick<SipUpdate, 'routes'>): Route[] | undefined {
  if (routes === undefined) return undefined
  return (routes ?? []).map(({ name, description, numberPattern, trunks }) => ({
    name,
    ...(typeof description === 'string' ? { description } : {}),
    numberPattern,
    trunks: trunks ?? [],
  }))
}

export function sipConfigurationOf({ trunks, routes }: PhoneBook): SipConfiguration {
  const byName = trunks.map(({ fqdn, port }) => [fqdn, { sipSignalingPort: port }] as const)
  return { trunks: Object.fromEntries(byName), routes: [...routes] }
}
