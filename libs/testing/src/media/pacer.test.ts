import { expect, it } from '@jest/globals'
import type { Clock } from '@parley/calling-sdk/link'
import { Pacer } from './pacer.ts'

it('ticks by the clock, however late its timers are', () => {
  const clock = new LateClock(7)
  const ticks = ticksOf(clock)
  clock.runUntil(10_000)
  expect(ticks).toEqual(Array.from({ length: 500 }, (_, index) => index + 1).slice(0, ticks.length))
  expect(ticks.length).toBeGreaterThanOrEqual(499)
})

it('makes up for a short stall and leaves out a long one', () => {
  const clock = new LateClock(0)
  const ticks = ticksOf(clock)
  clock.runUntil(40)
  clock.stallUntil(100)
  expect(ticks).toEqual([1, 2, 3, 4, 5])
  clock.stallUntil(1_000)
  expect(ticks.slice(5)).toEqual([46, 47, 48, 49, 50])
})

it('sleeps while nobody speaks, and its numbers go on', () => {
  const clock = new LateClock(0)
  const pacer = new Pacer(clock)
  pacer.listen(() => {})()
  expect(clock.isAsleep).toBe(true)
  clock.runUntil(200)
  const ticks: number[] = []
  pacer.listen((tick) => ticks.push(tick))
  clock.runUntil(240)
  expect(ticks).toEqual([11, 12])
})

function ticksOf(clock: Clock): number[] {
  const ticks: number[] = []
  new Pacer(clock).listen((tick) => ticks.push(tick))
  return ticks
}

/** A clock whose timers ring some milliseconds late. */
class LateClock implements Clock {
  readonly #lateMs: number
  #now = 0
  #timer: { at: number; ring: () => void } | undefined

  constructor(lateMs: number) {
    this.#lateMs = lateMs
  }

  now(): number {
    return this.#now
  }

  after(ms: number, ring: () => void): () => void {
    this.#timer = { at: this.#now + ms + this.#lateMs, ring }
    return () => (this.#timer = undefined)
  }

  get isAsleep(): boolean {
    return this.#timer === undefined
  }

  runUntil(at: number): void {
    while (this.#timer !== undefined && this.#timer.at <= at) {
      this.#now = this.#timer.at
      this.#ring()
    }
    this.#now = at
  }

  /** The process does something else until then: the timer rings once, far too late. */
  stallUntil(at: number): void {
    this.#now = at
    this.#ring()
  }

  #ring(): void {
    const timer = this.#timer
    this.#timer = undefined
    timer?.ring()
  }
}
