/** What one participant sends of his voice: a packet at each tick while he speaks, one a second while he does not. */
import type { Outgoing } from './outgoing.ts'
import { opusTicks, silence, type Voice } from './voice.ts'

/** A line on which nothing is sent is taken for dead. */
const sparseTicks = 50

export class Mouth {
  readonly #stream: Outgoing
  #wasSilent = true
  #voice: Voice | undefined

  constructor(stream: Outgoing) {
    this.#stream = stream
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

  #say({ payloads, levels }: Voice, tick: number): void {
    const place = tick % payloads.length
    const [payload, level] = [payloads[place], levels[place]]
    if (payload === undefined || level === undefined) return // a voice without packets
    // RFC 3551 section 4.1: the mark says that sound begins after a silence.
    this.#stream.send({ payload, level, timestamp: tick * opusTicks, isMarked: this.#wasSilent })
    this.#wasSilent = false
  }
}
