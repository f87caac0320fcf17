/**
 * What routers can. All routers of all nodes are the same, payload types included, so that a browser loads its device
 * once and a call may move to another router without a new negotiation.
 */
import { ortc, type types } from 'mediasoup'
import { RtpCapabilities } from '@parley/protocol'

// prettier-ignore
export const routerCodecs: types.RouterRtpCodecCapability[] = [
  // FEC and DTX are asked of the sender here: browsers take both from the answer that is made out of these parameters.
  { kind: 'audio', mimeType: 'audio/opus', preferredPayloadType: 111, clockRate: 48_000, channels: 2,
    parameters: { minptime: 10, useinbandfec: 1, usedtx: 1 } },
  // RFC 7874 section 3 makes both G.711 laws mandatory: a phone leg needs no transcoding.
  { kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8_000 },
  { kind: 'audio', mimeType: 'audio/PCMA', preferredPayloadType: 8, clockRate: 8_000 },
  { kind: 'video', mimeType: 'video/VP8', preferredPayloadType: 96, clockRate: 90_000 },
  // Constrained baseline, the profile that RFC 7742 section 6.2 makes mandatory.
  { kind: 'video', mimeType: 'video/H264', preferredPayloadType: 102, clockRate: 90_000,
    parameters: { 'packetization-mode': 1, 'profile-level-id': '42e01f', 'level-asymmetry-allowed': 1 } },
]

/** The capabilities of a router with these codecs, as the wire carries them. */
export function routerCapabilities(): RtpCapabilities {
  return RtpCapabilities.parse(ortc.generateRouterRtpCapabilities(routerCodecs))
}
