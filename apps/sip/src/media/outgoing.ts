/**
 * One stream of RTP that is sent. Whatever it is made of (what somebody else says, prompts, keys, a mix), it is one
 * stream for who hears it: one SSRC, numbers without gaps, and time that only goes forward.
 */
import { randomInt } from 'node:crypto'
import { writeHeader, writeLevel, writeMoment, type SenderInfo, type SrtpSender } from '@parley/rtp'
import type { HeardPacket } from './incoming.ts'
import { tickMs } from './ticker.ts'

/** No datagram of sound is larger. */
const mostBytes = 1_500
/** How far ahead of what was sent last a relayed packet may be, and still be the same time. */
const mostAheadMs = 10_000

export type OutgoingParts = {
  ssrc: number
  ticksPerMs: number
  /** Id of the extension that says how loud each packet is (RFC 6464). */
  levelId?: number
  /** Absent: in the clear. Other keys are another stream: no count begins twice under the same ones. */
  srtp?: SrtpSender | undefined
  send: (packet: Buffer) => void
}

/** The stream that is handed on: where it lies in ours. */
type Relayed = { stream: number; sequenceOffset: number; timestampOffset: number; floor: number }

export class Outgoing {
  readonly ssrc: number
  readonly #ticksPerMs: number
  readonly #levelId: number | undefined
  readonly #headerBytes: number
  readonly #send: (packet: Buffer) => void
  readonly #srtp: SrtpSender | undefined
  /** RFC 3711 section 3.3.1: from the lower half, so that a loss at the beginning hides no rollover. */
  #highest = randomInt(0x8000)
  #timestamp = randomInt(2 ** 31)
  #sentAtMs: number | undefined
  #relayed: Relayed | undefined
  /** Something else was sent, or left out, since the last packet that was handed on. */
  #isInterrupted = false
  #relayedAtMs = -Infinity
  #packets = 0
  #bytes = 0

  constructor({ ssrc, ticksPerMs, levelId, srtp, send }: OutgoingParts) {
    this.ssrc = ssrc
    this.#ticksPerMs = ticksPerMs
    this.#levelId = levelId
    this.#headerBytes = levelId === undefined ? 12 : 20
    this.#srtp = srtp
    this.#send = send
  }

  /** When something came last that was to be handed on. */
  get relayedAtMs(): number {
    return this.#relayedAtMs
  }

  /** The time of something that begins now, in the stream's clock: a frame at least after what was sent last. */
  timestampAt(nowMs: number): number {
    if (this.#sentAtMs === undefined) return this.#timestamp
    const frames = Math.max(1, Math.round((nowMs - this.#sentAtMs) / tickMs))
    return this.#timestamp + frames * tickMs * this.#ticksPerMs
  }

  /** Sends a frame of our own. */
  say(payloadType: number, payload: Uint8Array, nowMs: number, level = 127): void {
    const timestamp = this.timestampAt(nowMs)
    const isMarked = !this.#isInterrupted
    this.#isInterrupted = true
    this.#write(this.#highest + 1, { payloadType, payload, timestamp, isMarked, level })
    this.#moveTo(timestamp, nowMs)
  }

  /** Sends a packet of an event, which lies at the time at which the event began (RFC 4733 section 2.1). */
  event(payloadType: number, payload: Uint8Array, timestamp: number, isMarked: boolean, beganAtMs: number): void {
    this.#isInterrupted = true
    this.#write(this.#highest + 1, { payloadType, payload, timestamp, isMarked, level: 127 })
    this.#moveTo(timestamp, beganAtMs)
  }

  /** Hands a packet on: its payload stays as it is, its numbers become ours. */
  relay(packet: HeardPacket, payloadType: number, nowMs: number, level = 127): void {
    this.#relayedAtMs = nowMs
    const begins = this.#isInterrupted || this.#relayed?.stream !== packet.stream
    const relayed = begins ? (this.#relayed = this.#begin(packet, nowMs)) : this.#relayed
    this.#isInterrupted = false
    // From before an interruption: its number is taken.
    if (relayed === undefined || packet.sequence < relayed.floor) return
    const timestamp = packet.timestamp + relayed.timestampOffset
    const sequence = packet.sequence + relayed.sequenceOffset
    const isMarked = packet.isMarked || begins
    this.#write(sequence, { payloadType, payload: packet.payload, timestamp, isMarked, level })
    if (sequence === this.#highest) this.#moveTo(timestamp, nowMs)
  }

  /** Leaves out a packet of the stream that is handed on, so that it is not missed. */
  leaveOut(nowMs: number): void {
    this.#relayedAtMs = nowMs
    this.#isInterrupted = true
  }

  /** What a report says of it; undefined as long as nothing was sent. */
  sent(): SenderInfo | undefined {
    if (this.#packets === 0) return undefined
    return { atMs: Date.now(), timestamp: this.#timestamp, packets: this.#packets, bytes: this.#bytes }
  }

  get packets(): number {
    return this.#packets
  }

  #begin(packet: HeardPacket, nowMs: number): Relayed {
    const sequenceOffset = this.#highest + 1 - packet.sequence
    const before = this.#relayed
    const isSame = before?.stream === packet.stream
    const ahead = isSame ? (packet.timestamp + before.timestampOffset - this.#timestamp) | 0 : 0
    // A pause in what somebody says stays as long as it was; another one begins now.
    const isTimeKept = isSame && ahead > 0 && ahead < mostAheadMs * this.#ticksPerMs
    const timestampOffset = isTimeKept ? before.timestampOffset : this.timestampAt(nowMs) - packet.timestamp
    return { stream: packet.stream, sequenceOffset, timestampOffset, floor: packet.sequence }
  }

  #moveTo(timestamp: number, atMs: number): void {
    this.#timestamp = timestamp
    this.#sentAtMs = atMs
  }

  #write(
    sequence: number,
    of: { payloadType: number; payload: Uint8Array; timestamp: number; isMarked: boolean; level: number },
  ): void {
    const [headerBytes, levelId] = [this.#headerBytes, this.#levelId]
    const length = headerBytes + of.payload.length
    if (length > mostBytes) return
    const packet = Buffer.allocUnsafe(length + (this.#srtp?.tagBytes ?? 0))
    writeHeader(packet, { payloadType: of.payloadType, ssrc: this.ssrc, ...(levelId === undefined ? {} : { levelId }) })
    if (levelId !== undefined) writeLevel(packet, of.level)
    writeMoment(packet, sequence, of.timestamp, of.isMarked)
    packet.set(of.payload, headerBytes)
    this.#srtp?.protectRtp(packet, headerBytes, length, Math.floor(sequence / 0x1_0000))
    this.#highest = Math.max(this.#highest, sequence)
    this.#packets += 1
    this.#bytes += of.payload.length
    this.#send(packet)
  }
}
