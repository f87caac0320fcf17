/**
 * Plays the sound that belongs to the state, and only that. Browsers keep a page silent until somebody has touched it:
 * until then the wish is kept, and played as soon as it may be.
 */
import type { Sound } from './status.ts'
import { patterns, samplesOf } from './tones.ts'

/** Loops are faded, not cut: a cut is heard as a click. */
const fadeS = 0.03

export class Sounds {
  #context: AudioContext | undefined
  #wanted: Sound = 'silence'
  #playing: { sound: Sound; source: AudioBufferSourceNode; gain: GainNode } | undefined

  /** Whether the browser keeps the page silent for now. */
  get isBlocked(): boolean {
    return !mayPlay()
  }

  /** Plays this from now on, in a loop. The same sound again goes on undisturbed. */
  play(sound: Sound): void {
    this.#wanted = sound
    if (this.#playing?.sound === sound) return
    this.#stop()
    if (sound !== 'silence' && mayPlay()) this.#start(sound)
  }

  /** Call it in the handler of a click or a key: from now on the page may be heard. */
  unblock(): void {
    this.play(this.#wanted)
  }

  #start(sound: Exclude<Sound, 'silence'>): void {
    const context = (this.#context ??= new AudioContext())
    // Safari and a phone that slept suspend a context. Where it is refused, the page is silent and everything visible.
    context.resume().catch(() => undefined)
    const samples = samplesOf(patterns[sound], context.sampleRate)
    const buffer = context.createBuffer(1, samples.length, context.sampleRate)
    buffer.copyToChannel(samples, 0)
    const source = new AudioBufferSourceNode(context, { buffer, loop: true })
    const gain = new GainNode(context, { gain: 1 })
    source.connect(gain).connect(context.destination)
    source.start()
    this.#playing = { sound, source, gain }
  }

  #stop(): void {
    if (this.#playing === undefined || this.#context === undefined) return
    const { source, gain } = this.#playing
    this.#playing = undefined
    gain.gain.setTargetAtTime(0, this.#context.currentTime, fadeS / 3)
    source.stop(this.#context.currentTime + fadeS)
  }
}

/** Where the browser does not say (Safari before 16.4), playing is tried. */
function mayPlay(): boolean {
  const activation: UserActivation | undefined = navigator.userActivation
  return activation?.hasBeenActive ?? true
}
