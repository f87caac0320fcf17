/**
 * An sfu node: carries out orders about the media of legs and reports facts. It knows ids only; who they are, and what
 * follows from what it reports, is api's.
 */
import { randomUUID } from 'node:crypto'
import { errors, setLogEventListeners } from 'mediasoup'
import type { Logger } from 'pino'
import { publishAlive, publishReport, publishToSession, serveMedia, type Bus, type MediaCarriers } from '@parley/bus'
import { NodeId, Refused, type CallId, type OrderBody } from '@parley/protocol'
import type { Built, MediaFacts } from './call-leg.ts'
import { CallMedia, type CallParts } from './call-media.ts'
import { ClosedLegs } from './closed-legs.ts'
import { sfuLimits, type SfuLimits } from './limits.ts'
import type { Counts } from './media-worker.ts'
import { OrderQueue } from './order-queue.ts'
import { routerCapabilities } from './router-codecs.ts'
import type { SfuSettings } from './settings.ts'
import { Workers } from './workers.ts'

export type SfuParts = { bus: Bus; settings: SfuSettings; log: Logger; limits?: SfuLimits }

export class SfuNode {
  /** Made anew at each start: a restarted sfu is another node. */
  readonly id: NodeId = NodeId.parse(`node_${randomUUID()}`)
  readonly #bus: Bus
  readonly #log: Logger
  readonly #limits: SfuLimits
  readonly #workers: Workers
  readonly #callParts: CallParts
  readonly #calls = new Map<CallId, CallMedia>()
  readonly #orders = new OrderQueue<CallId>()
  readonly #closedLegs: ClosedLegs
  readonly #rtpCapabilities = routerCapabilities()
  readonly #stops: (() => void)[] = []
  #isClosed = false

  /** Starts the workers and takes orders. @throws {Error} when a worker cannot start, above all: a port is taken */
  static async create({ bus, settings, log, limits = sfuLimits }: SfuParts): Promise<SfuNode> {
    const workers = await Workers.start({ settings, limits, log })
    // From now on: while a port is still being tried for, each try would be a line.
    setLogEventListeners({
      // At mediasoup's level warn are the refusals of requests, which whoever asked is told anyway.
      onwarn: (from, said) => log.debug({ from, said }, 'mediasoup.warned'),
      onerror: (from, said, err) => log.warn({ from, said, ...(err === undefined ? {} : { err }) }, 'mediasoup.failed'),
    })
    const node = new SfuNode({ bus, log, limits, settings }, workers)
    node.#start()
    return node
  }

  private constructor({ bus, log, limits, settings }: Required<SfuParts>, workers: Workers) {
    this.#bus = bus
    this.#log = log.child({ node: this.id })
    this.#limits = limits
    this.#workers = workers
    this.#closedLegs = new ClosedLegs({ keepMs: limits.closedLegMs, most: limits.closedLegs })
    this.#callParts = {
      ...{ facts: this.#facts, limits, settings, workers, log: this.#log },
      inTurn: (callId, turn) => this.#takeTurn(callId, turn),
      lost: (call) => this.#forget(call),
    }
  }

  /** The processes that carry the media. */
  get workerPids(): number[] {
    return this.#workers.running.map(({ pid }) => pid)
  }

  /** False while the node takes no new calls. */
  get isReady(): boolean {
    return !this.#isClosed && this.#workers.isReady
  }

  /** What lives in the workers now, by their own account. */
  counts(): Promise<Counts> {
    return this.#workers.count()
  }

  /** Closes all media and ends the workers. Nothing is reported any more: api learns it from the silence. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    for (const stop of this.#stops) stop()
    for (const call of this.#calls.values()) call.close()
    this.#calls.clear()
    await this.#workers.close()
    await this.#orders.idle()
  }

  #start(): void {
    const heartbeat = setInterval(() => this.#beat(), this.#limits.heartbeatMs)
    const inventory = setInterval(() => this.#takeInventory(), this.#limits.inventoryMs)
    this.#stops.push(
      () => clearInterval(heartbeat),
      () => clearInterval(inventory),
      serveMedia(this.#bus, this.id, this.#carriers()),
    )
    this.#takeInventory()
    this.#beat()
    this.#log.info({ workers: this.workerPids }, 'sfu.ready')
  }

  // prettier-ignore
  #carriers(): MediaCarriers {
    return {
      openLeg:   (order) => this.#inTurn(order, () => this.#open(order, (call) => call.openLeg(order))),
      openPlain: (order) => this.#inTurn(order, () => this.#open(order, (call) => call.openPlain(order))),
      openBot:   (order) => this.#inTurn(order, () => this.#open(order, (call) => call.openBot(order))),
      setGrant:  (order) => this.#inTurn(order, async () => (await this.#calls.get(order.callId)?.setGrant(order)) ?? {}),
      closeLeg:  (order) => this.#closeLeg(order),
      send:      (order) => this.#inTurn(order, () => this.#call(order).send(order)),
      receive:   (order) => this.#inTurn(order, () => this.#call(order).receive(order)),
      unsend:    (order) => this.#inTurn(order, () => this.#call(order).unsend(order)),
      watch:     (order) => this.#inTurn(order, () => this.#call(order).watch(order)),
      size:      (order) => this.#inTurn(order, () => this.#call(order).size(order)),
      unwatch:   (order) => this.#inTurn(order, () => this.#call(order).unwatch(order)),
    }
  }

  /** Has a leg opened in its call, whose first one opens the call. */
  async #open<T>(leg: Built, open: (call: CallMedia) => Promise<T>): Promise<T> {
    if (this.#closedLegs.has(leg)) throw new Refused('unknownCall')
    const call = this.#calls.get(leg.callId) ?? this.#openCall(leg.callId)
    try {
      return await open(call)
    } finally {
      this.#closeIfEmpty(call)
    }
  }

  #openCall(callId: CallId): CallMedia {
    const call = new CallMedia(callId, this.#callParts)
    this.#calls.set(callId, call)
    return call
  }

  #closeLeg(order: OrderBody<'closeLeg'>): Promise<Record<string, never>> {
    // Said at once and not in turn: an order to open the same leg that still waits must find it closed.
    this.#closedLegs.add(order)
    return this.#inTurn(order, async () => {
      const call = this.#calls.get(order.callId)
      await call?.closeLeg(order.legId)
      if (call !== undefined) this.#closeIfEmpty(call)
      return {}
    })
  }

  #closeIfEmpty(call: CallMedia): void {
    if (call.legs.length > 0 || this.#calls.get(call.callId) !== call) return
    this.#calls.delete(call.callId)
    call.close()
  }

  /** The call's last worker has died: the next order to open one of its legs starts from nothing. */
  #forget(call: CallMedia): void {
    if (this.#calls.get(call.callId) === call) this.#calls.delete(call.callId)
  }

  #call({ callId }: { callId: CallId }): CallMedia {
    const call = this.#calls.get(callId)
    if (call === undefined) throw new Refused('unknownMedia', { detail: 'The leg has no media here.' })
    return call
  }

  async #inTurn<T>({ callId }: { callId: CallId }, order: () => Promise<T>): Promise<T> {
    try {
      return await this.#orders.run(callId, order)
    } catch (error) {
      // A worker that dies under an order is told to everyone by its own report; to this one it is a moment's trouble.
      const isGone = this.#isClosed || error instanceof errors.WorkerClosedError
      if (isGone && !(error instanceof Refused)) throw new Refused('unavailable', { cause: error })
      throw error
    }
  }

  /** Does what a call does by itself when its turn comes. What fails of it has no one else to be told to. */
  async #takeTurn(callId: CallId, turn: () => Promise<void>): Promise<void> {
    try {
      await this.#orders.run(callId, turn)
    } catch (error) {
      if (!(error instanceof errors.WorkerClosedError)) this.#log.error({ callId, err: error }, 'call.turn_failed')
    }
  }

  #beat(): void {
    const load = this.#legs().length
    const alive = { node: this.id, role: 'sfu' as const, load, isReady: this.isReady }
    this.#publish(() => publishAlive(this.#bus, { ...alive, rtpCapabilities: this.#rtpCapabilities }))
  }

  #takeInventory(): void {
    this.#publish(() => publishReport(this.#bus, { report: 'inventory', node: this.id, legs: this.#legs() }))
  }

  #legs(): Built[] {
    return [...this.#calls.values()].flatMap((call) => call.legs.map(({ built }) => built))
  }

  readonly #facts: MediaFacts = {
    legUp: (leg) => this.#report('legUp', leg),
    legLost: (leg) => this.#report('legLost', leg),
    event: (session, event) => this.#publish(() => publishToSession(this.#bus, session, event)),
  }

  #report(report: 'legUp' | 'legLost', leg: Built): void {
    this.#log.info(leg, report === 'legUp' ? 'leg.up' : 'leg.lost')
    this.#publish(() => publishReport(this.#bus, { report, node: this.id, ...leg }))
  }

  /** The bus is a hint: what it does not take now, the next inventory tells. */
  #publish(tell: () => void): void {
    if (this.#isClosed) return
    try {
      tell()
    } catch (error) {
      this.#log.warn({ err: error }, 'bus.publish_failed')
    }
  }
}
