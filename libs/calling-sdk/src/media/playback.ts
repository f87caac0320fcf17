import type { Log } from '../log.ts'

/** A sound that is being played. */
export type Sound = {
  setMuted(isMuted: boolean): void
  stop(): void
}

const gestures = ['pointerdown', 'keydown', 'touchend'] as const

/**
 * Plays what is heard, on the speaker that was chosen. A browser may keep a page silent until somebody has touched it:
 * then everything starts with the next touch, wherever it lands.
 */
export class Playback {
  readonly #log: Log
  readonly #elements = new Set<HTMLAudioElement>()
  readonly #onGesture = () => this.#startAll()
  #speakerId = ''
  #isBlocked = false

  constructor(log: Log) {
    this.#log = log
  }

  play(track: MediaStreamTrack): Sound {
    const element = new Audio()
    element.autoplay = true
    element.srcObject = new MediaStream([track])
    this.#elements.add(element)
    this.#route(element)
    this.#start(element)
    return {
      setMuted: (isMuted) => {
        element.muted = isMuted
      },
      stop: () => {
        this.#elements.delete(element)
        element.srcObject = null
        if (this.#elements.size === 0) this.#unblock()
      },
    }
  }

  /** Plays everything on this speaker from now on; the empty id is the system's choice. */
  useSpeaker(deviceId: string): void {
    this.#speakerId = deviceId
    for (const element of this.#elements) this.#route(element)
  }

  #route(element: HTMLAudioElement): void {
    if (!('setSinkId' in element) || element.sinkId === this.#speakerId) return
    // A speaker that was unplugged meanwhile: the system's choice plays on.
    element.setSinkId(this.#speakerId).catch((error: unknown) => this.#log.warn('playback.noSpeaker', { error }))
  }

  #start(element: HTMLAudioElement): void {
    element.play().catch((error: unknown) => {
      // Stopped before it had begun is no failure.
      if (!this.#elements.has(element)) return
      this.#log.warn('playback.blocked', { error })
      this.#block()
    })
  }

  #startAll(): void {
    this.#unblock()
    for (const element of this.#elements) if (element.paused) this.#start(element)
  }

  #block(): void {
    if (this.#isBlocked) return
    this.#isBlocked = true
    for (const gesture of gestures) document.addEventListener(gesture, this.#onGesture, { capture: true })
  }

  #unblock(): void {
    this.#isBlocked = false
    for (const gesture of gestures) document.removeEventListener(gesture, this.#onGesture, { capture: true })
  }
}
