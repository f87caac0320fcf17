/**
 * The media parameters that travel between browser, api and sfu: mediasoup's shapes, checked before they come near a
 * worker. What mediasoup itself makes (transport and consumer options) is typed here and trusted; what a client sends
 * is bounded field by field, because a worker that dies takes every call on it along.
 */
import * as z from 'zod/mini'
import { ConsumerId, LegId, ProducerId, TransportId } from './ids.ts'

const short = z.string().check(z.maxLength(64))
const uint32 = z.int().check(z.gte(0), z.lte(0xffff_ffff))
const payloadType = z.int().check(z.gte(0), z.lte(127))

/** Format parameters of a codec, such as `{ useinbandfec: 1 }`. */
const FormatParameters = z
  .record(short, z.union([z.string().check(z.maxLength(256)), z.number(), z.undefined()]))
  .check(z.refine((map) => Object.keys(map).length <= 32, 'has too many entries'))
const RtcpFeedback = z.object({ type: short, parameter: z.optional(short) })
const mimeType = z.string().check(z.regex(/^(audio|video)\/[A-Za-z0-9.-]{1,40}$/))

const RtpCodecCapability = z.object({
  kind: z.enum(['audio', 'video']),
  mimeType,
  preferredPayloadType: z.optional(payloadType),
  clockRate: z.int().check(z.gte(1), z.lte(192_000)),
  channels: z.optional(z.int().check(z.gte(1), z.lte(8))),
  parameters: z.optional(FormatParameters),
  rtcpFeedback: z.optional(z.array(RtcpFeedback).check(z.maxLength(16))),
})
const RtpHeaderExtension = z.object({
  kind: z.enum(['audio', 'video']),
  uri: z.string().check(z.maxLength(128)),
  preferredId: z.int().check(z.gte(1), z.lte(255)),
  preferredEncrypt: z.optional(z.boolean()),
  direction: z.optional(z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive'])),
})

/** What an endpoint can receive (mediasoup: RtpCapabilities). */
export const RtpCapabilities = z.object({
  codecs: z.optional(z.array(RtpCodecCapability).check(z.maxLength(64))),
  headerExtensions: z.optional(z.array(RtpHeaderExtension).check(z.maxLength(64))),
})
export type RtpCapabilities = z.infer<typeof RtpCapabilities>

const RtpEncoding = z.object({
  ssrc: z.optional(uint32),
  rid: z.optional(z.string().check(z.regex(/^[A-Za-z0-9]{1,16}$/))),
  codecPayloadType: z.optional(payloadType),
  rtx: z.optional(z.object({ ssrc: uint32 })),
  dtx: z.optional(z.boolean()),
  scalabilityMode: z.optional(z.string().check(z.regex(/^[LS][1-9]T[1-9](_KEY)?(_SHIFT)?$/))),
  scaleResolutionDownBy: z.optional(z.number().check(z.gte(1), z.lte(64))),
  maxBitrate: z.optional(z.int().check(z.gte(1), z.lte(100_000_000))),
  maxFramerate: z.optional(z.number().check(z.gte(1), z.lte(240))),
  active: z.optional(z.boolean()),
})

/** What a producer sends: at most three encodings (mediasoup: RtpParameters). */
export const RtpParameters = z.object({
  mid: z.optional(z.string().check(z.maxLength(32))),
  codecs: z
    .array(
      z.object({
        mimeType,
        payloadType,
        clockRate: z.int().check(z.gte(1), z.lte(192_000)),
        channels: z.optional(z.int().check(z.gte(1), z.lte(8))),
        parameters: z.optional(FormatParameters),
        rtcpFeedback: z.optional(z.array(RtcpFeedback).check(z.maxLength(16))),
      }),
    )
    .check(z.minLength(1), z.maxLength(16)),
  headerExtensions: z.optional(
    z
      .array(
        z.object({
          uri: z.string().check(z.maxLength(128)),
          id: z.int().check(z.gte(1), z.lte(255)),
          encrypt: z.optional(z.boolean()),
          parameters: z.optional(FormatParameters),
        }),
      )
      .check(z.maxLength(32)),
  ),
  encodings: z.optional(z.array(RtpEncoding).check(z.maxLength(3))),
  rtcp: z.optional(
    z.object({
      cname: z.optional(z.string().check(z.maxLength(256))),
      reducedSize: z.optional(z.boolean()),
      mux: z.optional(z.boolean()),
    }),
  ),
})
export type RtpParameters = z.infer<typeof RtpParameters>

/** The DTLS side of a transport (mediasoup: DtlsParameters). */
export const DtlsParameters = z.object({
  role: z.optional(z.enum(['auto', 'client', 'server'])),
  fingerprints: z
    .array(
      z.object({
        algorithm: z.enum(['sha-1', 'sha-224', 'sha-256', 'sha-384', 'sha-512']),
        value: z.string().check(z.regex(/^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15,63}$/)),
      }),
    )
    .check(z.minLength(1), z.maxLength(8)),
})
export type DtlsParameters = z.infer<typeof DtlsParameters>

/** One SCTP stream (mediasoup: SctpStreamParameters). */
export const SctpStreamParameters = z.object({
  streamId: z.optional(z.int().check(z.gte(0), z.lte(65_535))),
  ordered: z.optional(z.boolean()),
  maxPacketLifeTime: z.optional(z.int().check(z.gte(0), z.lte(65_535))),
  maxRetransmits: z.optional(z.int().check(z.gte(0), z.lte(65_535))),
})
export type SctpStreamParameters = z.infer<typeof SctpStreamParameters>

/** Where a track comes from. Each source is one producer at most. */
export const Source = z.enum(['microphone', 'camera', 'screen'])
export type Source = z.infer<typeof Source>

/** What sfu lets a leg do. It comes with each order and is the whole truth: what it does not name is refused. */
export const Grant = z.object({
  /** Sources that the leg may produce. */
  send: z.array(Source),
  /** Sources that are kept paused at the sfu whatever the client sends (a muted microphone). */
  paused: z.array(Source),
  /** Whether the leg hears and sees the others. */
  receive: z.boolean(),
})
export type Grant = z.infer<typeof Grant>

const opaque = z.record(z.string(), z.unknown())

/** What a client needs to build one transport (mediasoup-client: TransportOptions). */
export const TransportOptions = z.object({
  id: TransportId,
  iceParameters: opaque,
  iceCandidates: z.array(opaque),
  dtlsParameters: opaque,
  sctpParameters: opaque,
})
export type TransportOptions = z.infer<typeof TransportOptions>

/** What a client needs to receive one track (mediasoup-client: ConsumerOptions), and whose it is. */
export const ConsumerOptions = z.object({
  id: ConsumerId,
  producerId: ProducerId,
  kind: z.enum(['audio', 'video']),
  rtpParameters: opaque,
  legId: LegId,
  source: Source,
})
export type ConsumerOptions = z.infer<typeof ConsumerOptions>

/** What a client needs to open the data channel that keeps its receive transport warm. */
export const DataConsumerOptions = z.object({
  id: z.string(),
  dataProducerId: z.string(),
  sctpStreamParameters: opaque,
  label: z.string(),
  protocol: z.string(),
})
export type DataConsumerOptions = z.infer<typeof DataConsumerOptions>

/** A picture that someone sends and that may be rendered. */
export const StreamView = z.object({ streamId: ProducerId, legId: LegId, source: Source })
export type StreamView = z.infer<typeof StreamView>

/**
 * A leg's media as sfu opened it. `generation` counts how often a leg's media was built; messages about an older one
 * are refused as stale.
 */
export const JoinedMedia = z.object({
  generation: z.int(),
  send: TransportOptions,
  receive: TransportOptions,
  /** Consumers of the sounds that exist already; paused at the sfu until *receive* and the grant allow them. */
  consumers: z.array(ConsumerOptions),
  /** The data channel that brings the receive transport up before there is anything to hear. */
  warmth: DataConsumerOptions,
  /** Pictures of the others. Nothing is sent of them before *consume*. */
  streams: z.array(StreamView),
})
export type JoinedMedia = z.infer<typeof JoinedMedia>

/** Keys of SRTP in one direction (mediasoup: SrtpParameters; RFC 7714 section 12 for the suite). */
export const SrtpParameters = z.object({
  cryptoSuite: z.literal('AEAD_AES_128_GCM'),
  /** Master key and salt, 28 bytes, base64. */
  keyBase64: z.string().check(z.regex(/^[A-Za-z0-9+/]{38}==$/)),
})
export type SrtpParameters = z.infer<typeof SrtpParameters>

/**
 * A leg's media over one plain transport, RTP and RTCP on one port both ways, for participants without a browser. sfu
 * learns the client's address from its first packet. Sounds and pictures are consumed as over JoinedMedia.
 */
export const PlainMedia = z.object({
  generation: z.int(),
  ip: z.string(),
  port: z.int(),
  /** With what sfu encrypts what it sends. */
  srtpParameters: SrtpParameters,
  consumers: z.array(ConsumerOptions),
  streams: z.array(StreamView),
})
export type PlainMedia = z.infer<typeof PlainMedia>
