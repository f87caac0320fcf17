/** How long a connection lives, on a clock that the test moves. */
import { describe, expect, it } from '@jest/globals'
import { FakeClock } from '../testing/fake-clock.ts'
import { Connection, type Line } from './connection.ts'
import { transportLimits } from './limits.ts'
import { Reading } from './reading.ts'

const limits = {
  ...transportLimits,
  strangerMs: 1000,
  idleMs: 60_000,
  pingMs: 10_000,
  pongMs: 2000,
  bufferedBytes: 100,
}
const server = { transport: 'tcp', address: '192.0.2.1', port: 5060, domain: 'example.com' } as const

/** A connection to nowhere, and what happens on it. */
function connection(opened: 'by us' | 'by them') {
  const clock = new FakeClock()
  const told: string[] = []
  const wire = {
    waiting: 0,
    write: async () => void told.push('write'),
    bufferedBytes: () => wire.waiting,
    ping: () => void told.push('ping'),
    end: () => void told.push('end'),
  }
  const user = { message: () => undefined, flowClosed: () => undefined, noticed: () => undefined }
  const place = { address: '192.0.2.1', port: 5060 }
  const line: Line = { wire, local: place, remote: place, provenDomains: [], feed: () => undefined }
  const one = new Connection({
    line,
    transport: 'tcp',
    server: opened === 'by us' ? server : undefined,
    sentBy: { host: 'us' },
    clock,
    limits,
    reading: new Reading(user, clock, 100),
    closed: (_one, cause) => void told.push(`closed: ${(cause as Error).message}`),
  })
  return { clock, told, wire, one }
}

describe('a connection that others have opened', () => {
  it('ends after a second in which nobody has welcomed them, whatever they say', async () => {
    const { clock, told, one } = connection('by them')
    await clock.passes(900)
    one.pinged()
    one.receive(Buffer.from('no message'))
    await one.send(Buffer.of(1))
    await clock.passes(101)
    expect(told).toEqual(['write', 'end', 'closed: nobody knows him'])
    expect(one.isOpen).toBe(false)
    await expect(one.send(Buffer.of(1))).rejects.toThrow('closed')
  })

  it('lives as long as something is said, keep-alives included, and ends after a minute without', async () => {
    const { clock, told, one } = connection('by them')
    one.welcome()
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.passes(59_000)
      one.pinged()
    }
    expect(told).toEqual([])
    await clock.passes(60_001)
    expect(told).toEqual(['end', 'closed: nothing was said for too long'])
  })

  it('is pinged by them and not by us', async () => {
    const { clock, told, one } = connection('by them')
    one.welcome()
    await clock.passes(50_000)
    expect(told).toEqual([])
  })
})

describe('a connection that we have opened', () => {
  it('is kept alive, and given up when who has answered before is silent', async () => {
    const { clock, told, one } = connection('by us')
    await clock.passes(10_001)
    one.ponged()
    await clock.passes(10_000)
    expect(told).toEqual(['ping', 'ping'])
    await clock.passes(2000)
    expect(told).toEqual(['ping', 'ping', 'end', 'closed: a keep-alive was not answered'])
  })

  it('may be to somebody who knows no keep-alives, and ends when nothing else is said either', async () => {
    const { clock, told } = connection('by us')
    await clock.passes(59_000)
    expect(told).toEqual(['ping', 'ping', 'ping', 'ping', 'ping'])
    await clock.passes(2000)
    expect(told.slice(-2)).toEqual(['end', 'closed: nothing was said for too long'])
  })

  it('is ended when the other side does not read', async () => {
    const { told, wire, one } = connection('by us')
    await one.send(Buffer.of(1))
    wire.waiting = 101
    await expect(one.send(Buffer.of(1))).rejects.toThrow('too slowly')
    expect(told).toEqual(['write', 'end', 'closed: the other side reads too slowly'])
  })

  it('ends once: the first cause stays', () => {
    const { told, one } = connection('by us')
    one.close(new Error('first'))
    one.close(new Error('second'))
    one.broken('third')
    expect(told).toEqual(['end', 'closed: first'])
  })
})
