import { describe, expect, it, jest } from '@jest/globals'
import { EventEmitter } from 'node:events'
import type { LegEvent } from './leg-events.ts'
import { MediaThread } from './media-thread.ts'

/** A thread that answers when it is told to, and dies when it is told to. */
class TestThread extends EventEmitter {
  readonly asked: { id: number; leg: number; order: { order: string } }[] = []
  readonly terminate = jest.fn(() => Promise.resolve(0))

  postMessage(message: { id: number; leg: number; order: { order: string } }): void {
    this.asked.push(message)
  }

  answers(result?: unknown): void {
    const asked = this.asked.shift()
    this.emit('message', { id: asked?.id, result })
  }
}

function aThread() {
  const worker = new TestThread()
  const onDead = jest.fn()
  const thread = new MediaThread(worker, onDead)
  const events: LegEvent[] = []
  const closed = jest.fn()
  thread.hold(1, { call: 'call', tell: (event) => events.push(event), closed })
  return { worker, thread, onDead, events, closed }
}

describe('a thread that dies', () => {
  it('is reported to every leg once, rejects what was asked, and its ports are given back', async () => {
    const { worker, thread, onDead, events, closed } = aThread()
    const stats = thread.ask(1, { order: 'stats' })
    const cause = new Error('out of memory')
    worker.emit('error', cause)
    worker.emit('exit', 1)
    await expect(stats).rejects.toMatchObject({ name: 'LegClosed' })
    expect(events).toEqual([{ event: 'lost', cause }])
    expect([onDead, closed].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
    await expect(thread.ask(1, { order: 'stats' })).rejects.toMatchObject({ name: 'LegClosed' })
    await thread.closeLeg(1)
    expect(closed).toHaveBeenCalledTimes(1)
  })

  it('is no loss to a leg that was being closed', async () => {
    const { worker, thread, events, closed } = aThread()
    const closing = thread.closeLeg(1)
    worker.emit('exit', 1)
    await closing
    expect(events).toEqual([])
    expect(closed).toHaveBeenCalledTimes(1)
  })
})

describe('a leg', () => {
  it('that is closed twice is closed once', async () => {
    const { worker, thread, closed } = aThread()
    const both = Promise.all([thread.closeLeg(1), thread.closeLeg(1)])
    expect(worker.asked.map(({ order }) => order.order)).toEqual(['close'])
    await expect(thread.ask(1, { order: 'stats' })).rejects.toMatchObject({ name: 'LegClosed' })
    worker.answers()
    await both
    expect(closed).toHaveBeenCalledTimes(1)
  })

  it('is told what its thread says of it, and what went wrong', async () => {
    const { worker, thread, events } = aThread()
    worker.emit('message', { leg: 1, event: { event: 'flowing' } })
    worker.emit('message', { leg: 2, event: { event: 'silent' } })
    expect(events).toEqual([{ event: 'flowing' }])
    const digits = thread.ask(1, { order: 'sendDigits', digits: 'x', durationMs: 100 })
    worker.emit('message', { id: worker.asked[0]?.id, error: { message: 'no key', code: 'E' } })
    await expect(digits).rejects.toMatchObject({ message: 'no key', code: 'E' })
  })
})
