import { describe, expect, it } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { CmReceiver, CmSender } from './srtp-cm.ts'
import { srtpReceiver, srtpSender } from './srtp-suites.ts'

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const master = bytes('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6')
const rtp = bytes('800f1234 decafbad cafebabe abababab abababab abababab abababab')

describe.each(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM'] as const)('%s', (suite) => {
  const keys = { suite, master: randomBytes(suite === 'AEAD_AES_128_GCM' ? 28 : 30) }
  const [sender, receiver] = [srtpSender(keys), srtpReceiver(keys)]

  function protectedRtp(roc: number): Buffer {
    const packet = Buffer.concat([rtp, Buffer.alloc(sender.tagBytes)])
    expect(sender.protectRtp(packet, 12, rtp.length, roc)).toBe(packet.length)
    return packet
  }

  it('opens what it has closed, with the rollover counter that it was closed with', () => {
    const packet = protectedRtp(3)
    expect(packet.subarray(0, 12)).toEqual(rtp.subarray(0, 12))
    expect(packet.subarray(12, 28)).not.toEqual(rtp.subarray(12))
    expect(receiver.openRtp(packet, 12, 3)).toEqual(rtp.subarray(12))
    expect(receiver.openRtp(packet, 12, 4)).toBeUndefined()
  })

  it('refuses what was changed anywhere, and what is cut', () => {
    const packet = protectedRtp(0)
    for (let at = 0; at < packet.length; at += 1) {
      const changed = Buffer.from(packet)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      expect(receiver.openRtp(changed, 12, 0)).toBeUndefined()
      expect(receiver.openRtp(packet.subarray(0, at), 12, 0)).toBeUndefined()
    }
  })

  it('closes and opens RTCP', () => {
    const rtcp = bytes('81c90007 00000011 00000022 80000003 00010005 00000000 00000000 00000000')
    const closed = sender.protectRtcp(rtcp)
    expect(closed.subarray(0, 8)).toEqual(rtcp.subarray(0, 8))
    const changed = Buffer.from(closed)
    changed.writeUInt8(changed.readUInt8(12) ^ 1, 12)
    expect(receiver.openRtcp(changed)).toBeUndefined()
    expect(receiver.openRtcp(closed)).toEqual(rtcp)
    expect(receiver.openRtcp(closed.subarray(0, 10))).toBeUndefined()
  })

  it('wants as many bytes of keys as it takes', () => {
    expect(() => srtpSender({ suite, master: Buffer.alloc(16) })).toThrow('bytes of key and salt')
    expect(() => srtpReceiver({ suite, master: Buffer.alloc(31) })).toThrow('bytes of key and salt')
  })
})

/** Master key, packet and result as other implementations of RFC 3711 have them in their own tests. */
it('a known packet comes out as it does elsewhere', () => {
  const packet = Buffer.concat([rtp, Buffer.alloc(10)])
  new CmSender(master, 10).protectRtp(packet, 12, rtp.length, 0)
  expect(packet).toEqual(bytes('800f1234 decafbad cafebabe 4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb'))
})

it('RTCP that was sent before is refused', () => {
  const closed = new CmSender(master, 10).protectRtcp(bytes('80c90001 00000011'))
  const receiver = new CmReceiver(master, 10)
  expect(receiver.openRtcp(closed)).toBeDefined()
  expect(receiver.openRtcp(closed)).toBeUndefined()
})
