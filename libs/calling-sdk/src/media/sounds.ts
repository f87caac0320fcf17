import type { ConsumerId, ConsumerOptions } from '@parley/protocol'
import type { types } from 'mediasoup-client'
import type { Log } from '../log.ts'
import type { MediaBuild } from './media-build.ts'
import type { Playback, Sound } from './playback.ts'

/** `consumer` and `sound` come as they are ready. */
type Heard = { consumer?: types.Consumer; sound?: Sound }

/** Everything that this leg hears. While a call rings the sounds are set up and kept silent. */
export class Sounds {
  readonly #playback: Pick<Playback, 'play'>
  readonly #log: Log
  readonly #heard = new Map<ConsumerId, Heard>()
  #build: MediaBuild | undefined
  #isAudible = false
  #isMuted = false
  #isHeld = false

  constructor(playback: Pick<Playback, 'play'>, log: Log) {
    this.#playback = playback
    this.#log = log
  }

  use(build: MediaBuild, consumers: ConsumerOptions[]): void {
    for (const id of this.#heard.keys()) this.remove(id)
    this.#build = build
    for (const options of consumers) this.add(options)
  }

  add(options: ConsumerOptions): void {
    const build = this.#build
    if (build === undefined || this.#heard.has(options.id)) return
    const heard: Heard = {}
    this.#heard.set(options.id, heard)
    void this.#hear(build, options, heard)
  }

  remove(id: ConsumerId): void {
    const heard = this.#heard.get(id)
    this.#heard.delete(id)
    heard?.sound?.stop()
    heard?.consumer?.close()
  }

  /** The call is answered: from now on it is heard. */
  makeAudible(): void {
    this.#isAudible = true
    for (const heard of this.#heard.values()) this.#play(heard)
  }

  /** Plays on without being heard (ACS: muteIncomingAudio). */
  setMuted(isMuted: boolean): void {
    this.#isMuted = isMuted
    this.#muteAll()
  }

  /** Nothing is heard while the call is held. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    this.#muteAll()
  }

  close(): void {
    for (const id of this.#heard.keys()) this.remove(id)
    this.#build = undefined
  }

  async #hear(build: MediaBuild, options: ConsumerOptions, heard: Heard): Promise<void> {
    try {
      heard.consumer = await build.consume(options)
      if (this.#heard.get(options.id) === heard) this.#play(heard)
      else heard.consumer.close()
    } catch (error) {
      if (this.#heard.get(options.id) === heard) this.#heard.delete(options.id)
      this.#log.warn('media.notHeard', { error })
    }
  }

  #play(heard: Heard): void {
    if (!this.#isAudible || heard.consumer === undefined || heard.sound !== undefined) return
    heard.sound = this.#playback.play(heard.consumer.track)
    heard.sound.setMuted(this.#isMuted || this.#isHeld)
  }

  #muteAll(): void {
    for (const { sound } of this.#heard.values()) sound?.setMuted(this.#isMuted || this.#isHeld)
  }
}
