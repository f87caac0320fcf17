/** What a browser would say of itself and of its tracks. Only tests import this module. */
import { RtpParameters, type DtlsParameters, type RtpCapabilities } from '@parley/protocol'
import { routerCapabilities } from '../router-codecs.ts'

/** A device that can all that routers can. */
export const anyDevice: RtpCapabilities = routerCapabilities()

/** A device without a camera decoder. */
export const soundOnlyDevice: RtpCapabilities = {
  ...anyDevice,
  codecs: (anyDevice.codecs ?? []).filter(({ kind }) => kind === 'audio'),
}

/** DTLS parameters with a fingerprint out of this byte. */
export function dtls(byte: string): DtlsParameters {
  return { role: 'client', fingerprints: [{ algorithm: 'sha-256', value: Array(32).fill(byte).join(':') }] }
}

/** A microphone's track: Opus with FEC and DTX. */
export function microphone(ssrc = 1_001): RtpParameters {
  return RtpParameters.parse({
    mid: `a${ssrc}`,
    codecs: [
      {
        mimeType: 'audio/opus',
        payloadType: 111,
        clockRate: 48_000,
        channels: 2,
        parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 },
        rtcpFeedback: [{ type: 'transport-cc', parameter: '' }],
      },
    ],
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4, encrypt: false, parameters: {} },
      { uri: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level', id: 1, encrypt: false, parameters: {} },
    ],
    encodings: [{ ssrc, dtx: true }],
    rtcp: { cname: 'device', reducedSize: true },
  })
}

/** A camera's track: VP8 in three layers. */
export function camera(): RtpParameters {
  return RtpParameters.parse({
    mid: 'v',
    codecs: [
      {
        mimeType: 'video/VP8',
        payloadType: 96,
        clockRate: 90_000,
        parameters: {},
        rtcpFeedback: [{ type: 'nack', parameter: 'pli' }, { type: 'transport-cc' }],
      },
      { mimeType: 'video/rtx', payloadType: 97, clockRate: 90_000, parameters: { apt: 96 }, rtcpFeedback: [] },
    ],
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 4 },
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 10 },
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id', id: 11 },
    ],
    encodings: [
      { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150_000 },
      { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500_000 },
      { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
    ],
    rtcp: { cname: 'device', reducedSize: true },
  })
}
