import { EventEmitter as NodesEmitter } from 'node:events'
import { describe, expect, it } from '@jest/globals'
import { EventEmitter } from './events.ts'

type Listener = (...args: unknown[]) => void
/** What both of them have. */
type Emitter = Pick<
  EventEmitter,
  'on' | 'once' | 'prependListener' | 'prependOnceListener' | 'off' | 'emit' | 'removeAllListeners' | 'listenerCount'
>

/** Plays the same story on Node's emitter and on ours. */
function both(story: (emitter: Emitter, hear: (name: string) => Listener, heard: unknown[]) => void): void {
  const told = [new NodesEmitter() as unknown as Emitter, new EventEmitter()].map((emitter) => {
    const heard: unknown[] = []
    story(
      emitter,
      (name) =>
        (...args) =>
          heard.push([name, ...args]),
      heard,
    )
    return heard
  })
  expect(told[1]).toEqual(told[0])
  expect(told[0]?.length).toBeGreaterThan(0)
}

describe('the bundle’s emitter does as Node’s', () => {
  it('with the order of listeners', () =>
    both((emitter, hear, heard) => {
      emitter.on('x', hear('second'))
      emitter.prependListener('x', hear('first'))
      emitter.prependOnceListener('x', hear('once, before all'))
      emitter.once('x', hear('once'))
      heard.push(emitter.emit('x', 1, 2), emitter.emit('x', 3), emitter.emit('y'))
    }))

  it('with listeners that are taken away, also while an event is told', () =>
    both((emitter, hear, heard) => {
      const late = hear('late')
      emitter.on('x', () => emitter.off('x', late))
      emitter.on('x', late)
      emitter.on('x', late)
      emitter.emit('x')
      heard.push(emitter.listenerCount('x'))
      emitter.emit('x')
      emitter.removeAllListeners('x')
      heard.push(emitter.emit('x'))
      emitter.on('y', late).removeAllListeners()
      heard.push(emitter.emit('y'))
    }))

  it('with a listener for once that brings the same event about', () =>
    both((emitter, hear) => {
      emitter.once('x', () => emitter.emit('x', 'again'))
      emitter.once('x', hear('once'))
      emitter.emit('x', 'first')
    }))

  it('with what a listener throws, and with an error that nobody hears', () =>
    both((emitter, _hear, heard) => {
      emitter.on('x', () => {
        throw new Error('thrown')
      })
      for (const event of ['x', 'error']) {
        try {
          emitter.emit(event, new Error('unheard'))
        } catch {
          heard.push(`${event} was thrown`)
        }
      }
    }))
})
