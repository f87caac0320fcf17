import { describe, expect, it } from '@jest/globals'
import { Reception } from './reception.ts'
import { asksForPicture, writePictureLoss, writeReport } from './rtcp.ts'

const hex = (bytes: Buffer): string => bytes.toString('hex').replaceAll(/(.{8})(?=.)/g, '$1 ')

describe('a report', () => {
  it('of who only listens has one block for each stream', () => {
    const received = [{ ssrc: 0x22, lostShare: 0.5, lost: 3, highest: 0x1_0005 }]
    expect(hex(writeReport(0x11, 'ann', received))).toBe(
      '81c90007 00000011 00000022 80000003 00010005 00000000 00000000 00000000' +
        // SSRC, an item of the kind CNAME, and zeros to the end of a word.
        ' 81ca0003 00000011 0103616e 6e000000',
    )
  })

  it('of who speaks says when, and how much', () => {
    const sent = { atMs: 500, timestamp: 960, packets: 2, bytes: 160 }
    expect(hex(writeReport(0x11, 'a', [], sent)).slice(0, 62)).toBe(
      '80c80006 00000011 83aa7e80 80000000 000003c0 00000002 000000a0',
    )
  })
})

describe('a picture', () => {
  it('is asked for of its sender alone', () => {
    const compound = Buffer.concat([writeReport(1, 'bob', []), writePictureLoss(1, 7)])
    expect([asksForPicture(compound, 7), asksForPicture(compound, 8)]).toEqual([true, false])
  })
})

describe('what is received', () => {
  it('counts what is missing, across the end of the numbers', () => {
    const reception = new Reception(9)
    for (const sequence of [65_533, 65_534, 0, 1, 2]) reception.take(sequence)
    expect([reception.packets, reception.lost]).toEqual([5, 1])
    expect(reception.report()).toEqual({ ssrc: 9, lostShare: 1 / 6, lost: 1, highest: 0x1_0002 })
    for (const sequence of [3, 4]) reception.take(sequence)
    expect(reception.report()).toMatchObject({ lostShare: 0, lost: 1 })
  })

  it('is nothing at first', () => {
    const reception = new Reception(9)
    expect(reception.report()).toEqual({ ssrc: 9, lostShare: 0, lost: 0, highest: 0 })
  })
})
