/**
 * The agent sessions of this node: opened with a token, resumed with a key, ended by their owner, by revocation, or
 * after 120 s without a socket. What a session's end means for its calls is a step of theirs.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { publishToSession, subscribeSession, type Bus, type Stop } from '@parley/bus'
import {
  closeCodes,
  endOf,
  EpochMs,
  rawIdOf,
  Refused,
  SessionId,
  type CallView,
  type Limits,
  type NodeId,
  type ReasonName,
  type RequestBody,
  type UserId,
} from '@parley/protocol'
import { deviceOf } from '../agents/device.ts'
import type { SessionStore } from '../agents/session-store.ts'
import type { TokenCheck } from '../agents/token-check.ts'
import type { Calls } from '../calls/calls.ts'
import type { CallStore } from '../calls/call-store.ts'
import type { DatabaseClock } from '../calls/clock.ts'
import type { AgentSocket } from './agent-socket.ts'
import { AgentSession, hashOfKey } from './agent-session.ts'
import { CarriedEffects } from './carried-effects.ts'

type Opened = { session: AgentSession; key: string }
/** `seq` is the last event that the client has, with the snapshot `calls` where events before it are gone. */
type Resumed = { session: AgentSession; seq: number; calls?: CallView[] }

export type HubParts = {
  store: SessionStore
  ringing: Pick<CallStore, 'ringingFor'>
  calls: Calls
  tokens: TokenCheck
  bus: Bus
  clock: DatabaseClock
  limits: Limits
  me: NodeId
  log: Logger
}

type Here = { session: AgentSession; unsubscribe: Stop; lapse?: NodeJS.Timeout }

export class SessionHub {
  readonly #here = new Map<SessionId, Here>()
  readonly #underWay = new Set<Promise<unknown>>()
  #isClosed = false

  constructor(private readonly parts: HubParts) {}

  /** Opens a session. @throws Refused 'unauthenticated' | 'forbidden' */
  async open(hello: RequestBody<'hello'>): Promise<Opened> {
    const holder = await this.parts.tokens.check(hello.token)
    const { user, resourceId, tokenEpoch, expiresAt, mayUsePlainMedia } = holder
    const key = randomBytes(32).toString('base64url')
    const session = new AgentSession(
      {
        id: SessionId.parse(`ses_${randomUUID()}`),
        keyHash: hashOfKey(key),
        resourceId,
        user,
        device: hello.device,
        node: this.parts.me,
        tokenEpoch,
        mayStart: holder.scopes.includes('voip'),
        mayUsePlainMedia,
        ...(hello.displayName ? { displayName: hello.displayName } : {}),
      },
      0,
    )
    session.tokenExpiresAt = expiresAt
    await this.parts.store.open(session.row)
    this.#keep(session)
    this.parts.log.info({ session: session.row.id, user }, 'session.opened')
    return { session, key }
  }

  /** Finds a session that may be resumed, and from where its client goes on. @throws Refused 'sessionGone' */
  async resume({ session: id, key, seenSeq, calls: named = [] }: RequestBody<'resume'>): Promise<Resumed> {
    const here = this.#here.get(id)?.session
    const session = here ?? (await this.#adopt(id, key, seenSeq))
    if (session === undefined || !session.isKey(key)) throw new Refused('sessionGone')
    await this.#step(session, 'linkBack')
    const canReplay = here !== undefined && session.missedSince(seenSeq) !== undefined
    this.parts.log.info({ session: id, with: canReplay ? 'replay' : 'snapshot' }, 'session.resumed')
    if (canReplay) return { session, seq: seenSeq }
    const { seq } = session // before the rows are read: what happens meanwhile comes as an event too
    const calls = await this.parts.calls.viewsFor(id, named)
    for (const { callId, state } of calls) if (state !== 'Disconnected') session.liveCalls.add(callId)
    return { session, seq, calls }
  }

  /** Joins a session to its socket, whose loss starts the 120 s after which it ends; false when it has ended already. */
  link(session: AgentSession, socket: AgentSocket): boolean {
    const here = this.#here.get(session.row.id)
    if (here === undefined) return false
    clearTimeout(here.lapse)
    void session.link(socket)?.close(closeCodes.takenOver, 'This session has moved to another socket.')
    socket.onClosed(() => {
      // A session that has ended loses nothing: a clock for its return would only keep the process running.
      const hasEnded = this.#isClosed || this.#here.get(session.row.id) !== here
      if (session.unlink(socket) && !hasEnded) this.#linkLost(here)
    })
    return true
  }

  /** Somebody may be calling this user right now: a device that has just come rings too. */
  ringAlso(session: AgentSession): void {
    this.#run(
      (async () => {
        const ringing = await this.parts.ringing.ringingFor(rawIdOf(session.row.user))
        const device = deviceOf(session.row)
        await Promise.all(ringing.map((callId) => this.parts.calls.step(callId, { type: 'deviceCame', device })))
      })(),
    )
  }

  /** Ends a session: its legs end with `reason`, then it cannot be resumed any more. */
  async end(session: SessionId, reason: ReasonName): Promise<void> {
    if (!(await this.parts.store.close(session))) return
    await this.parts.calls.stepAllOf(session, { type: 'sessionEnded', session, reason })
    publishToSession(this.parts.bus, session, { event: 'session.ended', body: { end: endOf(reason) } })
    this.parts.log.info({ session, reason }, 'session.ended')
  }

  /** Ends a session by its key, wherever it lives: a closing page says so with a beacon. */
  async leave(id: SessionId, key: string): Promise<void> {
    const row = this.#here.get(id)?.session.row ?? (await this.parts.store.find(id))
    if (row !== undefined && row.keyHash === hashOfKey(key)) await this.end(id, 'vanished')
  }

  /** Tokens of a user were revoked, or the user was deleted: all his sessions end, on every node. */
  async onTokensVoid(user: UserId): Promise<void> {
    const sessions = await this.parts.store.liveSessionsOf(user)
    await Promise.all(sessions.map((session) => this.end(session.id, 'revoked')))
  }

  /** Who has an open socket here, for the demo page. */
  present(): { user: UserId; displayName?: string }[] {
    const linked = [...this.#here.values()].filter((here) => here.session.isLinked)
    const people = new Map(linked.map(({ session: { row } }) => [row.user, row]))
    return [...people.values()].map(({ user, displayName }) => ({ user, ...(displayName ? { displayName } : {}) }))
  }

  /** Takes sessions over whose node has died, and ends those whose 120 s are over. */
  async sweep(aliveNodes: NodeId[]): Promise<void> {
    const until = EpochMs.parse(this.parts.clock.now() + this.parts.limits.reconnectMs)
    for (const row of await this.parts.store.orphan(aliveNodes, until)) {
      await this.parts.calls.stepAllOf(row.id, { type: 'linkLost', session: row.id })
    }
    for (const row of await this.parts.store.lapsed()) await this.end(row.id, 'linkLost')
  }

  /** Lets all sockets go with a word; sessions live on and may be resumed at the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    const closing = [...this.#here.values()].map(({ session, unsubscribe, lapse }) => {
      unsubscribe()
      clearTimeout(lapse)
      return session.socket?.close(closeCodes.goingAway, 'The server stops. Resume in a moment.')
    })
    await Promise.allSettled([...closing, ...this.#underWay])
    this.#here.clear()
  }

  /** Takes a session that this node does not know: its node has died, or it comes from another one. */
  async #adopt(id: SessionId, key: string, seenSeq: number): Promise<AgentSession | undefined> {
    const row = await this.parts.store.find(id)
    if (row === undefined || row.keyHash !== hashOfKey(key)) return undefined
    if (!(await this.parts.store.move(id, this.parts.me))) return undefined
    const session = new AgentSession({ ...row, node: this.parts.me }, seenSeq)
    this.#keep(session)
    return session
  }

  #keep(session: AgentSession): void {
    const { id } = session.row
    const carried = new CarriedEffects()
    const unsubscribe = subscribeSession(this.parts.bus, id, (message, effect) => {
      if (effect !== undefined && !carried.isNew(effect)) return
      session.tell(message)
      if (message.event === 'session.ended') this.#drop(id, message.body.end.message)
    })
    this.#here.set(id, { session, unsubscribe })
  }

  #drop(id: SessionId, why: string): void {
    const here = this.#here.get(id)
    if (here === undefined) return
    this.#here.delete(id)
    here.unsubscribe()
    clearTimeout(here.lapse)
    // After the reply to a *bye*, which is on its way.
    setImmediate(() => void here.session.socket?.close(closeCodes.sessionGone, why))
  }

  #linkLost(here: Here): void {
    const { session } = here
    const { id } = session.row
    here.lapse = setTimeout(() => this.#run(this.end(id, 'linkLost')), this.parts.limits.reconnectMs)
    this.#run(this.#step(session, 'linkLost'))
  }

  async #step(session: AgentSession, type: 'linkLost' | 'linkBack'): Promise<void> {
    await this.parts.calls.stepAllOf(session.row.id, { type, session: session.row.id })
  }

  #run(task: Promise<unknown>): void {
    const running: Promise<unknown> = task
      // What was not stepped now falls due in the row.
      .catch((error: unknown) => this.parts.log.warn({ error: String(error) }, 'session.step_failed'))
      .finally(() => this.#underWay.delete(running))
    this.#underWay.add(running)
  }
}
