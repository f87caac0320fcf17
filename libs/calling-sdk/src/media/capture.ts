import { type CallingError, failed } from '../calling-error.ts'
import type { Log } from '../log.ts'

export type CaptureKind = 'audio' | 'video'

/** Somebody who uses what is captured: a call that sends it, a view that shows it. */
export type CaptureUser = {
  /** The track, and another one after a change of device; nothing when the device is gone for good. */
  track(track: MediaStreamTrack | undefined): void
}

/** A track that is open; one that the app brought is not ours to stop. */
type Opened = { track: MediaStreamTrack; isOurs: boolean }

// Three layers of 720p are what viewers choose from.
const constraints: Record<CaptureKind, MediaTrackConstraints> = {
  audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } },
}

/**
 * A microphone or camera, open exactly while somebody uses it, or a stream of the app's own. A device that goes away is
 * followed by the system's default one where there is one.
 */
export class Capture {
  readonly #kind: CaptureKind
  readonly #log: Log
  readonly #users = new Set<CaptureUser>()
  readonly #onEnded = () => void this.#lost()
  #deviceId: string
  #own: MediaStream | undefined
  #opened: Opened | undefined
  #opening: Promise<MediaStreamTrack> | undefined
  #request = 0

  /** `source`: a device's id, empty for the default one, or a stream that the app brings. */
  constructor(kind: CaptureKind, source: string | MediaStream, log: Log) {
    this.#kind = kind
    this.#log = log
    this.#deviceId = typeof source === 'string' ? source : ''
    this.#own = typeof source === 'string' ? undefined : source
  }

  /** Opens the device, if it is not open yet. Rejects with what a person has to know; then there is no new user. */
  async use(user: CaptureUser): Promise<MediaStreamTrack> {
    this.#users.add(user)
    try {
      const track = await this.#open()
      if (this.#users.has(user)) user.track(track)
      return track
    } catch (error) {
      this.#users.delete(user)
      throw error
    }
  }

  /** The last one who goes closes the device. */
  release(user: CaptureUser): void {
    this.#users.delete(user)
    if (this.#users.size === 0) this.#close()
  }

  /** Changes to another device, or another stream of the app; users get the new track. */
  async switchTo(source: string | MediaStream): Promise<void> {
    if (source === (this.#own ?? this.#deviceId)) return
    const before = { deviceId: this.#deviceId, own: this.#own }
    this.#deviceId = typeof source === 'string' ? source : ''
    this.#own = typeof source === 'string' ? undefined : source
    if (this.#users.size === 0) return
    try {
      await this.#reopen()
    } catch (error) {
      this.#deviceId = before.deviceId
      this.#own = before.own
      throw error
    }
  }

  close(): void {
    this.#users.clear()
    this.#close()
  }

  /** Opens something else before it lets go of what is there, so that a failure costs nothing. */
  async #reopen(): Promise<void> {
    const before = this.#opened
    this.#opening = undefined
    const track = await this.#open()
    if (before !== undefined && before.track !== track) this.#letGo(before)
    for (const user of this.#users) user.track(track)
  }

  /** The device went away: a microphone is followed by another one, a camera by nothing. */
  async #lost(): Promise<void> {
    try {
      if (this.#kind === 'video' || this.#own !== undefined) throw failed('cameraNotFound')
      this.#deviceId = ''
      await this.#reopen()
    } catch (error) {
      this.#log.warn('capture.lost', { kind: this.#kind, error })
      this.#close()
      for (const user of this.#users) user.track(undefined)
    }
  }

  #open(): Promise<MediaStreamTrack> {
    if (this.#opening !== undefined) return this.#opening
    const opening = this.#openNow(++this.#request)
    this.#opening = opening
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined
    })
    return opening
  }

  async #openNow(request: number): Promise<MediaStreamTrack> {
    const isOurs = this.#own === undefined
    const stream = this.#own ?? (await this.#getUserMedia())
    const [track] = this.#kind === 'audio' ? stream.getAudioTracks() : stream.getVideoTracks()
    if (track === undefined) throw failed(this.#kind === 'audio' ? 'cannotUnmute' : 'badStream')
    // Everybody left while the question was open, or another device was chosen.
    if (request !== this.#request || this.#users.size === 0) {
      if (isOurs) track.stop()
      if (this.#users.size === 0) throw failed('callOver')
      return this.#open()
    }
    this.#opened = { track, isOurs }
    track.addEventListener('ended', this.#onEnded)
    return track
  }

  async #getUserMedia(): Promise<MediaStream> {
    const exact = this.#deviceId === '' || this.#deviceId === 'default' ? {} : { deviceId: { exact: this.#deviceId } }
    try {
      return await navigator.mediaDevices.getUserMedia({ [this.#kind]: { ...constraints[this.#kind], ...exact } })
    } catch (error) {
      // A microphone that was chosen once and is gone now: better another one than silence.
      if (this.#kind === 'audio' && this.#deviceId !== '' && nameOf(error) !== 'NotAllowedError') {
        this.#deviceId = ''
        return this.#getUserMedia()
      }
      throw captureError(this.#kind, error)
    }
  }

  #close(): void {
    if (this.#opened !== undefined) this.#letGo(this.#opened)
    this.#opened = undefined
    this.#opening = undefined
    this.#request++
  }

  #letGo({ track, isOurs }: Opened): void {
    track.removeEventListener('ended', this.#onEnded)
    if (isOurs) track.stop()
  }
}

/** Not every browser's OverconstrainedError is an Error. */
const nameOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'name' in error ? error.name : undefined

/** What the browser's refusal means, in ACS's numbers. */
function captureError(kind: CaptureKind, cause: unknown): CallingError {
  if (kind === 'audio')
    return failed(nameOf(cause) === 'NotAllowedError' ? 'permissionDenied' : 'cannotUnmute', { cause })
  switch (nameOf(cause)) {
    case 'NotAllowedError':
      return failed('cameraDenied', { cause })
    case 'NotFoundError':
    case 'OverconstrainedError':
      return failed('cameraNotFound', { cause })
    case 'NotReadableError':
    case 'AbortError':
      return failed('cameraInUse', { cause })
    default:
      return failed('cameraFailed', { cause })
  }
}
