import { expect, it } from '@jest/globals'
import { describeBus } from '../contract.ts'
import { MemoryBus } from './memory-bus.ts'

describeBus('memory', async (options) => new MemoryBus(options))

const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
const bus = () => new MemoryBus({ onError: () => {} })

it('keeps no timer of a request that has ended, however it ended', async () => {
  const before = timers()
  const one = bus()
  const leaving = new AbortController()
  one.serve('quick', async () => 1)
  one.serve('slow', () => new Promise(() => {}))
  const asked = [
    one.request('quick', {}, { timeoutMs: 60_000 }),
    one.request('slow', {}, { timeoutMs: 60_000, signal: leaving.signal }),
    one.request('slow', {}, { timeoutMs: 60_000 }),
  ]
  expect(timers()).toBe(before + 3)
  await asked[0]
  expect(timers()).toBe(before + 2)
  leaving.abort()
  await Promise.allSettled([asked[1]])
  expect(timers()).toBe(before + 1)
  await one.close()
  await Promise.allSettled(asked)
  expect(timers()).toBe(before)
})

it('lets a subject have one server at a time', () => {
  const one = bus()
  const stop = one.serve('sums', async () => 1)
  expect(() => one.serve('sums', async () => 2)).toThrow('sums: it is served already')
  stop()
  one.serve('sums', async () => 2)
})

it('gives the members of a group their turns', async () => {
  const one = bus()
  const heard: string[] = []
  one.subscribe('work', () => void heard.push('a'), { group: 'api' })
  const stop = one.subscribe('work', () => void heard.push('b'), { group: 'api' })
  for (let n = 0; n < 4; n++) one.publish('work', n)
  await Promise.resolve()
  expect(heard).toEqual(['a', 'b', 'a', 'b'])
  one.publish('work', 5)
  one.publish('work', 6)
  stop() // before delivery: what would have been b's turn is a's
  await Promise.resolve()
  expect(heard.slice(4)).toEqual(['a', 'a'])
})

it('drops what is under way when it closes', async () => {
  const one = bus()
  const heard: unknown[] = []
  one.subscribe('news', (body) => void heard.push(body))
  one.publish('news', 1)
  await one.close()
  await Promise.resolve()
  expect(heard).toEqual([])
})
