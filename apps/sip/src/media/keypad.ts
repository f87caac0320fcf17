/** Keys that are pressed towards the phone, one after the other, a packet for each tick. */
import { eventPackets, type EventPacket } from '@parley/rtp'
import type { Outgoing } from './outgoing.ts'
import { tickMs } from './ticker.ts'

type Pressed = { packets: EventPacket[]; timestamp: number; beganAtMs: number }
type Row = { digits: string[]; durationMs: number; done: () => void; gone: (error: Error) => void }

export class Keypad {
  readonly #rows: Row[] = []
  #pressed: Pressed | undefined
  #pauseTicks = 0

  /** Resolves when the last key is let go. @throws for what is no key */
  press(digits: string, durationMs: number): Promise<void> {
    const row = [...digits]
    // Said before the first of them is pressed.
    for (const digit of row) eventPackets(digit, tickMs, tickMs)
    return new Promise((resolve, reject) => {
      if (row.length === 0) resolve()
      else this.#rows.push({ digits: row, durationMs, done: resolve, gone: reject })
    })
  }

  /** Sends what is due. True while a key is held: nothing else is said then. */
  tick(outgoing: Outgoing, payloadType: number, nowMs: number): boolean {
    if (this.#pressed === undefined && this.#pauseTicks > 0) {
      this.#pauseTicks -= 1
      return false
    }
    const pressed = (this.#pressed ??= this.#next(outgoing, nowMs))
    const packet = pressed?.packets.shift()
    if (pressed === undefined || packet === undefined) return false
    outgoing.event(payloadType, packet.payload, pressed.timestamp, packet.isMarked, pressed.beganAtMs)
    if (pressed.packets.length === 0) this.#letGo()
    return true
  }

  get isHeld(): boolean {
    return this.#pressed !== undefined
  }

  /** What was not pressed yet is not pressed any more. */
  close(error: Error): void {
    for (const { gone } of this.#rows.splice(0)) gone(error)
    this.#pressed = undefined
  }

  #next(outgoing: Outgoing, nowMs: number): Pressed | undefined {
    const [row] = this.#rows
    const [digit] = row?.digits ?? []
    if (row === undefined || digit === undefined) return undefined
    const packets = eventPackets(digit, row.durationMs, tickMs)
    return { packets, timestamp: outgoing.timestampAt(nowMs), beganAtMs: nowMs }
  }

  #letGo(): void {
    this.#pressed = undefined
    const [row] = this.#rows
    if (row === undefined) return
    // As much silence as there was sound, so that two of the same are not one.
    this.#pauseTicks = Math.ceil(row.durationMs / tickMs)
    row.digits.shift()
    if (row.digits.length > 0) return
    this.#rows.shift()
    row.done()
  }
}
