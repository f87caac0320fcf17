import { describe, expect, it } from '@jest/globals'
import { Reception } from './reception.ts'
import { asksForPicture, ntpMiddleOf, readRtcp, writeBye, writePictureLoss, writeReport } from './rtcp.ts'

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

describe('what a compound packet says', () => {
  const received = {
    ssrc: 0x22,
    lostShare: 0.5,
    lost: 3,
    highest: 0x1_0005,
    jitter: 7,
    lastReport: 8,
    sinceLastReport: 9,
  }
  const sent = { atMs: 500, timestamp: 960, packets: 2, bytes: 160 }
  const whole = Buffer.concat([writeReport(0x11, 'ann', [received], sent), writeBye([0x11])])

  it('is read as it was written', () =>
    expect(readRtcp(whole)).toEqual([
      { kind: 'report', ssrc: 0x11, received: [received], sent: { ntpMiddle: ntpMiddleOf(500) } },
      { kind: 'description', ssrc: 0x11, cname: 'ann' },
      { kind: 'bye', ssrcs: [0x11] },
    ]))

  it('of who only listens has no time', () =>
    expect(readRtcp(writeReport(0x11, 'ann', []))[0]).toEqual({ kind: 'report', ssrc: 0x11, received: [] }))

  it('is read as far as it goes, wherever it is cut, and whatever stands in it', () => {
    for (let length = 0; length < whole.length; length += 1)
      expect(readRtcp(whole.subarray(0, length)).length).toBeLessThan(3)
    for (let at = 0; at < whole.length; at += 1) {
      for (const value of [0, 1, 0x7f, 0x80, 0xc8, 0xff]) {
        const changed = Buffer.from(whole)
        changed.writeUInt8(value, at)
        expect(readRtcp(changed).length).toBeLessThanOrEqual(3)
      }
    }
  })

  it('names an hour by its middle', () => {
    const hex = writeReport(1, 'a', [], { ...sent, atMs: 1_700_000_000_123 }).toString('hex')
    expect(ntpMiddleOf(1_700_000_000_123).toString(16).padStart(8, '0')).toBe(hex.slice(20, 28))
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
    expect(reception.report()).toEqual({ ssrc: 9, lostShare: 1 / 6, lost: 1, highest: 0x1_0002, jitter: 0 })
    for (const sequence of [3, 4]) reception.take(sequence)
    expect(reception.report()).toMatchObject({ lostShare: 0, lost: 1 })
  })

  it('measures how unevenly packets come', () => {
    const reception = new Reception(9)
    for (const [sequence, transit] of [0, 160, 0, 160].entries()) reception.take(sequence, transit)
    expect(reception.jitter).toBeCloseTo(28.2, 1)
  })

  it('is nothing at first', () => {
    const reception = new Reception(9)
    expect(reception.report()).toEqual({ ssrc: 9, lostShare: 0, lost: 0, highest: 0, jitter: 0 })
  })
})
