/**
 * What nodes say to each other over the bus. Orders go to one sfu and are answered; facts are published. The bus is a
 * hint and the row is the truth: what was not heard is found by reading again.
 */
import * as z from 'zod/mini'
import { CallId, ConsumerId, LegId, NodeId, ProducerId, SessionId } from './ids.ts'
import { Bot } from './raw-id.ts'
import {
  ConsumerOptions,
  DtlsParameters,
  Grant,
  JoinedMedia,
  PlainMedia,
  RtpCapabilities,
  RtpParameters,
  SctpStreamParameters,
  Source,
  SrtpParameters,
} from './media.ts'

/** Subjects of the bus. */
export const subjects = {
  /** Orders to one sfu: a request with a MediaOrder, answered with its result. */
  media: (node: NodeId) => `media.${node}`,
  /** Facts from any sfu; one api takes each. */
  mediaReports: 'media.reports',
  /** Events for one session, taken by the api that holds its socket, or by the sip node that holds its phone. */
  session: (session: SessionId) => `session.${session}`,
  /** The same event for many sessions; everyone who holds any hears it. */
  sessions: 'sessions',
  /** Orders to one sip node, answered. */
  phones: (node: NodeId) => `phones.${node}`,
  /** What sip nodes ask; one api answers each. */
  phoneAsks: 'phones.asks',
  /** The inventories of sip nodes; one api takes each. */
  phoneReports: 'phones.reports',
  /** Heartbeats of all nodes; everyone hears them. */
  nodes: 'nodes.alive',
}

const leg = { callId: CallId, legId: LegId }
const built = { ...leg, generation: z.int() }
const empty = z.object({})

/**
 * Orders about a leg's media, with their results. `version` is the call's: an order that is older than one already
 * carried out for the leg is answered and ignored. sfu knows ids only; `session` is where events about the leg go.
 */
export const mediaOrders = {
  /** Opens both transports. The same generation again gives the same answer; a higher one builds anew. */
  openLeg: {
    body: z.object({
      ...built,
      version: z.int(),
      session: SessionId,
      grant: Grant,
      rtpCapabilities: RtpCapabilities,
    }),
    result: JoinedMedia,
  },
  /** The same over one plain transport, which takes the place of both. */
  openPlain: {
    body: z.object({
      ...built,
      version: z.int(),
      session: SessionId,
      grant: Grant,
      rtpCapabilities: RtpCapabilities,
      srtpParameters: SrtpParameters,
    }),
    result: PlainMedia,
  },
  /** Makes the sfu itself the far end of a leg: a bot, which hears and speaks as its kind does. Reported as any leg. */
  openBot: { body: z.object({ ...built, version: z.int(), grant: Grant, bot: Bot }), result: empty },
  /** Replaces what the leg may do: pauses, resumes or closes what follows from it. Ignored for a leg without media. */
  setGrant: { body: z.object({ ...leg, version: z.int(), grant: Grant }), result: empty },
  /** Closes all media of the leg, for good: a late openLeg is refused. */
  closeLeg: { body: z.object({ ...leg, version: z.int() }), result: empty },
  send: {
    body: z.object({
      ...built,
      dtlsParameters: z.optional(DtlsParameters),
      track: z.optional(z.object({ source: Source, kind: z.enum(['audio', 'video']), rtpParameters: RtpParameters })),
      data: z.optional(SctpStreamParameters),
    }),
    result: z.object({ id: z.string() }),
  },
  receive: {
    body: z.object({ ...built, dtlsParameters: z.optional(DtlsParameters), resume: z.array(ConsumerId) }),
    result: empty,
  },
  unsend: { body: z.object({ ...built, producerId: ProducerId }), result: empty },
  watch: {
    body: z.object({ ...built, streamId: ProducerId }),
    result: z.object({ consumer: ConsumerOptions }),
  },
  size: {
    body: z.object({ ...built, consumerId: ConsumerId, width: z.int(), height: z.int() }),
    result: empty,
  },
  unwatch: { body: z.object({ ...built, consumerId: ConsumerId }), result: empty },
} as const

export type MediaVerb = keyof typeof mediaOrders
export type OrderBody<V extends MediaVerb> = z.infer<(typeof mediaOrders)[V]['body']>
export type OrderResult<V extends MediaVerb> = z.infer<(typeof mediaOrders)[V]['result']>
/** An order on the bus. */
export type MediaOrder = { [V in MediaVerb]: { order: V; body: OrderBody<V> } }[MediaVerb]

/**
 * The name of an effect: its call, the version of the call that made it, and its place among that version's effects.
 * Whoever receives an effect carries out each name once.
 */
export const EffectName = z.object({ callId: CallId, version: z.int(), n: z.int() })
export type EffectName = z.infer<typeof EffectName>

/** Facts that an sfu reports. `epoch` is the node id: a restarted sfu is another node. */
export const MediaReport = z.discriminatedUnion('report', [
  /** Both transports of this generation are connected. */
  z.object({ report: z.literal('legUp'), node: NodeId, ...built }),
  /** The leg's media is gone (worker died) or has been silent on the network for 10 s. */
  z.object({ report: z.literal('legLost'), node: NodeId, ...built }),
  /** All legs that this node holds; sent at start and every 30 s. */
  z.object({ report: z.literal('inventory'), node: NodeId, legs: z.array(z.object(built)) }),
])
export type MediaReport = z.infer<typeof MediaReport>

/** The heartbeat of a node. */
export const NodeAlive = z.object({
  node: NodeId,
  role: z.enum(['api', 'sfu', 'sip']),
  /** How many legs an sfu or a sip node holds; places of new calls are chosen by it. */
  load: z.number(),
  /** False while the node takes no new calls (no worker left, draining). */
  isReady: z.boolean(),
  /** What the routers of an sfu can; absent for others. */
  rtpCapabilities: z.optional(RtpCapabilities),
})
export type NodeAlive = z.infer<typeof NodeAlive>
