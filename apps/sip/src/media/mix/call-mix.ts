/**
 * What the phones of one call hear where more than one person speaks to them. Every sound is decoded once, whichever
 * phone's transport it came over, and all are added up once; a phone's mix is that sum less what it is not to hear: its
 * own voice above all, which comes from the sfu to the others as anybody's does, muted where a grant says so.
 */
import type { PhoneCodec } from '../agreed.ts'
import type { HeardPacket } from '../incoming.ts'
import { tickMs } from '../ticker.ts'
import type { MixRate } from './codecs.ts'
import { limited } from './limiter.ts'
import { SoundSource } from './sound-source.ts'

/** A phone that hears a mix; known by its identity alone. */
export type MixListener = { readonly codec: PhoneCodec | undefined }

/** So long after its last packet a sound may come over another phone's transport. */
const carrierPatienceMs = 300

type Source = {
  source: SoundSource
  /** Over whose transport it comes, and when it did last. */
  carrier: MixListener | undefined
  carriedAtMs: number
  frame: Int16Array
  isSilent: boolean
}

export class CallMix {
  readonly call: string
  readonly #sources = new Map<string, Source>()
  readonly #listeners = new Map<MixListener, ReadonlySet<string>>()
  #rate: MixRate = 8_000
  #total = new Int32Array()
  /** The same within 16 bits, once somebody hears all of it. */
  #whole: Int16Array | undefined

  constructor(call: string) {
    this.call = call
  }

  /** Says which sounds somebody hears, with their codecs; none for whoever hears no mix any more. */
  listen(listener: MixListener, sounds: ReadonlyMap<string, PhoneCodec>): void {
    if (sounds.size === 0) this.#listeners.delete(listener)
    else this.#listeners.set(listener, new Set(sounds.keys()))
    const rate = (this.#rate = this.#widest())
    for (const [id, codec] of sounds) {
      const known = this.#sources.get(id)?.source
      if (known?.codec !== codec || known.rate !== rate) this.#begin(id, codec, rate)
    }
    for (const [id, source] of this.#sources) {
      const isGone = source.carrier === listener && !sounds.has(id)
      if (isGone) Object.assign(source, { carrier: undefined, carriedAtMs: -Infinity })
    }
    this.#settle(rate)
  }

  /** Whether a sound is taken from this listener's transport: it comes over one of them only. */
  needs(listener: MixListener, id: string, nowMs: number): boolean {
    const source = this.#sources.get(id)
    if (source === undefined) return false
    return source.carrier === listener || nowMs - source.carriedAtMs >= carrierPatienceMs
  }

  /** A packet of a sound has come over this listener's transport. */
  put(listener: MixListener, id: string, packet: HeardPacket, nowMs: number): void {
    const source = this.#sources.get(id)
    if (source === undefined || !this.needs(listener, id, nowMs)) return
    source.carrier = listener
    source.carriedAtMs = nowMs
    source.source.put(packet, nowMs)
  }

  /** Takes the next 20 ms of everything. */
  tick(nowMs: number): void {
    const length = (this.#rate / 1000) * tickMs
    const total = new Int32Array(length)
    for (const one of this.#sources.values()) {
      one.frame = one.source.take(nowMs)
      one.isSilent = one.frame.every((sample) => sample === 0)
      if (!one.isSilent) add(total, one.frame, 1)
    }
    this.#total = total
    this.#whole = undefined
  }

  /** These 20 ms, as somebody hears them. All those who say nothing hear the same, and get the same object. */
  frameFor(listener: MixListener): Int16Array {
    const heard = this.#listeners.get(listener)
    let mine: Int32Array | undefined
    for (const [id, { frame, isSilent }] of this.#sources) {
      if (!isSilent && heard?.has(id) !== true) add((mine ??= this.#total.slice()), frame, -1)
    }
    return mine === undefined ? (this.#whole ??= limited(this.#total)) : limited(mine)
  }

  get rate(): MixRate {
    return this.#rate
  }

  /** 16,000 as soon as one phone can hear more than others. */
  #widest(): MixRate {
    const hasWide = [...this.#listeners.keys()].some(({ codec }) => codec === 'G722' || codec === 'opus')
    return hasWide ? 16_000 : 8_000
  }

  #begin(id: string, codec: PhoneCodec, rate: MixRate): void {
    this.#sources.get(id)?.source.close()
    this.#sources.set(id, newSource(codec, rate))
  }

  /** Forgets what nobody hears, and begins anew what is decoded at another rate. */
  #settle(rate: MixRate): void {
    const heard = [...this.#listeners.values()]
    for (const [id, { source }] of this.#sources) {
      if (!heard.some((ids) => ids.has(id))) {
        source.close()
        this.#sources.delete(id)
      } else if (source.rate !== rate) this.#begin(id, source.codec, rate)
    }
    const length = (rate / 1000) * tickMs
    if (this.#total.length === length) return
    this.#total = new Int32Array(length)
    this.#whole = undefined
  }
}

function newSource(codec: PhoneCodec, rate: MixRate): Source {
  const frame = new Int16Array((rate / 1000) * tickMs)
  return { source: new SoundSource(codec, rate), carrier: undefined, carriedAtMs: -Infinity, frame, isSilent: true }
}

function add(total: Int32Array, frame: Int16Array, sign: 1 | -1): void {
  for (let n = 0; n < total.length; n += 1) total[n] = (total[n] ?? 0) + sign * (frame[n] ?? 0)
}
