import { socketPath } from '@parley/protocol'
import { failed, isError } from '../calling-error.ts'
import { systemClock, within } from '../link/clock.ts'
import { doorOf, socketUrl } from '../link/door.ts'
import { Legs } from '../link/legs.ts'
import { Link } from '../link/link.ts'
import { linkLimits } from '../link/link-options.ts'
import { TokenWatch } from '../link/token-watch.ts'
import type { Log } from '../log.ts'
import { loadDevice } from '../media/load-device.ts'
import type { Playback } from '../media/playback.ts'
import { AgentCore } from './agent-core.ts'
import type { AgentParts } from './agent-parts.ts'
import type { CallAgentOptions } from './contract/agent.ts'
import type { CommunicationTokenCredential } from './contract/identifiers.ts'
import type { Devices } from './device-manager.ts'
import { watchPage } from './page.ts'

/** Identities that have an agent in this page; two of one would ring twice and answer each other's calls. */
const taken = new Set<string>()

type Shared = { devices: Devices; playback: Playback; log: Log }

/**
 * Connects an identity. Settles within 10 s: rejects with 401/10009 for a token that is not accepted, 409/40228 when the
 * identity has an agent in this page, 408/40104 when nobody answers.
 */
export async function openAgent(
  credential: CommunicationTokenCredential,
  { displayName }: CallAgentOptions,
  shared: Shared,
): Promise<AgentCore> {
  // Elsewhere a browser has neither random ids nor microphones.
  if (!isSecureContext) throw failed('unsupportedDevice', { detail: 'The page must come from https or localhost.' })
  const startedAt = systemClock.now()
  const ask = async (): Promise<string> => (await credential.getToken()).token
  const token = await within(systemClock, linkLimits.openMs, ask(), () => failed('agentTimedOut')).catch(
    (error: unknown) => {
      throw isError(error, 'agentTimedOut') ? error : failed('badToken', { cause: error })
    },
  )
  const { origin, userId } = doorOf(token)
  if (taken.has(userId)) throw failed('agentExists')
  taken.add(userId)
  const leftMs = linkLimits.openMs - (systemClock.now() - startedAt)
  return connect({ origin, token, ask, displayName, shared, leftMs, release: () => taken.delete(userId) })
}

type Connecting = {
  origin: string
  token: string
  ask: () => Promise<string>
  displayName: string | undefined
  shared: Shared
  leftMs: number
  release: () => void
}

async function connect({ origin, token, ask, displayName, shared, leftMs, release }: Connecting): Promise<AgentCore> {
  const clock = systemClock
  const { log, playback, devices } = shared
  const closers = [release]
  const device = Promise.withResolvers<Awaited<ReturnType<typeof loadDevice>>>()
  // Whoever places a call hears of it; nobody may place one.
  device.promise.catch((error: unknown) => log.error('media.unsupported', { error }))
  const link = new Link(
    {
      url: socketUrl(origin, socketPath),
      device: crypto.randomUUID(),
      displayName,
      token: ask,
      clock,
      log,
      limits: { ...linkLimits, openMs: leftMs },
    },
    {
      event: (event) => agent.take(event),
      calls: () => legs.callIds,
      snapshot: (calls) => legs.snapshot(calls),
      up: () => agent.up(),
      away: () => agent.away(),
      closed: (end) => agent.linkClosed(end),
    },
  )
  const legs = new Legs(
    link,
    { clock, log },
    { incoming: (leg) => agent.rang(leg), busy: (isBusy) => link.setInCall(isBusy) },
  )
  const parts: AgentParts = { link, legs, devices, clock, log, media: { device: device.promise, playback, clock, log } }
  const agent = new AgentCore(parts, displayName, { over: () => closers.splice(0).forEach((close) => close()) })
  try {
    const { rtpCapabilities } = await link.open()
    loadDevice(rtpCapabilities).then(device.resolve, device.reject)
  } catch (error) {
    device.reject(error)
    // A token without the scope for calls is none, to whoever wants to call.
    throw isError(error, 'unauthenticated', 'forbidden') ? failed('badToken', { cause: error }) : error
  }
  const watch = new TokenWatch(token, {
    clock,
    log,
    serverNow: () => link.serverNow(),
    token: ask,
    handIn: (fresh) => link.request('token', { token: fresh }),
    ranOut: () => agent.tokenRanOut(),
  })
  closers.push(() => watch.close(), watchPage(origin, link))
  return agent
}
