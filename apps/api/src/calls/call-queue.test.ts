import { describe, expect, it } from '@jest/globals'
import { Queues } from './call-queue.ts'

describe('a queue', () => {
  it('runs what has one key in order, also after a failure, and other keys meanwhile', async () => {
    const queues = new Queues<string>()
    const seen: string[] = []
    let finishFirst = (): void => {}
    const first = queues.run('a', async () => {
      await new Promise<void>((resolve) => (finishFirst = resolve))
      seen.push('a1')
      throw new Error('a1 failed')
    })
    const second = queues.run('a', async () => void seen.push('a2'))
    await queues.run('b', async () => void seen.push('b1'))
    expect(seen).toEqual(['b1'])
    finishFirst()
    await expect(first).rejects.toThrow('a1 failed')
    await second
    expect(seen).toEqual(['b1', 'a1', 'a2'])
    await queues.idle()
  })
})
