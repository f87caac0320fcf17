/** One stream that is sent: numbers its packets, encrypts them and counts them. */
import { randomInt } from 'node:crypto'
import type { PlainLine } from './plain-line.ts'
import { writeHeader, writeLevel, writeMoment, type RtpHeader, type SenderInfo } from '@parley/rtp'

/** Enough for each payload that we make. */
const mostBytes = 1_500
/** A packet that was handed over is left alone for as many more: one whole frame of a picture, at least. */
const spareBuffers = 64

export type Payload = {
  payload: Uint8Array
  timestamp: number
  isMarked: boolean
  /** In dB below overload, for a header that has a level. */
  level?: number
}

export class Outgoing {
  readonly ssrc: number
  readonly #line: PlainLine
  readonly #first: Buffer
  readonly #headerLength: number
  /** Made as they are needed: many a stream is silent for ever. */
  readonly #buffers: Buffer[] = []
  /** RFC 3711 section 3.3.1: from the lower half, so that a loss at the beginning hides no rollover. */
  #sequence = randomInt(0x8000)
  #roc = 0
  #packets = 0
  #bytes = 0
  #timestamp = 0

  constructor(line: PlainLine, header: RtpHeader) {
    this.ssrc = header.ssrc
    this.#line = line
    this.#first = Buffer.alloc(mostBytes)
    this.#headerLength = writeHeader(this.#first, header)
  }

  send({ payload, timestamp, isMarked, level }: Payload): void {
    const packet = (this.#buffers[this.#packets % spareBuffers] ??= Buffer.from(this.#first))
    this.#timestamp = timestamp % 2 ** 32
    writeMoment(packet, this.#sequence, this.#timestamp, isMarked)
    if (level !== undefined && this.#headerLength > 12) writeLevel(packet, level)
    packet.set(payload, this.#headerLength)
    const length = this.#headerLength + payload.length
    const protectedLength = this.#line.sender.protectRtp(packet, this.#headerLength, length, this.#roc)
    this.#line.send(packet.subarray(0, protectedLength))
    this.#packets += 1
    this.#bytes += payload.length
    this.#sequence = (this.#sequence + 1) % 0x1_0000
    if (this.#sequence === 0) this.#roc += 1
  }

  /** What a report says of it; undefined as long as nothing was sent. */
  get sent(): SenderInfo | undefined {
    if (this.#packets === 0) return undefined
    return { atMs: Date.now(), timestamp: this.#timestamp, packets: this.#packets, bytes: this.#bytes }
  }
}
