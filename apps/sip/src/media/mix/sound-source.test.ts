import { describe, expect, it } from '@jest/globals'
import { encodeG711, levelOf } from '@parley/rtp'
import { tone } from '../testing/tones.ts'
import { SoundSource } from './sound-source.ts'

type Clock = { ppm?: number; pauseEvery?: number; lossEvery?: number; jitterMs?: number }

/** Plays so many seconds of a voice whose clock is a little off; gives what was heard, frame by frame. */
function played(seconds: number, { ppm = 0, pauseEvery = 0, lossEvery = 0, jitterMs = 0 }: Clock) {
  const source = new SoundSource('PCMU', 8_000)
  const frames: Int16Array[] = []
  let sent = 0
  for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 20) {
    const due = (n: number): number => n * 20 * (1 - ppm / 1e6) + (jitterMs * ((n * 7) % 11)) / 11
    for (; due(sent) <= nowMs; sent += 1) {
      if (lossEvery > 0 && sent % lossEvery === 0) continue
      const isPause = pauseEvery > 0 && sent % pauseEvery < 10
      const samples = isPause ? new Int16Array(160) : tone(400, 8_000, 160, 160 * sent)
      const packet = { stream: 1, payloadType: 0, isMarked: false, sequence: sent, timestamp: 160 * sent }
      source.put({ ...packet, payload: encodeG711('PCMU', samples) }, due(sent))
    }
    frames.push(source.take(nowMs))
  }
  return frames
}

const silentFrames = (frames: readonly Int16Array[]): number => frames.filter((frame) => levelOf(frame) > 60).length
const steepest = (frames: readonly Int16Array[]): number => {
  const samples = frames.flatMap((frame) => [...frame])
  return samples.reduce(
    (most, sample, n) => (n === 0 ? 0 : Math.max(most, Math.abs(sample - (samples[n - 1] ?? 0)))),
    0,
  )
}

describe('a sound', () => {
  it('is played without a gap, after 40 ms', () => {
    const frames = played(4, {})
    expect(silentFrames(frames)).toBeLessThanOrEqual(3)
    expect(steepest(frames.slice(4))).toBeLessThan(3_500)
  })

  it('has no holes where packets are lost', () => expect(silentFrames(played(4, { lossEvery: 10 }).slice(5))).toBe(0))

  it('has no holes where packets come unevenly', () =>
    expect(silentFrames(played(6, { jitterMs: 60 }).slice(50))).toBe(0))

  // A minute at a clock that is ten times as far off as phones' are.
  it.each([-1_000, 1_000])('keeps up with a clock that is %d parts in a million off', (ppm) => {
    const frames = played(60, { ppm, pauseEvery: 100 })
    const pauses = (60 * 50 * 10) / 100
    expect(Math.abs(silentFrames(frames) - pauses)).toBeLessThan(10)
  })

  it('keeps up with a clock that is too fast even when nobody ever pauses', () => {
    const frames = played(60, { ppm: 1_000 })
    expect(silentFrames(frames)).toBeLessThanOrEqual(3)
    expect(steepest(frames.slice(4))).toBeLessThan(9_000)
  })

  // Comfort noise is no packet of it: its time goes on, its numbers do not.
  it.each([40, 60, 150, 700, 5_000])('falls silent for %d ms and speaks again without a click', (pauseMs) => {
    const source = new SoundSource('PCMU', 8_000)
    const frames: Int16Array[] = []
    for (let n = 0, sent = 0; n < 50 + pauseMs / 20 + 50; n += 1) {
      if (n < 50 || n >= 50 + pauseMs / 20) {
        const packet = { stream: 1, payloadType: 0, isMarked: false, sequence: sent, timestamp: 160 * n }
        // Where it pauses and where it goes on, the wave is anywhere.
        const samples = tone(n < 50 ? 110 : 130, 8_000, 160, 160 * n + 17)
        source.put({ ...packet, payload: encodeG711('PCMU', samples) }, 20 * n)
        sent += 1
      }
      frames.push(source.take(20 * n))
    }
    expect(silentFrames(frames.slice(50))).toBeGreaterThanOrEqual(Math.floor(pauseMs / 20) - 4)
    // The tone itself takes 820 from one sample to the next.
    expect(steepest(frames.slice(4))).toBeLessThan(1_400)
    expect(silentFrames(frames.slice(-40))).toBeLessThanOrEqual(4)
  })

  it('is silence when it is nonsense', () => {
    const source = new SoundSource('opus', 8_000)
    for (let n = 0; n < 10; n += 1) {
      const packet = { stream: 1, payloadType: 111, isMarked: false, sequence: n, timestamp: 960 * n }
      source.put({ ...packet, payload: Buffer.alloc(n, 0xff) }, 20 * n)
    }
    const frames = Array.from({ length: 20 }, (_, n) => source.take(200 + 20 * n))
    expect(frames.every((frame) => frame.length === 160)).toBe(true)
  })
})
