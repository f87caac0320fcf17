import { describe, expect, it } from '@jest/globals'
import { routerCapabilities } from './router-codecs.ts'

describe('all routers', () => {
  it('can the same, with the same payload types', () => {
    const codecs = routerCapabilities().codecs?.map(({ mimeType, preferredPayloadType }) => [
      mimeType,
      preferredPayloadType,
    ])
    expect(codecs).toEqual([
      ['audio/opus', 111],
      ['audio/PCMU', 0],
      ['audio/PCMA', 8],
      ['video/VP8', 96],
      ['video/rtx', 100],
      ['video/H264', 102],
      ['video/rtx', 101],
    ])
  })

  it('ask for Opus with FEC and DTX, and for constrained baseline', () => {
    const parametersOf = (mimeType: string) =>
      routerCapabilities().codecs?.find((codec) => codec.mimeType === mimeType)?.parameters
    expect(parametersOf('audio/opus')).toMatchObject({ useinbandfec: 1, usedtx: 1 })
    expect(parametersOf('video/H264')).toMatchObject({ 'packetization-mode': 1, 'profile-level-id': '42e01f' })
  })
})
