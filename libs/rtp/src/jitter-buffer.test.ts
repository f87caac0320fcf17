import { describe, expect, it } from '@jest/globals'
import { JitterBuffer } from './jitter-buffer.ts'

type Came = { n: number; atMs: number }
const frame = 160

/** Frames by their number; `lost` and `silent` as they are. Played every 20 ms, from the first packet on. */
function played(came: readonly Came[], untilMs: number, { firstTimestamp = 0, jumpAt = Infinity } = {}): string[] {
  const buffer = new JitterBuffer(8)
  const waiting = came.toSorted((one, other) => one.atMs - other.atMs)
  const said: string[] = []
  for (let nowMs = 0; nowMs <= untilMs; nowMs += 20) {
    for (let next = waiting[0]; next !== undefined && next.atMs <= nowMs; next = waiting[0]) {
      waiting.shift()
      const jump = next.n >= jumpAt ? 1_000_000 : 0
      const timestamp = (firstTimestamp + next.n * frame + jump) % 2 ** 32
      buffer.put({ sequence: next.n, timestamp, payload: Buffer.from(`${next.n}`) }, next.atMs)
    }
    const taken = buffer.take(nowMs)
    if (taken.kind === 'packet') buffer.advance(20)
    said.push(taken.kind === 'packet' ? taken.payload.toString() : taken.kind)
  }
  return said
}

const steady = (count: number): Came[] => Array.from({ length: count }, (_, n) => ({ n, atMs: 20 * n }))
const numbers = (said: readonly string[]): string[] => said.filter((one) => /\d/.test(one))
const upTo = (count: number): string[] => Array.from({ length: count }, (_, n) => `${n}`)

describe('a jitter buffer', () => {
  it('plays what comes steadily 40 ms later, without a gap', () =>
    expect(played(steady(10), 220)).toEqual(['silent', 'silent', ...upTo(10)]))

  it('puts packets that have changed places in order, and takes each once', () => {
    const came = steady(10).map(({ n, atMs }) => ({ n, atMs: n === 4 ? 101 : atMs }))
    expect(played([...came, { n: 5, atMs: 105 }], 220)).toEqual(['silent', 'silent', ...upTo(10)])
  })

  it('says where one is lost', () => {
    const came = steady(10).filter(({ n }) => n !== 4)
    expect(played(came, 220).slice(2)).toEqual(['0', '1', '2', '3', 'lost', '5', '6', '7', '8', '9'])
  })

  it('goes on across the end of timestamps', () =>
    expect(played(steady(10), 220, { firstTimestamp: 2 ** 32 - 800 }).slice(2)).toEqual(upTo(10)))

  it('says silence, not loss, where the sender has sent nothing', () => {
    // Numbers go on while times jump: discontinuous transmission.
    const buffer = new JitterBuffer(8)
    buffer.put({ sequence: 1, timestamp: 0, payload: Buffer.of(1) }, 0)
    buffer.put({ sequence: 2, timestamp: 3 * frame, payload: Buffer.of(2) }, 60)
    const kinds = [60, 80, 100, 120].map((nowMs) => {
      const { kind } = buffer.take(nowMs)
      if (kind === 'packet') buffer.advance(20)
      return kind
    })
    expect(kinds).toEqual(['packet', 'silent', 'silent', 'packet'])
  })

  it('waits for what is late, and plays all of it', () => {
    const came = steady(40).map(({ n, atMs }) => ({ n, atMs: n >= 20 && n < 24 ? 479 : atMs }))
    const said = played(came, 820)
    expect(numbers(said)).toEqual(upTo(38))
    expect(said.slice(22, 26)).toEqual(['lost', 'lost', '20', '21'])
  })

  it('gives way after a long pause, and begins anew', () => {
    const came = [...steady(5), ...steady(5).map(({ n }) => ({ n: n + 50, atMs: 1_000 + 20 * n }))]
    const said = played(came, 1_120)
    expect(numbers(said)).toEqual(['0', '1', '2', '3', '4', '50', '51', '52', '53', '54'])
    expect(said.filter((one) => one === 'lost').length).toBeLessThanOrEqual(4)
  })

  it('begins anew when timestamps jump', () =>
    expect(numbers(played(steady(20), 600, { jumpAt: 10 }))).toEqual(
      expect.arrayContaining(['0', '5', '10', '15', '19']),
    ))

  it('delays more where packets come unevenly, and less where they do not', () => {
    const buffer = new JitterBuffer(8)
    const put = (n: number, lateMs: number): void =>
      buffer.put({ sequence: n, timestamp: n * frame, payload: Buffer.of(1) }, 20 * n + lateMs)
    for (let n = 0; n < 200; n += 1) put(n, n % 5 === 0 ? 80 : 0)
    expect(buffer.targetMs).toBeCloseTo(90, 0)
    for (let n = 200; n < 400; n += 1) put(n, 0)
    expect(buffer.targetMs).toBe(20)
  })

  it('knows by how much it plays later than it has to', () => {
    const buffer = new JitterBuffer(8)
    for (let n = 0; n < 60; n += 1) {
      buffer.put({ sequence: n, timestamp: n * frame, payload: Buffer.of(1) }, 20 * n)
      if (n === 10) buffer.take(20 * n)
      else if (n > 10 && buffer.take(20 * n).kind === 'packet') buffer.advance(20)
    }
    const before = buffer.excessMs(20 * 60)
    expect(before).toBeGreaterThan(100)
    buffer.advance(20)
    expect(buffer.excessMs(20 * 60)).toBe(before - 20)
  })
})
