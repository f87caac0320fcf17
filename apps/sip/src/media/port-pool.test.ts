import { describe, expect, it } from '@jest/globals'
import { PortPool } from './port-pool.ts'

function aPool(min: number, max: number) {
  let now = 0
  const pool = new PortPool({ min, max }, () => now)
  return { pool, after: (ms: number) => void (now += ms) }
}

describe('ports of phone legs', () => {
  it('come in pairs that begin with an even one', () => {
    const { pool } = aPool(30_001, 30_006)
    expect([pool.take(), pool.take(), pool.take()]).toEqual([
      { rtp: 30_002, rtcp: 30_003 },
      { rtp: 30_004, rtcp: 30_005 },
      undefined,
    ])
  })

  it('rest for five seconds before they are used again', () => {
    const { pool, after } = aPool(30_000, 30_001)
    const pair = pool.take() ?? { rtp: 0, rtcp: 0 }
    pool.giveBack(pair, { wasUsed: true })
    after(4_999)
    expect(pool.take()).toBeUndefined()
    after(1)
    expect(pool.take()).toBe(pair)
  })

  it('need no rest when nothing could come over them', () => {
    const { pool } = aPool(30_000, 30_001)
    const pair = pool.take() ?? { rtp: 0, rtcp: 0 }
    pool.giveBack(pair, { wasUsed: false })
    expect(pool.take()).toBe(pair)
  })

  it('are given back once, however often that is said', () => {
    const { pool, after } = aPool(30_000, 30_001)
    const pair = pool.take() ?? { rtp: 0, rtcp: 0 }
    pool.giveBack(pair, { wasUsed: true })
    pool.giveBack(pair, { wasUsed: true })
    expect(pool.left).toBe(1)
    after(5_000)
    pool.take()
    expect(pool.take()).toBeUndefined()
  })
})
