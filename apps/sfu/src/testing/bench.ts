/**
 * An sfu node with real workers on a memory bus, given orders as api gives them. Only tests import this module.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { randomInt, randomUUID } from 'node:crypto'
import { observer, type types } from 'mediasoup'
import { pino } from 'pino'
import { MemoryBus, orderMedia } from '@parley/bus'
import {
  CallId,
  LegId,
  SessionId,
  type Grant,
  type JoinedMedia,
  type MediaVerb,
  type OrderBody,
  type OrderResult,
} from '@parley/protocol'
import { sfuLimits, type SfuLimits } from '../limits.ts'
import { SfuNode } from '../node.ts'
import { anyDevice, camera, dtls, microphone } from './device.ts'
import { Heard } from './heard.ts'

/** A leg and whose it is. */
export type Who = { callId: CallId; legId: LegId; session: SessionId }

/** A leg in a call, and one that only rings. */
export const talks: Grant = { send: ['microphone', 'camera'], paused: [], receive: true }
export const rings: Grant = { send: [], paused: [], receive: false }

export const aCall = (): CallId => CallId.parse(randomUUID())

type Options = { workers?: number; port?: number; limits?: Partial<SfuLimits> }

export class Bench {
  readonly node: SfuNode
  readonly heard: Heard
  /** What servers and listeners threw, beside refusals. */
  readonly errors: unknown[]
  readonly port: number
  readonly #bus: MemoryBus
  readonly #inside: Inside

  static async start({ workers = 1, port, limits }: Options = {}): Promise<Bench> {
    const firstPort = port ?? (await freePorts(workers))
    const errors: unknown[] = []
    const bus = new MemoryBus({ onError: (error) => errors.push(error) })
    const [heard, inside] = [new Heard(bus), new Inside()]
    const workerBin = process.env.MEDIASOUP_WORKER_BIN
    const plainPorts = { min: 33_000, max: 39_999 }
    const settings = { firstPort, announcedAddress: '127.0.0.1', listenIp: '127.0.0.1', plainPorts, workers }
    const node = await SfuNode.create({
      bus,
      log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
      limits: { ...sfuLimits, ...limits },
      settings: workerBin === undefined ? settings : { ...settings, workerBin },
    })
    return new Bench({ node, bus, heard, inside, errors, port: firstPort })
  }

  private constructor(parts: {
    node: SfuNode
    bus: MemoryBus
    heard: Heard
    inside: Inside
    errors: unknown[]
    port: number
  }) {
    this.node = parts.node
    this.heard = parts.heard
    this.errors = parts.errors
    this.port = parts.port
    this.#bus = parts.bus
    this.#inside = parts.inside
  }

  async close(): Promise<void> {
    await this.node.close()
    await this.#bus.close()
    this.#inside.close()
  }

  /** Gives an order as it would come from api. */
  order<V extends MediaVerb>(verb: V, body: OrderBody<V>): Promise<OrderResult<V>> {
    return orderMedia(this.#bus, this.node.id, verb, body, { timeoutMs: 8_000 })
  }

  /** The same, with a body that TypeScript would not have. */
  async rawOrder(order: string, body: unknown): Promise<unknown> {
    return this.#bus.request(`media.${this.node.id}`, { order, body }, { timeoutMs: 8_000 })
  }

  /** A new participant; what its session is told is heard from now on. */
  someone(callId: CallId): Who {
    const who = {
      callId,
      legId: LegId.parse(`leg_${randomUUID()}`),
      session: SessionId.parse(`ses_${randomUUID()}`),
    }
    this.heard.listenFor(who.session)
    return who
  }

  join(who: Who, more: Partial<OrderBody<'openLeg'>> = {}): Promise<JoinedMedia> {
    const asked = { ...who, generation: 1, version: 1, grant: talks, rtpCapabilities: anyDevice }
    return this.order('openLeg', { ...asked, ...more })
  }

  speaks(who: Who, more: Partial<OrderBody<'send'>> = {}): Promise<OrderResult<'send'>> {
    const track = { source: 'microphone' as const, kind: 'audio' as const, rtpParameters: microphone() }
    return this.order('send', { ...idsOf(who), generation: 1, dtlsParameters: dtls('A1'), track, ...more })
  }

  shows(who: Who, more: Partial<OrderBody<'send'>> = {}): Promise<OrderResult<'send'>> {
    const track = { source: 'camera' as const, kind: 'video' as const, rtpParameters: camera() }
    return this.order('send', { ...idsOf(who), generation: 1, dtlsParameters: dtls('A1'), track, ...more })
  }

  listens(who: Who, more: Partial<OrderBody<'receive'>> = {}): Promise<OrderResult<'receive'>> {
    return this.order('receive', { ...idsOf(who), generation: 1, dtlsParameters: dtls('A2'), resume: [], ...more })
  }

  grants(who: Who, version: number, grant: Grant): Promise<OrderResult<'setGrant'>> {
    return this.order('setGrant', { ...idsOf(who), version, grant })
  }

  leaves(who: Who, version = 9): Promise<OrderResult<'closeLeg'>> {
    return this.order('closeLeg', { ...idsOf(who), version })
  }

  /** The process of the first worker. */
  workerPid(): number {
    const [pid] = this.node.workerPids
    if (pid === undefined) throw new Error('no worker is running')
    return pid
  }

  /** Whether mediasoup lets this consumer or producer flow, by the worker's own account. */
  async flows(id: string): Promise<boolean> {
    return !(await this.#inside.dump(id)).paused
  }

  /** How many bytes of RTP the node has sent over the plain transport on this port. */
  async sentBytes({ port }: { port: number }): Promise<number> {
    const [stats] = await this.#inside.plain(port).getStats()
    if (stats === undefined) throw new Error(`no numbers of port ${port}`)
    return stats.rtpBytesSent
  }

  /** The process of the worker that has the plain transport on this port. */
  pidOf({ port }: { port: number }): number {
    return this.#inside.pidOf(port)
  }

  /** The spatial layer that mediasoup was asked to send of a picture. */
  layer(consumerId: string): number | undefined {
    return this.#inside.consumer(consumerId).preferredLayers?.spatialLayer
  }
}

export function idsOf({ callId, legId }: Who): { callId: CallId; legId: LegId } {
  return { callId, legId }
}

/** mediasoup's own objects, by id, as its observer shows them. */
class Inside {
  readonly #consumers = new Map<string, types.Consumer>()
  readonly #producers = new Map<string, types.Producer>()
  readonly #plain = new Map<number, types.PlainTransport>()
  readonly #pids = new Map<number, number>()
  readonly #onWorker = (worker: types.Worker): void => {
    worker.observer.on('newrouter', (router) => {
      router.observer.on('newtransport', (transport) => {
        if (isPlain(transport)) {
          const { localPort } = transport.tuple
          this.#plain.set(localPort, transport)
          this.#pids.set(localPort, worker.pid)
        }
        transport.observer.on('newconsumer', (consumer) => this.#consumers.set(consumer.id, consumer))
        transport.observer.on('newproducer', (producer) => this.#producers.set(producer.id, producer))
      })
    })
  }

  constructor() {
    observer.on('newworker', this.#onWorker)
  }

  close(): void {
    observer.off('newworker', this.#onWorker)
  }

  consumer(id: string): types.Consumer {
    const consumer = this.#consumers.get(id)
    if (consumer === undefined) throw new Error(`no consumer ${id}`)
    return consumer
  }

  pidOf(port: number): number {
    const pid = this.#pids.get(port)
    if (pid === undefined) throw new Error(`no plain transport on port ${port}`)
    return pid
  }

  plain(port: number): types.PlainTransport {
    const transport = this.#plain.get(port)
    if (transport === undefined) throw new Error(`no plain transport on port ${port}`)
    return transport
  }

  dump(id: string): Promise<{ paused: boolean }> {
    const there = this.#consumers.get(id) ?? this.#producers.get(id)
    if (there === undefined) throw new Error(`no consumer or producer ${id}`)
    return there.dump()
  }
}

function isPlain(transport: types.Transport): transport is types.PlainTransport {
  return transport.type === 'plain'
}

/** The first of `count` neighbouring ports that nobody uses, neither over UDP nor TCP, on loopback. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = randomInt(20_000, 32_000 - count)
    const all = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)))
    if (all.every(Boolean)) return first
  }
  throw new Error('no free ports')
}

async function isFree(port: number): Promise<boolean> {
  const [udp, tcp] = [createSocket('udp4'), createServer()]
  try {
    udp.bind(port, '127.0.0.1')
    await once(udp, 'listening')
    tcp.listen(port, '127.0.0.1')
    await once(tcp, 'listening')
    return true
  } catch {
    return false
  } finally {
    udp.close()
    tcp.close()
  }
}
