import { describe, expect, it } from '@jest/globals'
import { SourceLock } from './source-lock.ts'

const named = { ip: '192.0.2.1', port: 4_000 }
const seen = { ip: '198.51.100.7', port: 61_000 }
const third = { ip: '203.0.113.9', port: 5_000 }

/** Whether a valid packet from there is heard. */
const hears = (lock: SourceLock, from: typeof named, nowMs: number): boolean =>
  lock.mayBe(from, nowMs) && lock.trust(from, nowMs)

describe('a phone whose SDP says where it is', () => {
  it('is heard from there, whatever its port, and nobody else is', () => {
    const lock = new SourceLock(named, false)
    expect(hears(lock, { ip: named.ip, port: 4_444 }, 0)).toBe(true)
    for (let n = 0; n < 10; n += 1) expect(hears(lock, third, n)).toBe(false)
    expect(lock.target).toEqual(named)
  })

  it('keeps its port while it speaks', () => {
    const lock = new SourceLock(named, false)
    expect([hears(lock, named, 0), hears(lock, { ...named, port: 9 }, 4_999)]).toEqual([true, false])
    expect(hears(lock, { ...named, port: 9 }, 5_000)).toBe(true)
  })
})

describe('a phone behind a NAT', () => {
  it('is where three packets in a row come from, and is answered there', () => {
    const lock = new SourceLock(named, true)
    expect([1, 2, 3, 4].map((n) => hears(lock, seen, n))).toEqual([false, false, true, true])
    expect(lock.target).toMatchObject(seen)
  })

  it('is not followed to whoever sends next', () => {
    const lock = new SourceLock(named, true)
    for (let n = 0; n < 3; n += 1) hears(lock, seen, n)
    for (let n = 0; n < 10; n += 1) expect(hears(lock, third, 10 + n)).toBe(false)
    expect(lock.target).toMatchObject(seen)
  })

  it('is found anew after five seconds of silence', () => {
    const lock = new SourceLock(named, true)
    for (let n = 0; n < 3; n += 1) hears(lock, seen, n)
    expect([0, 1, 2].map((n) => hears(lock, third, 6_000 + n))).toEqual([false, false, true])
  })

  it('is at once where its SDP says, if it is there after all', () => {
    const lock = new SourceLock(named, true)
    expect(hears(lock, named, 0)).toBe(true)
  })

  it('is answered where it was after it has agreed again, and is followed at once if it has moved', () => {
    const before = new SourceLock(named, true)
    for (let n = 0; n < 3; n += 1) hears(before, seen, n)
    const held = before.again(named, true)
    expect(held.target).toMatchObject(seen)
    expect([3, 4, 5].map((n) => hears(held, third, n))).toEqual([false, false, true])
    expect(before.again({ ...named, port: 4_002 }, true).target).toEqual({ ...named, port: 4_002 })
  })

  it('is not found by packets that take turns', () => {
    const lock = new SourceLock(named, true)
    for (let n = 0; n < 10; n += 1) expect([hears(lock, seen, n), hears(lock, third, n)]).toEqual([false, false])
  })
})
