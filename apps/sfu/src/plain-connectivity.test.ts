import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { sfuLimits } from './limits.ts'
import { PlainConnectivity, type PlainLink } from './plain-connectivity.ts'

/** A plain transport whose counter is set by hand. */
class HandLink extends EventEmitter {
  bytesReceived = 0

  getStats(): Promise<{ bytesReceived: number }[]> {
    return Promise.resolve([{ bytesReceived: this.bytesReceived }])
  }
}

const { plainWatchMs, plainMisses } = sfuLimits
let link: HandLink
let told: string[]
let connectivity: PlainConnectivity

beforeEach(() => {
  jest.useFakeTimers()
  told = []
  link = new HandLink()
  // It asks a transport for its first tuple and its counter, no more.
  const asked = link as unknown as PlainLink
  connectivity = new PlainConnectivity(asked, sfuLimits, { up: () => told.push('up'), lost: () => told.push('lost') })
})
afterEach(() => {
  connectivity.close()
  expect(jest.getTimerCount()).toBe(0)
  jest.useRealTimers()
})

/** Lets this many looks pass, with something that comes before each of them or nothing. */
async function looks(count: number, comes: 'something' | 'nothing'): Promise<void> {
  for (let n = 0; n < count; n++) {
    if (comes === 'something') link.bytesReceived += 100
    await jest.advanceTimersByTimeAsync(plainWatchMs)
  }
}

describe('a leg over a plain transport', () => {
  it('is up with its first packet', async () => {
    await looks(10, 'nothing')
    expect(told).toEqual([])
    link.emit('tuple')
    await looks(10, 'something')
    expect(told).toEqual(['up'])
  })

  it('is lost when nothing has come for several looks, and up when something does', async () => {
    link.emit('tuple')
    await looks(1, 'something')
    await looks(plainMisses - 1, 'nothing')
    expect(told).toEqual(['up'])
    await looks(5, 'nothing')
    expect(told).toEqual(['up', 'lost'])
    await looks(1, 'something')
    expect(told).toEqual(['up', 'lost', 'up'])
  })

  it('that was closed tells nothing any more', async () => {
    connectivity.close()
    link.emit('tuple')
    await looks(10, 'nothing')
    expect(told).toEqual([])
  })
})
