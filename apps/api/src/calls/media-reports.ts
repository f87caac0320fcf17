/**
 * What sfu nodes report becomes steps: a leg's media came up or was lost, a node holds legs that no row knows, a row
 * expects media that no node holds.
 */
import type { Logger } from 'pino'
import { orderMedia, subscribeReports, type Bus } from '@parley/bus'
import type { Call, Leg } from '@parley/call'
import { Refused, type LegId, type MediaReport, type NodeId } from '@parley/protocol'
import type { Nodes } from '../nodes/nodes.ts'
import type { CallStore } from './call-store.ts'
import type { Calls } from './calls.ts'

type Inventory = Extract<MediaReport, { report: 'inventory' }>

export class MediaReports {
  readonly #unsubscribe: () => void
  readonly #underWay = new Set<Promise<void>>()

  constructor(
    private readonly parts: {
      calls: Calls
      store: CallStore
      nodes: Nodes
      bus: Bus
      orderMs: number
      log: Logger
    },
  ) {
    this.#unsubscribe = subscribeReports(parts.bus, (report) => this.#run(() => this.#take(report)))
  }

  /** Steps *mediaLost* for every leg whose sfu is dead. Legs that know of their loss are left alone. */
  async loseDeadNodes(): Promise<void> {
    const calls = await this.parts.store.callsNotOnNodes(this.parts.nodes.sfus())
    await Promise.all(calls.flatMap((call) => call.legs.filter(expectsMedia).map((leg) => this.#lose(call, leg))))
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    await Promise.all(this.#underWay)
  }

  #run(task: () => Promise<void>): void {
    const running = task()
      // The row is the truth: an inventory repeats what was not taken now.
      .catch((error: unknown) => this.parts.log.warn({ error: String(error) }, 'media.report_failed'))
      .finally(() => this.#underWay.delete(running))
    this.#underWay.add(running)
  }

  async #take(report: MediaReport): Promise<void> {
    if (report.report === 'inventory') return this.#compare(report)
    const { callId, legId, generation } = report
    const type = report.report === 'legUp' ? 'mediaUp' : 'mediaLost'
    await this.parts.calls.step(callId, { type, legId, generation }).catch(ignoreUnknown)
  }

  async #compare({ node, legs }: Inventory): Promise<void> {
    const held = new Set<LegId>(legs.map((leg) => leg.legId))
    const calls = await this.parts.store.callsOnNode(node)
    const lost = calls.flatMap((call) =>
      call.legs.filter((leg) => expectsMedia(leg) && !held.has(leg.id)).map((leg) => this.#lose(call, leg)),
    )
    await Promise.all([...lost, ...legs.map((leg) => this.#closeUnknown(node, leg))])
  }

  async #closeUnknown(node: NodeId, held: Inventory['legs'][number]): Promise<void> {
    const call = await this.parts.calls.find(held.callId)
    const leg = call?.legs.find((one) => one.id === held.legId)
    if (leg !== undefined && leg.state !== 'Disconnected') return
    const order = { callId: held.callId, legId: held.legId, version: call?.version ?? Number.MAX_SAFE_INTEGER }
    await orderMedia(this.parts.bus, node, 'closeLeg', order, { timeoutMs: this.parts.orderMs })
    this.parts.log.warn({ callId: held.callId, legId: held.legId }, 'media.orphan_closed')
  }

  async #lose(call: Call, leg: Leg): Promise<void> {
    const { id: legId, generation } = leg
    await this.parts.calls.step(call.id, { type: 'mediaLost', legId, generation }).catch(ignoreUnknown)
  }
}

/** True for a leg whose media was up by the row's account. */
function expectsMedia(leg: Leg): boolean {
  switch (leg.state) {
    case 'Calling':
    case 'Ringing':
    case 'InLobby':
      return leg.hasMedia
    case 'Connected':
      return true
    case 'Reconnecting':
      return leg.mediaUntil === undefined
    case 'Connecting':
    case 'Disconnected':
      return false
  }
}

/** A report about a call that is no more says nothing. */
function ignoreUnknown(error: unknown): void {
  if (!(error instanceof Refused)) throw error
}
