import { describe, expect, it } from '@jest/globals'
import { readRtp, writeRtp } from './rtp.ts'

const packet = {
  ...{ payloadType: 111, marker: true, sequenceNumber: 65_535, timestamp: 4_294_967_295, ssrc: 7, dbov: -42 },
  payload: Buffer.from('sound'),
}

describe('a packet', () => {
  it('is read as it was written', () => {
    expect(readRtp(writeRtp(packet, 3), 3)).toEqual(packet)
    const { dbov: _, ...plain } = packet
    expect(readRtp(writeRtp(plain, 3), 3)).toEqual(plain)
  })

  it('has no level for whoever looks for another extension', () => {
    expect(readRtp(writeRtp(packet, 3), 4)).not.toHaveProperty('dbov')
  })

  it('begins again at 0 when a number has grown too large', () => {
    const written = writeRtp({ ...packet, sequenceNumber: 65_536, timestamp: 4_294_967_297 }, 3)
    expect(readRtp(written, 3)).toMatchObject({ sequenceNumber: 0, timestamp: 1 })
  })

  it('may have padding before its level and at its end, and sources that contributed', () => {
    const header = Buffer.from([
      0xb1, 0x6f, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0xbe, 0xde, 0, 1, 0, 0, 0x30, 0x95,
    ])
    const read = readRtp(Buffer.concat([header, Buffer.from([9, 9, 0, 2])]), 3)
    expect(read).toMatchObject({ marker: false, payloadType: 111, dbov: -21, payload: Buffer.from([9, 9]) })
  })

  it.each([
    ['is empty', []],
    ['has another version', [0x40, ...Array(20).fill(0)]],
    ['ends in its extension', [0x90, ...Array(12).fill(0)]],
    ['is shorter than its extension says', [0x90, ...Array(13).fill(0), 0, 9]],
    ['is shorter than its padding says', [0xa0, ...Array(11).fill(0), 200]],
  ])('that %s is none', (_what, bytes) => {
    expect(readRtp(Buffer.from(bytes), 3)).toBeUndefined()
  })
})
