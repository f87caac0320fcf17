import { describe, expect, it } from '@jest/globals'
import { DigitReader, eventPackets, type Digit } from './telephone-event.ts'

type Came = { timestamp: number; payload: Uint8Array }

const pressed = (digit: string, timestamp: number): Came[] =>
  eventPackets(digit, 100, 20).map(({ payload }) => ({ timestamp, payload }))

/** What is told of these packets, 20 ms apart, and of the silence after them. */
function told(came: readonly Came[]): Digit[] {
  const reader = new DigitReader()
  const digits = came.flatMap(({ timestamp, payload }, n) => [
    ...[reader.settle(20 * n) ?? []].flat(),
    ...[reader.take(timestamp, payload, 20 * n) ?? []].flat(),
  ])
  const last = reader.settle(20 * came.length + 200)
  return last === undefined ? digits : [...digits, last]
}

describe('a key that is sent', () => {
  it('has a mark at the beginning, grows, and ends three times', () => {
    const packets = eventPackets('#', 60, 20)
    expect(packets.map(({ payload }) => payload.toString('hex'))).toEqual([
      '0b0a00a0',
      '0b0a0140',
      '0b8a01e0',
      '0b8a01e0',
      '0b8a01e0',
    ])
    expect(packets.map(({ isMarked }) => isMarked)).toEqual([true, false, false, false, false])
  })

  it.each(['x', '', '12', 'a'])('is none: %s', (digit) => expect(() => eventPackets(digit, 100, 20)).toThrow('no key'))
})

describe('a key that comes', () => {
  it('is told of once, however often its end is said', () =>
    expect(told(pressed('5', 160))).toEqual([{ digit: '5', durationMs: 100 }]))

  it('may be pressed twice', () =>
    expect(told([...pressed('5', 160), ...pressed('5', 3_000)]).map(({ digit }) => digit)).toEqual(['5', '5']))

  it('is told of when its end was lost, as soon as the next one begins', () => {
    const cut = pressed('1', 160).slice(0, 3)
    expect(told([...cut, ...pressed('2', 3_000)])).toEqual([
      { digit: '1', durationMs: 60 },
      { digit: '2', durationMs: 100 },
    ])
  })

  it('is told of when its end was lost, and nothing follows', () =>
    expect(told(pressed('D', 160).slice(0, 2))).toEqual([{ digit: 'D', durationMs: 40 }]))

  it('is told of when only its end has come', () =>
    expect(told(pressed('*', 160).slice(-1))).toEqual([{ digit: '*', durationMs: 100 }]))

  it('does not come back with a packet that was late', () => {
    const [first, second] = [pressed('1', 0xffff_ff00), pressed('2', 700)]
    expect(told([...first, ...second, ...first]).map(({ digit }) => digit)).toEqual(['1', '2'])
  })

  it.each([
    ['nothing', ''],
    ['cut', '0180'],
    ['a fax tone', '248a0320'],
  ])('is none: %s', (_what, hex) => expect(told([{ timestamp: 1, payload: Buffer.from(hex, 'hex') }])).toEqual([]))
})
