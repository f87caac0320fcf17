import { describe, expect, it } from '@jest/globals'
import { createSecretKey, randomBytes } from 'node:crypto'
import { GcmReceiver, GcmSender } from './srtp-gcm.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('the test vectors of RFC 7714 section 16', () => {
  const keys = {
    key: createSecretKey(bytes('000102030405060708090a0b0c0d0e0f')),
    salt: bytes('51756964 2070726f 2071756f'),
  }
  const sender = new GcmSender(keys, keys)
  const receiver = new GcmReceiver(keys, keys)
  const rtp = bytes(
    '8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573',
  )
  const srtp = bytes(
    '8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833' +
      '899d 7f27beb1 6a9152cf 765ee439 0cce',
  )
  const rtcp = bytes(
    '81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef',
  )
  const srtcp = bytes(
    '81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded' +
      '0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4',
  )

  it('16.1.1: RTP is encrypted', () => {
    const packet = Buffer.concat([rtp, Buffer.alloc(sender.tagBytes)])
    expect(sender.protectRtp(packet, 12, rtp.length, 0)).toBe(srtp.length)
    expect(packet).toEqual(srtp)
  })

  it('16.1.2: RTP is decrypted', () => expect(receiver.openRtp(srtp, 12, 0)).toEqual(rtp.subarray(12)))

  it('17.1: RTCP is encrypted', () => expect(sender.protectRtcp(rtcp, 0x5d4)).toEqual(srtcp))

  it('17.2: RTCP is decrypted', () => expect(receiver.openRtcp(srtcp)).toEqual(rtcp))

  it.each([
    ['its header', 3],
    ['its payload', 20],
    ['its tag', 60],
  ])('RTP is refused when %s was changed', (_what, at) => {
    const changed = Buffer.from(srtp)
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
    expect(receiver.openRtp(changed, 12, 0)).toBeUndefined()
  })

  it('RTCP is refused when its index was changed, and when it is in the clear', () => {
    const changed = Buffer.from(srtcp)
    changed.writeUInt8(0xd5, changed.length - 1)
    expect(receiver.openRtcp(changed)).toBeUndefined()
    expect(receiver.openRtcp(Buffer.concat([rtcp, Buffer.alloc(20)]))).toBeUndefined()
  })

  it('what is too short to be anything is refused', () => {
    expect(receiver.openRtp(srtp.subarray(0, 20), 12, 0)).toBeUndefined()
    expect(receiver.openRtcp(srtcp.subarray(0, 20))).toBeUndefined()
  })
})

describe('a master key', () => {
  it('opens what it has closed, and nothing of another key', () => {
    const [ours, other] = [randomBytes(28), randomBytes(28)]
    const sender = GcmSender.fromMaster(ours)
    const packet = Buffer.concat([randomBytes(60), Buffer.alloc(sender.tagBytes)])
    const payload = Buffer.from(packet.subarray(12, 60))
    sender.protectRtp(packet, 12, 60, 7)
    expect(GcmReceiver.fromMaster(ours).openRtp(packet, 12, 7)).toEqual(payload)
    expect(GcmReceiver.fromMaster(ours).openRtp(packet, 12, 8)).toBeUndefined()
    expect(GcmReceiver.fromMaster(other).openRtp(packet, 12, 7)).toBeUndefined()
  })
})
