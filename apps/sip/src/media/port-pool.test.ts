import { describe, expect, it } from '@jest/globals'
import { PortPool, type PortPair } from './port-pool.ts'

const taken = (pool: PortPool): PortPair => {
  const pair = pool.take()
  if (pair === undefined) throw new Error('No pair is left.')
  return pair
}

describe('ports of phone legs', () => {
  it('come in pairs that begin with an even one', () => {
    const pool = new PortPool({ min: 30_001, max: 30_006 })
    expect([pool.take(), pool.take(), pool.take()]).toEqual([
      { rtp: 30_002, rtcp: 30_003 },
      { rtp: 30_004, rtcp: 30_005 },
      undefined,
    ])
  })

  it('rest for as long as there are others', () => {
    const pool = new PortPool({ min: 30_000, max: 30_005 })
    const first = taken(pool)
    pool.giveBack(first)
    expect([taken(pool), taken(pool)]).not.toContain(first)
    expect(pool.take()).toBe(first)
  })

  it('are given back once, however often that is said', () => {
    const pool = new PortPool({ min: 30_000, max: 30_001 })
    const pair = taken(pool)
    pool.giveBack(pair)
    pool.giveBack(pair)
    expect(pool.left).toBe(1)
    pool.take()
    expect(pool.take()).toBeUndefined()
  })
})
