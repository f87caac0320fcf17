import type { AgentEvent, CallId, CallView } from '@parley/protocol'
import type { Log } from '../log.ts'
import type { Clock } from './clock.ts'
import type { OpenSocket } from './wire.ts'

/** Why a link ended: the app closed it, no token was accepted, or the way was not free again in time. */
export type LinkEnd = 'disposed' | 'invalidToken' | 'connectionIssue'

/** An event about a call. */
export type CallEvent = Exclude<AgentEvent, { event: 'session.ended' }>

/** What the agent learns from its link. */
export type LinkListener = {
  event(event: CallEvent): void
  /** Which calls there are: after a resume that missed events for good, the server says of each how it is, or ended. */
  calls(): CallId[]
  /**
   * All calls that still live, and how those ended that do not, because events were missed for good; empty after the
   * session itself was lost.
   */
  snapshot(calls: CallView[]): void
  up(): void
  away(): void
  closed(end: LinkEnd): void
}

export type LinkOptions = {
  url: string
  /** One page or app instance; anew after a reload. */
  device: string
  displayName: string | undefined
  /** A token for *hello*. A rejection counts as a failed try: the app's own server may be out of reach too. */
  token(): Promise<string>
  clock: Clock
  log: Log
  limits: LinkLimits
  random?: () => number
  openSocket?: OpenSocket
}

/** Durations in milliseconds. */
export type LinkLimits = {
  /** From the first try to the first session. */
  openMs: number
  /** One try, from opening the socket to its welcome. */
  tryMs: number
  /** From losing the socket until the link gives up. */
  reconnectMs: number
  /** How long a silent server is trusted beyond the next ping: idle, and in a call. */
  idlePatienceMs: number
  callPatienceMs: number
  requestMs: number
}

export const linkLimits: LinkLimits = {
  openMs: 10_000,
  tryMs: 5_000,
  reconnectMs: 120_000,
  idlePatienceMs: 20_000,
  callPatienceMs: 4_000,
  requestMs: 10_000,
}
