/** A phone's voice in a codec that browsers do not have: decoded and encoded again, 20 ms at a time. */
import { levelOf } from '@parley/rtp'
import type { PhoneCodec } from '../agreed.ts'
import type { HeardPacket } from '../incoming.ts'
import { newEncoder } from './codecs.ts'
import { SoundSource } from './sound-source.ts'

/** After so long without a packet nothing is said any more. */
const patienceMs = 200

export class PhoneVoice {
  readonly #source: SoundSource
  readonly #encoder = newEncoder('opus', 16_000)
  #heardAtMs = -Infinity

  constructor(codec: PhoneCodec) {
    this.#source = new SoundSource(codec, 16_000)
  }

  put(packet: HeardPacket, nowMs: number): void {
    this.#heardAtMs = nowMs
    this.#source.put(packet, nowMs)
  }

  close(): void {
    this.#source.close()
    this.#encoder.close?.()
  }

  /** The next 20 ms, as Opus; undefined while the phone sends nothing. */
  take(nowMs: number): { payload: Uint8Array; level: number } | undefined {
    if (nowMs - this.#heardAtMs > patienceMs) return undefined
    const samples = this.#source.take(nowMs)
    return { payload: this.#encoder.encode(samples), level: levelOf(samples) }
  }
}
