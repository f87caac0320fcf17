import { describe, expect, it } from '@jest/globals'
import {
  hasMarker,
  headerLengthOf,
  isRtcp,
  isRtp,
  payloadTypeOf,
  sequenceOf,
  ssrcOf,
  timestampOf,
  writeHeader,
  writeLevel,
  writeMoment,
} from './packet.ts'

const packet = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')

describe('a header', () => {
  it('is read as it was written', () => {
    const written = Buffer.alloc(40)
    expect(writeHeader(written, { payloadType: 111, ssrc: 0xdeadbeef, levelId: 3 })).toBe(20)
    writeMoment(written, 65_537, 2 ** 32 + 960, true)
    writeLevel(written, 30)
    expect([payloadTypeOf(written), ssrcOf(written), sequenceOf(written)]).toEqual([111, 0xdeadbeef, 1])
    expect([timestampOf(written), hasMarker(written), headerLengthOf(written)]).toEqual([960, true, 20])
    expect(written.subarray(12, 20)).toEqual(packet('bede0001 309e0000'))
  })

  it('is without an extension twelve bytes long, and a mark goes away again', () => {
    const written = Buffer.alloc(12)
    expect(writeHeader(written, { payloadType: 0, ssrc: 1 })).toBe(12)
    writeMoment(written, 1, 1, true)
    writeMoment(written, 2, 161, false)
    expect([headerLengthOf(written), hasMarker(written), payloadTypeOf(written)]).toEqual([12, false, 0])
  })

  it('grows with contributing sources and with its extension', () => {
    expect(headerLengthOf(packet('82000001 00000001 00000001 00000002 00000003'))).toBe(20)
    expect(headerLengthOf(packet('91000001 00000001 00000001 00000002 bede0002 00000000 00000000'))).toBe(28)
  })
})

describe('what comes in', () => {
  it.each([
    ['nothing', '', false],
    ['too short for a header', '8000', false],
    ['of another version', '40000001 00000001 00000001', false],
    ['shorter than its extension says', '90000001 00000001 00000001 bede0009 00000000', false],
    ['cut in its extension', '90000001 00000001 00000001 be', false],
    ['a packet', '80000001 00000001 00000001', true],
  ])('%s (%s): is RTP %s', (_what, hex, is) => expect(isRtp(packet(hex))).toBe(is))

  it('is told from RTCP by its second byte', () => {
    expect(isRtcp(packet('80c8'))).toBe(true)
    expect(isRtcp(packet('81ce'))).toBe(true)
    expect(isRtcp(packet('80ef'))).toBe(false)
    expect(isRtcp(packet('80'))).toBe(false)
  })
})
