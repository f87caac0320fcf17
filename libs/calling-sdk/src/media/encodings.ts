import type { PhoneCodec, Source } from '@parley/protocol'
import type { types } from 'mediasoup-client'

/** The sizes of a picture, smallest first, of which the sfu forwards to each viewer the one that fits his view. */
const layers: Record<'camera' | 'screen', types.RtpEncodingParameters[]> = {
  camera: [
    { scaleResolutionDownBy: 4, maxBitrate: 150_000 },
    { scaleResolutionDownBy: 2, maxBitrate: 500_000 },
    { scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
  ],
  // Text has to be read: little is gained below half, and the full size may cost more, which it only does as it moves.
  screen: [
    { scaleResolutionDownBy: 2, maxBitrate: 600_000 },
    { scaleResolutionDownBy: 1, maxBitrate: 3_000_000 },
  ],
}

/**
 * How a source is encoded: VP8 for pictures where the browser has it, else H264, both in layers. A voice is Opus, or
 * what the phone at the other end speaks.
 */
export function encodingOf(
  source: Source,
  can: types.RtpCapabilities,
  soundCodec?: PhoneCodec,
): Pick<types.ProducerOptions, 'encodings' | 'codec' | 'codecOptions'> {
  const spoken = can.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === `audio/${soundCodec?.toLowerCase()}`)
  if (source === 'microphone' && spoken !== undefined) return { codec: spoken }
  if (source === 'microphone') return { codecOptions: { opusFec: true, opusDtx: true, opusStereo: false } }
  const codec = ['video/vp8', 'video/h264']
    .map((name) => can.codecs?.find(({ mimeType }) => mimeType.toLowerCase() === name))
    .find((found) => found !== undefined)
  // The library writes into the encodings that it gets.
  return { encodings: layers[source].map((layer) => ({ ...layer })), ...(codec === undefined ? {} : { codec }) }
}
