/**
 * The sounds of a call: who speaks, and who is heard. Both follow from the levels that the call's routers measure. Legs
 * are told when it changes, each leg's consumers are opened, paused and resumed with it, and what does not change costs
 * nothing.
 */
import type { LegId } from '@parley/protocol'
import { Audible } from './audible.ts'
import type { CallLeg } from './call-leg.ts'
import type { Level } from './call-router.ts'
import type { SfuLimits } from './limits.ts'
import type { SentTrack } from './sent-track.ts'
import { Speakers } from './speakers.ts'

type Parts = {
  limits: SfuLimits
  legs(): CallLeg[]
  /** Does something when no order is being carried out. */
  inTurn(turn: () => Promise<void>): Promise<void>
}

export class CallSounds {
  readonly #parts: Parts
  readonly #audible: Audible
  readonly #speakers: Speakers
  #isChoosing = false

  constructor(parts: Parts) {
    this.#parts = parts
    this.#audible = new Audible(parts.limits.heard)
    this.#speakers = new Speakers({ endMs: parts.limits.speechEndMs, onChange: () => this.#speakersChanged() })
  }

  /** What somebody who comes now is to hear. */
  heardBy(legId: LegId): SentTrack[] {
    return this.#audible.tracks.filter((track) => track.legId !== legId)
  }

  /** One look of one router. */
  hear(levels: Level[]): void {
    this.#speakers.hear(levels)
    // While more speak than are heard, the loudest of them are chosen in every look.
    if (this.#speakers.speaking.length > this.#parts.limits.heard) this.#settleInTurn()
  }

  /** Has everyone hear who is to be heard now. */
  async settle(): Promise<void> {
    const sounds = this.#parts.legs().flatMap(({ sound }) => sound ?? [])
    const { begun, ended } = this.#audible.choose(sounds, this.#speakers)
    await Promise.all([
      ...ended.flatMap((track) => this.#others(track).map((leg) => leg.mute(track))),
      ...begun.flatMap((track) => this.#others(track).map((leg) => leg.hear(track))),
    ])
  }

  /** The track has ended for good. */
  forgetTrack(track: SentTrack): void {
    this.#audible.forget(track)
  }

  /** The leg has been closed. */
  forgetLeg(legId: LegId): void {
    this.#speakers.forget(legId)
  }

  /** Tells a leg that has come up, or may hear again, who speaks. */
  tellNewcomer(leg: CallLeg): void {
    if (this.#speakers.lately.length > 0) this.#tell([leg])
  }

  close(): void {
    this.#speakers.close()
  }

  #speakersChanged(): void {
    this.#tell(this.#parts.legs())
    this.#settleInTurn()
  }

  #tell(legs: CallLeg[]): void {
    const speaking = this.#speakers.speaking.map(({ legId }) => legId)
    const lately = this.#speakers.lately.slice(0, this.#parts.limits.lately)
    for (const leg of legs) leg.speakers({ speaking, lately })
  }

  /** Once for all changes until its turn comes. */
  #settleInTurn(): void {
    if (this.#isChoosing) return
    this.#isChoosing = true
    void this.#parts.inTurn(() => {
      this.#isChoosing = false
      return this.settle()
    })
  }

  #others({ legId }: SentTrack): CallLeg[] {
    return this.#parts.legs().filter(({ built }) => built.legId !== legId)
  }
}
