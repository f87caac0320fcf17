/** What a virtual participant can receive and sends, said in the server's own payload types. */
import type { RtpCapabilities, RtpParameters } from '@parley/protocol'
import type { Codec } from './media/decoding.ts'

const levelUri = 'urn:ietf:params:rtp-hdrext:ssrc-audio-level'
/** Codecs whose sound is understood, and pictures, which are only counted. */
const received = ['audio/opus', 'audio/pcmu', 'audio/pcma', 'video/vp8', 'video/h264']
/** What is answered. Of the rest, congestion control above all, the server would wait in vain for an answer. */
const pictureFeedback = { type: 'nack', parameter: 'pli' }

/** What of the server's abilities a participant shares. */
export function capabilitiesOf(server: RtpCapabilities): RtpCapabilities {
  const codecs = (server.codecs ?? []).filter(({ mimeType }) => received.includes(mimeType.toLowerCase()))
  return {
    codecs: codecs.map((codec) => ({ ...codec, rtcpFeedback: codec.kind === 'video' ? [pictureFeedback] : [] })),
    headerExtensions: (server.headerExtensions ?? []).filter(({ uri }) => uri === levelUri),
  }
}

/** How packets of a voice look. */
type VoiceShape = { payloadType: number; levelId?: number }

/** @throws when the server knows no Opus */
export function voiceShapeOf(server: RtpCapabilities): VoiceShape {
  const opus = server.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === 'audio/opus')
  if (opus?.preferredPayloadType === undefined) throw new Error('The server takes no Opus.')
  const level = server.headerExtensions?.find(({ kind, uri }) => kind === 'audio' && uri === levelUri)
  return { payloadType: opus.preferredPayloadType, ...(level === undefined ? {} : { levelId: level.preferredId }) }
}

/** @throws when the server knows no VP8 */
export function pictureTypeOf(server: RtpCapabilities): number {
  const vp8 = server.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === 'video/vp8')
  if (vp8?.preferredPayloadType === undefined) throw new Error('The server takes no VP8.')
  return vp8.preferredPayloadType
}

/** A camera's track. */
export function cameraOf(payloadType: number, ssrc: number, cname: string): RtpParameters {
  return {
    codecs: [
      { mimeType: 'video/VP8', payloadType, clockRate: 90_000, parameters: {}, rtcpFeedback: [pictureFeedback] },
    ],
    headerExtensions: [],
    encodings: [{ ssrc }],
    rtcp: { cname, reducedSize: true },
  }
}

/** A microphone's track (mediasoup: RtpParameters). */
export function microphoneOf({ payloadType, levelId }: VoiceShape, ssrc: number, cname: string): RtpParameters {
  const parameters = { minptime: 10, useinbandfec: 1 }
  return {
    codecs: [{ mimeType: 'audio/opus', payloadType, clockRate: 48_000, channels: 2, parameters, rtcpFeedback: [] }],
    headerExtensions: levelId === undefined ? [] : [{ uri: levelUri, id: levelId }],
    encodings: [{ ssrc }],
    rtcp: { cname, reducedSize: true },
  }
}

/** The codec of a sound that is received; undefined for one that is not understood. */
export function codecOf(mimeType: string): Codec | undefined {
  const name = mimeType.toLowerCase().replace('audio/', '')
  return name === 'opus' || name === 'pcmu' || name === 'pcma' ? name : undefined
}
