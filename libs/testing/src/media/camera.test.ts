import { describe, expect, it } from '@jest/globals'
import { Camera } from './camera.ts'
import type { Outgoing, Payload } from './outgoing.ts'
import { filmOf, readIvf } from './pictures.ts'

/** A file of frames; the first one is whole, the others build on it. */
function ivf(framesPerS: number, frames: Buffer[], codec = 'VP80'): Buffer {
  const head = Buffer.alloc(32)
  head.write(`DKIF\0\0 \0${codec}`, 'latin1')
  head.writeUInt32LE(framesPerS, 16)
  head.writeUInt32LE(1, 20)
  const pieces = frames.map((frame) => {
    const before = Buffer.alloc(12)
    before.writeUInt32LE(frame.length)
    return Buffer.concat([before, frame])
  })
  return Buffer.concat([head, ...pieces])
}
const whole = Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a])
const inter = Buffer.alloc(2_500, 0x11)

/** What a camera has sent. */
function sentBy() {
  const sent: Payload[] = []
  const camera = new Camera({ send: (payload: Payload) => sent.push(payload) } as unknown as Outgoing)
  return { camera, sent }
}

describe('a film', () => {
  it('is cut into packets, the first of each frame and the last of each frame marked', () => {
    const { camera, sent } = sentBy()
    camera.show(readIvf(ivf(25, [whole, inter])))
    for (let tick = 1; tick <= 4; tick += 1) camera.tick(tick)
    expect(sent.map(({ payload, timestamp, isMarked }) => [payload[0], payload.length, timestamp, isMarked])).toEqual([
      [0x10, 7, 3_600, true],
      [0x10, 1_101, 7_200, false],
      [0, 1_101, 7_200, false],
      [0, 301, 7_200, true],
    ])
  })

  it('is shown in a loop, and anew when somebody asks for a whole picture', () => {
    const { camera, sent } = sentBy()
    camera.show(readIvf(ivf(50, [whole, Buffer.from([1]), Buffer.from([3])])))
    for (let tick = 1; tick <= 5; tick += 1) camera.tick(tick)
    camera.beginAnew()
    for (let tick = 6; tick <= 7; tick += 1) camera.tick(tick)
    expect(sent.map(({ payload }) => payload[1])).toEqual([0x10, 1, 3, 0x10, 1, 0x10, 1])
  })

  it('without a file has as many frames as asked, each of them whole', async () => {
    const { camera, sent } = sentBy()
    camera.show(await filmOf({ framesPerS: 10 }))
    for (let tick = 1; tick <= 100; tick += 1) camera.tick(tick)
    expect(sent).toHaveLength(20)
    expect(new Set(sent.map(({ payload }) => (payload[1] ?? 1) & 1))).toEqual(new Set([0]))
  })

  it.each([
    ['no film', Buffer.from('RIFF'), 'no IVF file'],
    ['of another codec', ivf(25, [whole], 'AV01'), 'only VP8'],
    ['that begins in the middle', ivf(25, [inter]), 'whole picture'],
    ['without frames', ivf(25, []), 'whole picture'],
  ])('%s is refused', (_what, bytes, says) => expect(() => readIvf(bytes)).toThrow(says))
})
