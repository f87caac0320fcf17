/** What one participant sends of his voice: a packet at each tick while he speaks, one a second while he does not. */
import { randomInt } from 'node:crypto'
import type { PlainLine } from './plain-line.ts'
import type { SenderInfo } from './rtcp.ts'
import { writeHeader, writeLevel, writeMoment } from './rtp.ts'
import { tagBytes } from './srtp.ts'
import { opusTicks, silence, type Voice } from './voice.ts'

/** A line on which nothing is sent is taken for dead. */
const sparseTicks = 50
/** Enough for each payload that our encoder makes. */
const mostBytes = 1_500
/** A packet that was handed over is left alone for as many more. */
const spareBuffers = 8

export type MouthOptions = { ssrc: number; payloadType: number; levelId: number | undefined }

export class Mouth {
  readonly #line: PlainLine
  readonly #buffers: Buffer[]
  readonly #headerLength: number
  /** RFC 3711 section 3.3.1: from the lower half, so that a loss at the beginning hides no rollover. */
  #sequence = randomInt(0x8000)
  #roc = 0
  #packets = 0
  #bytes = 0
  #timestamp = 0
  #wasSilent = true
  #voice: Voice | undefined

  constructor(line: PlainLine, { ssrc, payloadType, levelId }: MouthOptions) {
    this.#line = line
    const first = Buffer.alloc(mostBytes)
    this.#headerLength = writeHeader(first, { payloadType, ssrc, ...(levelId === undefined ? {} : { levelId }) })
    this.#buffers = Array.from({ length: spareBuffers }, () => Buffer.from(first))
  }

  /** Speaks from the next tick on; without a voice it is silent. */
  speak(voice: Voice | undefined): void {
    this.#voice = voice
  }

  tick(tick: number): void {
    if (this.#voice !== undefined) this.#say(this.#voice, tick)
    else if (tick % sparseTicks === 0) this.breathe(tick)
  }

  /** Sends a packet without sound: the far end learns where we are, and that we are still there. */
  breathe(tick: number): void {
    this.#say(silence, tick)
    this.#wasSilent = true
  }

  /** What a report says of it; undefined as long as nothing was sent. */
  get sent(): SenderInfo | undefined {
    const { timestamp, packets, bytes } = { timestamp: this.#timestamp, packets: this.#packets, bytes: this.#bytes }
    return packets === 0 ? undefined : { atMs: Date.now(), timestamp, packets, bytes }
  }

  #say({ payloads, levels }: Voice, tick: number): void {
    const place = tick % payloads.length
    const [payload, level] = [payloads[place], levels[place]]
    const packet = this.#buffers[this.#packets % spareBuffers]
    if (payload === undefined || level === undefined || packet === undefined) return // a voice without packets
    this.#timestamp = (tick * opusTicks) % 2 ** 32
    // RFC 3551 section 4.1: the mark says that sound begins after a silence.
    writeMoment(packet, this.#sequence, this.#timestamp, this.#wasSilent)
    if (this.#headerLength > 12) writeLevel(packet, level)
    packet.set(payload, this.#headerLength)
    const length = this.#headerLength + payload.length
    this.#line.sender.protectRtp(packet, this.#headerLength, length, this.#roc)
    this.#line.send(packet.subarray(0, length + tagBytes))
    this.#wasSilent = false
    this.#packets += 1
    this.#bytes += payload.length
    this.#sequence = (this.#sequence + 1) % 0x1_0000
    if (this.#sequence === 0) this.#roc += 1
  }
}
