/**
 * Load the row, step() it, commit it with its effects, carry the effects out: the one way in which a call changes.
 *
 * Steps of one call queue up inside the process; between processes the row's version decides, and whoever comes second
 * loads again and steps again. Live rows are kept in memory, so that a step usually costs one round trip: the commit.
 */
import type { Logger } from 'pino'
import {
  claimOf,
  deadline,
  meet,
  open,
  step,
  type Call,
  type CallEvent,
  type Effect,
  type Met,
  type Placed,
  type Step,
} from '@parley/call'
import {
  Refused,
  type CallId,
  type CallView,
  type Limits,
  type NodeId,
  type Place,
  type ResourceId,
  type SessionId,
} from '@parley/protocol'
import type { CallStore } from './call-store.ts'
import type { DatabaseClock } from './clock.ts'
import { Queues } from './call-queue.ts'
import type { Effects } from './effects.ts'
import { snapshotFor } from './snapshot.ts'

/** How often a step is tried when other processes keep changing the row. */
const attempts = 8

export type Parts = {
  store: CallStore
  effects: Effects
  clock: DatabaseClock
  limits: Limits
  me: NodeId
  log: Logger
  /** Told of each deadline, so that the clock can sleep until the nearest. */
  onDeadline: (at: number) => void
}

/** What became of opening a call. */
export type OpenedCall = { call: Call } | { taken: 'id' } | { taken: 'claim'; callId: CallId }

export class Calls {
  readonly #live = new Map<CallId, Call>()
  readonly #queues = new Queues<CallId>()

  constructor(private readonly parts: Parts) {}

  /** Opens a call and rings. */
  open(placed: Placed): Promise<OpenedCall> {
    return this.#open(placed.id, () => open(placed, this.parts.clock.now(), this.parts.limits))
  }

  /** Opens the call of a place where people meet. */
  meet(met: Met): Promise<OpenedCall> {
    return this.#open(met.id, () => meet(met, this.parts.clock.now(), this.parts.limits))
  }

  /** Steps a call. @throws Refused as the rules say, or 'unknownCall'. */
  step(callId: CallId, event: CallEvent): Promise<Call> {
    return this.#queues.run(callId, () => this.#step(callId, event))
  }

  /** Steps every live call of a session. A call that refuses or fails does not keep the others from their step. */
  async stepAllOf(session: SessionId, event: CallEvent): Promise<void> {
    const calls = await this.parts.store.callsOfSession(session)
    const outcomes = await Promise.allSettled(calls.map((call) => this.step(call.id, event)))
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') this.parts.log.warn({ session, error: String(outcome.reason) }, 'step.failed')
    }
  }

  /** A call as it is now, live or ended. */
  async find(callId: CallId): Promise<Call | undefined> {
    return this.#live.get(callId) ?? (await this.parts.store.load(callId))
  }

  /** Which is the live call of a place where people meet. Its row may be large: it is not read for this. */
  async at(resourceId: ResourceId, place: Place): Promise<{ id: CallId } | undefined> {
    const id = await this.parts.store.callByClaim(resourceId, claimOf(place))
    return id && { id }
  }

  /** What a session sees of its live calls, and of those among `named` that it was in and that are over for it. */
  async viewsFor(session: SessionId, named: readonly CallId[]): Promise<CallView[]> {
    const live = await this.parts.store.callsOfSession(session)
    const others = named.filter((id) => !live.some((call) => call.id === id))
    const over = await Promise.all(others.map((id) => this.find(id)))
    return snapshotFor(session, [...live, ...over.filter((call) => call !== undefined)])
  }

  /** Waits for the steps under way. */
  async close(): Promise<void> {
    await this.#queues.idle()
    await this.parts.effects.close()
  }

  #open(callId: CallId, make: () => Step): Promise<OpenedCall> {
    return this.#queues.run(callId, async () => {
      const { call, effects } = make()
      const opened = await this.parts.store.open(call, effects, this.parts.me)
      if (opened.outcome === 'idTaken') return { taken: 'id' }
      if (opened.outcome === 'claimTaken') return { taken: 'claim', callId: opened.callId }
      await this.#committed(undefined, call, effects)
      return { call }
    })
  }

  async #step(callId: CallId, event: CallEvent): Promise<Call> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const known = attempt === 0 ? this.#live.get(callId) : undefined
      const before = known ?? (await this.parts.store.load(callId))
      if (before === undefined) throw new Refused('unknownCall')
      const { call, effects, refused } = step(before, event, this.parts.clock.now(), this.parts.limits)
      if (call === before) {
        // What is remembered may be old when another process stepped the call: look once more before saying no.
        if (refused !== undefined && known !== undefined) continue
        if (refused !== undefined) throw new Refused(refused)
        return before
      }
      if (await this.parts.store.commit(call, effects, this.parts.me)) {
        await this.#committed(before, call, effects)
        return call
      }
      this.#live.delete(callId)
    }
    throw new Refused('unavailable', { detail: 'The call changed too often meanwhile.' })
  }

  async #committed(before: Call | undefined, call: Call, effects: Effect[]): Promise<void> {
    if (call.endedAt === undefined) this.#live.set(call.id, call)
    else this.#live.delete(call.id)
    const due = deadline(call)
    if (due !== undefined) this.parts.onDeadline(due)
    this.#report(before, call)
    await this.parts.effects.carryOut(call, effects)
  }

  #report(before: Call | undefined, call: Call): void {
    const states = new Map(before?.legs.map(({ id, state }) => [id, state]))
    for (const leg of call.legs) {
      const was = states.get(leg.id)
      if (leg.state === was) continue
      const reason = leg.state === 'Disconnected' ? { reason: leg.reason } : {}
      this.parts.log.info({ callId: call.id, legId: leg.id, from: was, to: leg.state, ...reason }, 'leg.changed')
    }
  }
}
