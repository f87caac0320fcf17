import { describe, expect, it } from '@jest/globals'
import { Eye } from './eye.ts'
import { writeHeader, writeMoment } from '@parley/rtp'

/** A packet of the frame with this number, at 30 frames a second. */
function packetOf(frame: number, sequence: number): Buffer {
  const packet = Buffer.alloc(20)
  writeHeader(packet, { payloadType: 96, ssrc: 5 })
  writeMoment(packet, sequence, frame * 3_000, false)
  return packet
}

describe('a picture', () => {
  it('is as quick as its frames come in', () => {
    const eye = new Eye(5)
    for (let frame = 0; frame < 150; frame += 1) {
      for (const part of [0, 1, 2]) eye.take(packetOf(frame, 3 * frame + part), (frame * 1000) / 30)
    }
    expect(eye.see(5_000)).toMatchObject({ frames: 150, packets: 450, lost: 0 })
    expect(Math.abs(eye.see(5_000).framesPerS - 30)).toBeLessThan(1)
  })

  it('that has just begun is counted from its first frame', () => {
    const eye = new Eye(5)
    for (let frame = 0; frame <= 3; frame += 1) eye.take(packetOf(frame, frame), 9_000 + 100 * frame)
    expect(eye.see(9_300).framesPerS).toBeCloseTo(10, 5)
  })

  it('that stopped has no frames a second any more', () => {
    const eye = new Eye(5)
    for (let frame = 0; frame < 60; frame += 1) eye.take(packetOf(frame, frame), frame * 33)
    expect(eye.see(10_000)).toMatchObject({ framesPerS: 0, frames: 60 })
  })

  it('does not count a frame again whose packet comes late', () => {
    const eye = new Eye(5)
    for (const [frame, sequence] of [
      [0, 0],
      [1, 2],
      [0, 1],
      [1, 3],
    ] as const)
      eye.take(packetOf(frame, sequence), 0)
    expect(eye.see(0)).toMatchObject({ frames: 2, packets: 4, lost: 0 })
  })
})
