/** What every bus promises, as tests: each implementation runs all of it. Only tests import this module. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Refused } from '@parley/protocol'
import type { Bus, OnBusError } from './bus.ts'

const soon = { timeoutMs: 2_000 }

/** Runs the contract against fresh buses that `create` makes. */
export function describeBus(name: string, create: (options: { onError: OnBusError }) => Promise<Bus>): void {
  describe(`a ${name} bus`, () => {
    let bus: Bus
    let errors: { error: unknown; subject: string }[]

    beforeEach(async () => {
      errors = []
      bus = await create({ onError: (error, subject) => errors.push({ error, subject }) })
    })
    afterEach(() => bus.close())

    describe('asked', () => {
      it('gives the answer of whoever serves the subject', async () => {
        bus.serve('sums', async (body) => ({ heard: body }))
        expect(await bus.request('sums', { a: 1 }, soon)).toEqual({ heard: { a: 1 } })
      })

      it('copies what it carries, and what is undefined is absent', async () => {
        const answer = { list: [1], gone: undefined }
        let heard: unknown
        bus.serve('copies', async (body) => {
          heard = body
          return answer
        })
        const sent = { list: [1], gone: undefined }
        const got = await bus.request('copies', sent, soon)
        expect([heard, got]).toStrictEqual([{ list: [1] }, { list: [1] }])
        expect(got).not.toBe(answer)
        expect(heard).not.toBe(sent)
      })

      it('goes on with the requester before the server starts', async () => {
        const order: string[] = []
        bus.serve('order', async () => void order.push('server'))
        const asked = bus.request('order', {}, soon)
        order.push('requester')
        await asked
        expect(order).toEqual(['requester', 'server'])
      })

      it('says at once that nobody serves a subject', async () => {
        await expect(bus.request('nobody', {}, soon)).rejects.toMatchObject({ name: 'BusError', kind: 'noServer' })
        bus.serve('left', async () => 1)()
        await expect(bus.request('left', {}, soon)).rejects.toMatchObject({ kind: 'noServer' })
      })

      it('gives up when no answer comes in time', async () => {
        bus.serve('slow', () => new Promise(() => {}))
        await expect(bus.request('slow', {}, { timeoutMs: 20 })).rejects.toMatchObject({ kind: 'timedOut' })
      })

      it('ends with the reason of the signal, before and while it waits', async () => {
        bus.serve('slow', () => new Promise(() => {}))
        const before = AbortSignal.abort(new Error('not any more'))
        await expect(bus.request('slow', {}, { ...soon, signal: before })).rejects.toThrow('not any more')
        const leaving = new AbortController()
        const asked = bus.request('slow', {}, { ...soon, signal: leaving.signal })
        leaving.abort(new Error('left'))
        await expect(asked).rejects.toThrow('left')
      })

      it('brings a refusal over with its name, path and detail', async () => {
        bus.serve('strict', async () => {
          throw new Refused('badMedia', { path: 'track.kind', detail: 'no such kind', cause: new Error('inner') })
        })
        const refused: unknown = await bus.request('strict', {}, soon).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(Refused)
        expect(refused).toMatchObject({ failure: 'badMedia', path: 'track.kind', detail: 'no such kind' })
        expect(errors).toEqual([])
      })

      it('tells a fault of the server to its owner, and the requester only that there was one', async () => {
        const fault = new Error('a bug')
        bus.serve('faulty', () => Promise.reject(fault))
        const refused: unknown = await bus.request('faulty', {}, soon).catch((error: unknown) => error)
        expect(refused).toBeInstanceOf(Refused)
        expect(refused).toMatchObject({ failure: 'internal', cause: undefined })
        expect(errors).toEqual([{ error: fault, subject: 'faulty' }])
      })
    })

    describe('told', () => {
      it('brings each message to every listener, in order and later than now', async () => {
        const heard: unknown[] = []
        bus.subscribe('news', (body) => void heard.push(['one', body]))
        bus.subscribe('news', (body) => void heard.push(['two', body]))
        bus.subscribe('other', (body) => void heard.push(['other', body]))
        for (const n of [1, 2, 3]) bus.publish('news', { n })
        expect(heard).toEqual([])
        await delivered(bus)
        const toOne = heard.filter((entry) => Array.isArray(entry) && entry[0] === 'one')
        expect(toOne).toEqual([1, 2, 3].map((n) => ['one', { n }]))
        expect(heard).toHaveLength(6)
      })

      it('gives each listener a copy of its own', async () => {
        const heard: unknown[] = []
        bus.subscribe('news', (body) => void heard.push(body))
        bus.subscribe('news', (body) => void heard.push(body))
        const sent = { list: [1] }
        bus.publish('news', sent)
        sent.list.push(2)
        await delivered(bus)
        expect(heard).toEqual([{ list: [1] }, { list: [1] }])
        expect(heard[0]).not.toBe(heard[1])
      })

      it('gives each message of a group to one member, and to those who listen alone besides', async () => {
        const heard = { first: 0, second: 0, alone: 0 }
        bus.subscribe('work', () => void heard.first++, { group: 'api' })
        bus.subscribe('work', () => void heard.second++, { group: 'api' })
        bus.subscribe('work', () => void heard.alone++)
        for (let n = 0; n < 20; n++) bus.publish('work', { n })
        await delivered(bus)
        expect(heard.first + heard.second).toBe(20)
        expect(heard.alone).toBe(20)
      })

      it('brings nothing to a listener that has stopped, nor to one that came later', async () => {
        const heard: string[] = []
        bus.publish('news', {})
        const stop = bus.subscribe('news', () => void heard.push('left'))
        const again = bus.subscribe('news', () => void heard.push('stays'))
        stop()
        stop()
        bus.publish('news', {})
        await delivered(bus)
        again()
        bus.publish('news', {})
        await delivered(bus)
        expect(heard).toEqual(['stays'])
      })

      it('lets a listener that throws harm no one', async () => {
        const heard: unknown[] = []
        bus.subscribe('news', () => {
          throw new Error('thrown')
        })
        bus.subscribe('news', () => Promise.reject(new Error('rejected')))
        bus.subscribe('news', (body) => void heard.push(body))
        bus.publish('news', 1)
        bus.publish('news', 2)
        await delivered(bus)
        expect(heard).toEqual([1, 2])
        const told = errors.map(({ error, subject }) => `${subject}: ${String(error)}`)
        expect(told.filter((line) => line === 'news: Error: thrown')).toHaveLength(2)
        expect(told.filter((line) => line === 'news: Error: rejected')).toHaveLength(2)
        expect(told).toHaveLength(4)
      })
    })

    describe('closed', () => {
      it('rejects the requests that wait, and everything that comes', async () => {
        bus.serve('slow', () => new Promise(() => {}))
        const asked = bus.request('slow', {}, { timeoutMs: 60_000 }).catch((error: unknown) => error)
        await bus.close()
        expect(await asked).toMatchObject({ kind: 'closed' })
        await expect(bus.request('slow', {}, soon)).rejects.toMatchObject({ kind: 'closed' })
        expect(() => bus.publish('news', {})).toThrow('the bus is closed')
        expect(() => bus.subscribe('news', () => {})).toThrow('the bus is closed')
        expect(() => bus.serve('news', async () => 1)).toThrow('the bus is closed')
      })

      it('closes once more without a word, and stops may come after it', async () => {
        const stop = bus.subscribe('news', () => {})
        const unserve = bus.serve('sums', async () => 1)
        await bus.close()
        await bus.close()
        stop()
        unserve()
      })
    })
  })
}

/** All that was published before has been heard: messages of one connection do not overtake each other. */
function delivered(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const stop = bus.subscribe('contract.delivered', () => {
      stop()
      // One turn of the loop: a rejection of a listener is reported in a later microtask.
      setImmediate(resolve)
    })
    bus.publish('contract.delivered', {})
  })
}
