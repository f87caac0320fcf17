import { describe, expect, it } from '@jest/globals'
import { SourceLock, type Claim } from './source-lock.ts'

const named = { ip: '192.0.2.1', port: 4_000 }
const seen = { ip: '198.51.100.7', port: 61_000 }
const third = { ip: '203.0.113.9', port: 5_000 }

/** What SDP says that was written by somebody at its address, unless it is told otherwise. */
const claimed = (more: Partial<Claim> = {}): Claim => ({ named, isSymmetric: false, isVouchedFor: true, ...more })

/** Whether a valid packet from there is heard. */
const hears = (lock: SourceLock, from: typeof named, nowMs: number): boolean =>
  lock.mayBe(from, nowMs) && lock.trust(from, nowMs)

describe('a phone whose SDP says where it is', () => {
  it('is heard from there, whatever its port, and nobody else is', () => {
    const lock = new SourceLock(claimed())
    expect(hears(lock, { ip: named.ip, port: 4_444 }, 0)).toBe(true)
    for (let n = 0; n < 10; n += 1) expect(hears(lock, third, n)).toBe(false)
    expect(lock.target).toEqual(named)
  })

  it('keeps its port while it speaks', () => {
    const lock = new SourceLock(claimed())
    expect([hears(lock, named, 0), hears(lock, { ...named, port: 9 }, 4_999)]).toEqual([true, false])
    expect(hears(lock, { ...named, port: 9 }, 5_000)).toBe(true)
  })
})

describe('a phone behind a NAT', () => {
  it('is where three packets in a row come from, and is answered there', () => {
    const lock = new SourceLock(claimed({ isSymmetric: true }))
    expect([1, 2, 3, 4].map((n) => hears(lock, seen, n))).toEqual([false, false, true, true])
    expect(lock.target).toMatchObject(seen)
  })

  it('is not followed to whoever sends next', () => {
    const lock = new SourceLock(claimed({ isSymmetric: true }))
    for (let n = 0; n < 3; n += 1) hears(lock, seen, n)
    for (let n = 0; n < 10; n += 1) expect(hears(lock, third, 10 + n)).toBe(false)
    expect(lock.target).toMatchObject(seen)
  })

  it('is found anew after five seconds of silence', () => {
    const lock = new SourceLock(claimed({ isSymmetric: true }))
    for (let n = 0; n < 3; n += 1) hears(lock, seen, n)
    expect([0, 1, 2].map((n) => hears(lock, third, 6_000 + n))).toEqual([false, false, true])
  })

  it('is at once where its SDP says, if it is there after all', () => {
    const lock = new SourceLock(claimed({ isSymmetric: true }))
    expect(hears(lock, named, 0)).toBe(true)
  })

  it('is answered where it was after it has agreed again, and is followed at once if it has moved', () => {
    const before = new SourceLock(claimed({ isSymmetric: true }))
    for (let n = 0; n < 3; n += 1) hears(before, seen, n)
    const held = before.again(claimed({ isSymmetric: true }))
    expect(held.target).toMatchObject(seen)
    expect([3, 4, 5].map((n) => hears(held, third, n))).toEqual([false, false, true])
    const moved = { ...named, port: 4_002 }
    expect(before.again(claimed({ named: moved, isSymmetric: true })).target).toEqual(moved)
  })

  it('is not found by packets that take turns', () => {
    const lock = new SourceLock(claimed({ isSymmetric: true }))
    for (let n = 0; n < 10; n += 1) expect([hears(lock, seen, n), hears(lock, third, n)]).toEqual([false, false])
  })
})

describe('a phone at an address that nobody vouches for', () => {
  const foreign = (isSymmetric: boolean) => new SourceLock(claimed({ isSymmetric, isVouchedFor: false }))

  it.each([true, false])('hears nothing until it has been heard there (symmetric: %p)', (isSymmetric) => {
    const lock = foreign(isSymmetric)
    expect(lock.target).toBeUndefined()
    expect(hears(lock, named, 0)).toBe(true)
    expect(lock.target).toMatchObject(named)
  })

  it('is not found by what comes from elsewhere', () => {
    const lock = foreign(false)
    for (let n = 0; n < 10; n += 1) hears(lock, third, n)
    expect(lock.target).toBeUndefined()
  })

  it('is answered where its sound comes from, when it may be elsewhere', () => {
    const lock = foreign(true)
    expect([1, 2].map((n) => hears(lock, seen, n))).toEqual([false, false])
    expect(lock.target).toBeUndefined()
    hears(lock, seen, 3)
    expect(lock.target).toMatchObject(seen)
  })

  it('says by a report that it is there, when it only listens', () => {
    const lock = foreign(false)
    lock.reported()
    expect(lock.target).toEqual(named)
  })

  it('is known after it has agreed again to the same address, and to no other', () => {
    const lock = foreign(false)
    hears(lock, named, 0)
    expect(lock.again(claimed({ isVouchedFor: false })).target).toEqual(named)
    expect(lock.again(claimed({ named: third, isVouchedFor: false })).target).toBeUndefined()
  })
})
