/** Tracks of the sfu, in its words (mediasoup: RtpParameters): what a phone sends there, and what it is sent. */
import type { ConsumerOptions, RtpParameters } from '@parley/protocol'
import { randomUUID } from 'node:crypto'
import type { PhoneCodec } from './agreed.ts'
import { levelId, levelUri } from './sfu-line.ts'

/** Codecs that browsers have as well. */
export type SfuCodec = Exclude<PhoneCodec, 'G722'>

// prettier-ignore
const codecs: Record<SfuCodec, { mimeType: string; payloadType: number; clockRate: number; channels?: number }> = {
  PCMU: { mimeType: 'audio/PCMU', payloadType: 0,   clockRate: 8_000 },
  PCMA: { mimeType: 'audio/PCMA', payloadType: 8,   clockRate: 8_000 },
  opus: { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 },
}

/** A phone's voice. */
export function trackOf(codec: SfuCodec, ssrc: number): RtpParameters {
  return {
    codecs: [{ ...codecs[codec], parameters: {}, rtcpFeedback: [] }],
    headerExtensions: [{ uri: levelUri, id: levelId }],
    encodings: [{ ssrc }],
    rtcp: { cname: randomUUID(), reducedSize: true },
  }
}

/** What a sound comes as; undefined for what is none that phones understand. */
export function codecIn(consumer: ConsumerOptions): { codec: SfuCodec; ssrc: number; payloadType: number } | undefined {
  // Made by the sfu's own mediasoup.
  const { codecs: sent, encodings } = consumer.rtpParameters as unknown as RtpParameters
  const [ssrc, first] = [encodings?.[0]?.ssrc, sent[0]]
  if (ssrc === undefined || first === undefined) return undefined
  const codec = (Object.keys(codecs) as SfuCodec[]).find(
    (name) => codecs[name].mimeType.toLowerCase() === first.mimeType.toLowerCase(),
  )
  return codec && { codec, ssrc, payloadType: first.payloadType }
}
