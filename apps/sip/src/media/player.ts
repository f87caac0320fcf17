/** What a phone hears of the platform itself: prompts, and music while it waits. A frame of µ-law for each tick. */
import { music } from './music.ts'
import { promptOf, type PromptName } from './prompts.ts'

/** 20 ms of G.711. */
export const frameBytes = 160

export type Played = { kind: 'prompt' | 'music'; pcmu: Buffer }

export class Player {
  #words: { sound: Buffer; at: number; over: (isWhole: boolean) => void } | undefined
  #isMusicOn = false
  #musicAt = 0

  /** Resolves when it is over: false when something took its place. */
  play(prompts: readonly PromptName[]): Promise<boolean> {
    this.#words?.over(false)
    return new Promise((resolve) => {
      this.#words = { sound: Buffer.concat(prompts.map(promptOf)), at: 0, over: resolve }
    })
  }

  playMusic(isOn: boolean): void {
    if (isOn && !this.#isMusicOn) this.#musicAt = 0
    this.#isMusicOn = isOn
  }

  get isPlaying(): boolean {
    return this.#isMusicOn || this.#words !== undefined
  }

  /** The next 20 ms; undefined when there is nothing to say. Prompts come before music. */
  next(): Played | undefined {
    const words = this.#words
    if (words !== undefined && words.at + frameBytes <= words.sound.length) {
      const pcmu = words.sound.subarray(words.at, words.at + frameBytes)
      words.at += frameBytes
      return { kind: 'prompt', pcmu }
    }
    this.#words = undefined
    words?.over(true)
    if (!this.#isMusicOn) return undefined
    const loop = music()
    const pcmu = loop.subarray(this.#musicAt, this.#musicAt + frameBytes)
    this.#musicAt = (this.#musicAt + frameBytes) % loop.length
    return { kind: 'music', pcmu }
  }

  close(): void {
    this.#words?.over(false)
    this.#words = undefined
    this.#isMusicOn = false
  }
}
