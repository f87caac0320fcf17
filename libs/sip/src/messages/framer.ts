/**
 * Cuts a stream into messages by their Content-Length (RFC 3261 section 18.3), with the keep-alives of RFC 5626 section
 * 4.4.1 between them. Each byte is looked at once, however it is chopped up on its way.
 */
import { contentLength, splitHead } from '../grammar/head.ts'
import { GrammarError, type Meter } from '../grammar/reader.ts'
import { messageLimits, type MessageLimits } from './parse.ts'

export type Framed =
  | { is: 'message'; bytes: Uint8Array }
  /** Two line ends: the other side asks whether we are there. */
  | { is: 'ping' }
  /** One line end: the answer to ours. */
  | { is: 'pong' }
  /** Where the next message begins can no longer be known; the stream is to be closed. */
  | { is: 'broken'; why: string }

export class Framer {
  readonly #limits: MessageLimits
  readonly #meter: Meter
  #held = Buffer.alloc(0)
  /** What is held and not yet given out lies between these two. */
  #start = 0
  #end = 0
  /** Up to here no end of the headers was found. */
  #searched = 0
  /** Length of the message that is coming in, once its headers are there. */
  #length: number | undefined
  /** The last that was given out is a single line end. */
  #hadLineEnd = false
  #isBroken = false

  constructor(limits: MessageLimits = messageLimits, meter: Meter = { steps: 0 }) {
    this.#limits = limits
    this.#meter = meter
  }

  push(chunk: Uint8Array): Framed[] {
    const framed: Framed[] = []
    if (this.#isBroken) return framed
    this.#hold(chunk)
    try {
      for (let next = this.#next(); next !== undefined; next = this.#next()) framed.push(next)
    } catch (error) {
      if (!(error instanceof GrammarError)) throw error
      this.#isBroken = true
      framed.push({ is: 'broken', why: error.what })
    }
    return framed
  }

  #next(): Framed | undefined {
    if (this.#length === undefined && this.#searched <= this.#start) {
      const keepAlive = this.#keepAlive()
      if (keepAlive !== 'no') return keepAlive
    }
    this.#length ??= this.#findLength()
    const waiting = this.#end - this.#start
    if ((this.#length ?? waiting) > this.#limits.messageBytes) throw new GrammarError('longer than a message may be')
    if (this.#length === undefined || waiting < this.#length) return undefined
    this.#hadLineEnd = false
    return { is: 'message', bytes: this.#take(this.#length) }
  }

  /** A line end in front of a message; undefined when it may yet become one. */
  #keepAlive(): Framed | 'no' | undefined {
    const [a, b, c, d] = this.#held.subarray(this.#start, Math.min(this.#end, this.#start + 4))
    if (a !== 0x0d) return 'no'
    if (b === undefined) return undefined
    if (b !== 0x0a) throw new GrammarError('no message')
    if (c === 0x0d && d === undefined && !this.#hadLineEnd) return undefined
    const isWhole = c === 0x0d && d === 0x0a
    // A ping may come in two pieces. Its first half was told as a pong then, for nobody waits for what may never come.
    const isPing = isWhole || this.#hadLineEnd
    this.#take(isWhole ? 4 : 2)
    this.#hadLineEnd = !isPing
    return { is: isPing ? 'ping' : 'pong' }
  }

  /** The length of headers and body together, once the headers are there. */
  #findLength(): number | undefined {
    const from = Math.max(this.#searched, this.#start)
    const end = this.#held.subarray(0, this.#end).indexOf('\r\n\r\n', from)
    this.#meter.steps += (end === -1 ? this.#end : end) - from
    if (end === -1) {
      this.#searched = Math.max(this.#start, this.#end - 3)
      return undefined
    }
    const head = this.#held.toString('latin1', this.#start, end)
    return end + 4 - this.#start + bodyLength(head, this.#meter)
  }

  #hold(chunk: Uint8Array): void {
    if (this.#end + chunk.length > this.#held.length) this.#makeRoom(chunk.length)
    this.#held.set(chunk, this.#end)
    this.#end += chunk.length
  }

  /** Room doubles, so that many small chunks are not copied again with each of them. */
  #makeRoom(more: number): void {
    const waiting = this.#end - this.#start
    this.#meter.steps += waiting
    const room = Buffer.alloc(2 * (waiting + more))
    this.#held.copy(room, 0, this.#start, this.#end)
    this.#searched = Math.max(0, this.#searched - this.#start)
    this.#start = 0
    this.#end = waiting
    this.#held = room
  }

  #take(length: number): Uint8Array {
    const taken = new Uint8Array(this.#held.subarray(this.#start, this.#start + length))
    this.#start += length
    this.#searched = this.#start
    this.#length = undefined
    return taken
  }
}

// RFC 3261 section 20.14: over a stream Content-Length must be there. Without it the next message cannot be found.
function bodyLength(head: string, meter: Meter): number {
  const length = contentLength(splitHead(head, meter).lines)
  if (length === undefined) throw new GrammarError('Content-Length: missing or malformed')
  return length
}
