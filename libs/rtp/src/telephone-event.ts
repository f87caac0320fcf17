/** Keys of a telephone as events in RTP (RFC 4733): read out of what comes, and written. */

/** Event codes 0 to 15, by their key. */
const keys = '0123456789*#ABCD'
/** Events have the clock of G.711, whatever the sound beside them is. */
const ticksPerMs = 8
/** So long after the last packet an event whose end was lost is over. */
const patienceMs = 200
const isEnd = 0x80
/** In dB below full scale. */
const volume = 10
/** RFC 4733 section 2.5.1.4: the end is said three times, because one of them may be lost. */
const timesEnded = 3

/** A key that was pressed. */
export type Digit = { digit: string; durationMs: number }

/** Whether this is a key that can be sent. */
export const isDigit = (digit: string): boolean => digit.length === 1 && keys.includes(digit)

/**
 * Reads the events of one stream, each once: by their timestamp, so that neither a lost mark at the beginning nor a lost
 * or repeated end matters.
 */
export class DigitReader {
  #current: { timestamp: number; digit: string; duration: number; lastAtMs: number } | undefined
  /** The event that was told of last. */
  #told: number | undefined

  /** Takes a packet. Gives the key that was let go with it; a packet of an event that is known gives nothing. */
  take(timestamp: number, payload: Uint8Array, nowMs: number): Digit | undefined {
    const [event, flags, high, low] = payload
    if (event === undefined || flags === undefined || high === undefined || low === undefined) return undefined
    const digit = keys[event]
    // Fax tones and what else RFC 4733 knows are no keys; and an event may not come back.
    if (digit === undefined || timestamp === this.#told) return undefined
    if (this.#told !== undefined && isBefore(timestamp, this.#told)) return undefined
    const before = this.#current
    if (before !== undefined && isBefore(timestamp, before.timestamp)) return undefined
    const isNew = before?.timestamp !== timestamp
    const overtaken = isNew ? this.#tell() : undefined
    const duration = Math.max(high * 256 + low, isNew ? 0 : before.duration)
    this.#current = { timestamp, digit, duration, lastAtMs: nowMs }
    if ((flags & isEnd) === 0 || overtaken !== undefined) return overtaken
    return this.#tell()
  }

  /** Gives the key of which nothing has come for a while: the packets with its end were lost. To be asked now and then. */
  settle(nowMs: number): Digit | undefined {
    return this.#current !== undefined && nowMs - this.#current.lastAtMs >= patienceMs ? this.#tell() : undefined
  }

  #tell(): Digit | undefined {
    const current = this.#current
    if (current === undefined) return undefined
    this.#current = undefined
    this.#told = current.timestamp
    return { digit: current.digit, durationMs: Math.round(current.duration / ticksPerMs) }
  }
}

/** One packet of an event that is sent: all of them have the timestamp at which it began. */
export type EventPacket = { payload: Buffer; isMarked: boolean }

/** The packets of one key, `stepMs` apart. @throws for what is no key */
export function eventPackets(digit: string, durationMs: number, stepMs: number): EventPacket[] {
  if (!isDigit(digit)) throw new Error(`${digit} is no key of a telephone.`)
  const steps = Math.max(1, Math.ceil(durationMs / stepMs))
  const during = Array.from({ length: steps }, (_, n) => eventOf(digit, (n + 1) * stepMs, n + 1 === steps))
  const last = during.at(-1)
  const again = Array.from({ length: timesEnded - 1 }, () => last ?? Buffer.alloc(4))
  return [...during, ...again].map((payload, n) => ({ payload, isMarked: n === 0 }))
}

function eventOf(digit: string, durationMs: number, isOver: boolean): Buffer {
  const ticks = Math.min(0xffff, Math.round(durationMs * ticksPerMs))
  return Buffer.from([keys.indexOf(digit), (isOver ? isEnd : 0) | volume, ticks >> 8, ticks & 0xff])
}

/** Whether a timestamp is older than another, across the end of the numbers. */
function isBefore(timestamp: number, other: number): boolean {
  return (timestamp - other) >>> 0 > 0x8000_0000
}
