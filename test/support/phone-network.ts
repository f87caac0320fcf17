/** What an operator settles before phones can be called: trunks, routes and numbers, over the doors that he has. */
import { SipRoutingClient } from '@azure/communication-phone-numbers'
import type { Platform } from './platform.ts'
import { signedRest } from './rest.ts'
import { soonMs, until } from './until.ts'

/** One way into the phone network, and the numbers that lead over it. */
export type TrunkPlan = {
  fqdn: string
  port: number
  /** What is ours beside ACS's words: transport, account, codecs … */
  more?: Record<string, unknown>
}

/** A number pattern and the trunks that it leads over, the first one first. */
export type RoutePlan = { pattern: string; over: readonly string[] }

/** Who gets the calls to a number; undefined for one that is only shown. */
export type NumberPlan = { number: string; target?: Record<string, string> }

/** Settles all trunks and routes at once; those that were there before go. */
export async function settleTrunks(
  platform: Platform,
  trunks: readonly TrunkPlan[],
  routes: readonly RoutePlan[],
): Promise<void> {
  const sip = new SipRoutingClient(platform.connectionString, { allowInsecureConnection: true })
  await sip.setTrunks(trunks.map(({ fqdn, port }) => ({ fqdn, sipSignalingPort: port })))
  const settled = trunks.map(({ fqdn, more }) =>
    asked(platform, 'PATCH', `/phones/trunks/${fqdn}`, {
      ...{ address: '127.0.0.1', transport: 'udp', allowedPrefixes: ['+'] },
      ...more,
    }),
  )
  await Promise.all(settled)
  await sip.setRoutes(
    routes.map(({ pattern, over }, n) => ({ name: `route ${n}`, numberPattern: pattern, trunks: [...over] })),
  )
}

export async function settleNumber(platform: Platform, { number, target }: NumberPlan): Promise<void> {
  await asked(platform, 'PUT', `/phones/numbers/${encodeURIComponent(number)}`, { target: target ?? null })
}

/** A record of a phone call. */
export type PhoneCall = {
  callId: string
  direction: string
  from?: string
  to: string
  trunk?: string
  answeredAt?: string
  endedAt?: string
  end?: { code: number; subCode: number }
  sipStatus?: number
}

/** The records of calls from and to a number, the newest first. */
export async function phoneCalls(platform: Platform, number: string): Promise<PhoneCall[]> {
  const { value } = (await asked(platform, 'GET', `/phones/calls?number=${encodeURIComponent(number)}`)) as {
    value: PhoneCall[]
  }
  return value
}

async function asked(platform: Platform, method: string, target: string, body?: unknown): Promise<unknown> {
  const answer = await signedRest(platform, method, target, body === undefined ? '' : JSON.stringify(body))
  if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

type Health = { ping: string; registration: string; says?: string }

/** Waits until the platform finds a trunk like this. */
export async function trunkIs(platform: Platform, fqdn: string, expected: Partial<Health>): Promise<Health> {
  return until(
    `${JSON.stringify(expected)} of ${fqdn}`,
    async () => {
      const { health } = (await asked(platform, 'GET', `/phones/trunks/${fqdn}`)) as { health: Health[] }
      const [seen] = health
      const isIt = Object.entries(expected).every(([name, value]) => seen?.[name as keyof Health] === value)
      return seen !== undefined && isIt ? { found: seen } : { sawOnly: JSON.stringify(seen) ?? 'nothing' }
    },
    2 * soonMs,
  )
}

/** What the platform has found of its registration at a trunk, in order, as its log tells it. */
export function registrationsAt({ log }: Platform, fqdn: string): string[] {
  const told = log.split('\n').filter((line) => line.includes('"trunk.changed"'))
  const found = told.map((line) => JSON.parse(line) as { trunk: string; registration: string })
  // Before it is told the account there is nothing to register.
  const mine = found.filter(({ trunk, registration }) => trunk === fqdn && registration !== 'none')
  const all = mine.map(({ registration }) => registration)
  return all.filter((one, n) => one !== all[n - 1])
}

/** What the sip node counts of its own: phones in calls, softphones that have registered, ports that are left. */
export async function phoneObjects(platform: Platform): Promise<Record<string, number>> {
  const text = await (await fetch(`${platform.url}/metrics`)).text()
  const kinds = text.matchAll(/^parley_phone_objects\{kind="(\w+)"\} (\d+)$/gm)
  return Object.fromEntries([...kinds].map(([, kind, count]) => [kind, Number(count)]))
}
