import { failed, isError } from '../calling-error.ts'
import { type Clock, pause } from '../link/clock.ts'
import type { Log } from '../log.ts'
import { Capture, type CaptureUser } from '../media/capture.ts'
import type { Outgoing } from '../media/outgoing.ts'
import type { Devices } from './device-manager.ts'
import type { Diagnostics } from './features/diagnostics.ts'

type VoiceParts = {
  devices: Devices
  /** A source that the app brought in place of the selected microphone. */
  brought: Capture | undefined
  isMuted: boolean
  clock: Clock
  log: Log
  diagnostics: Diagnostics
  /** Tells the others. */
  tell(isMuted: boolean): Promise<void>
  changed(): void
  /** Another track, or none, is captured now. */
  captured(): void
}

/** How long mute() waits to be confirmed: it is in force from the start. */
const toldMs = 1000

/**
 * One's own voice in one call: the microphone and whether it is muted. A call goes on without a microphone, muted; so it
 * does for whoever may not speak in it.
 */
export class Voice {
  private readonly parts: VoiceParts
  private capture: Capture
  private readonly user: CaptureUser = { track: (track) => this.follow(track) }
  private readonly onSelected = (): void => this.changeMicrophone()
  private outgoing: Outgoing | undefined
  private track: MediaStreamTrack | undefined
  private muted: boolean
  private isPermitted = true
  private isClosed = false

  constructor(parts: VoiceParts) {
    this.parts = parts
    this.muted = parts.isMuted
    this.capture = parts.brought ?? new Capture('audio', parts.devices.microphoneId, parts.log)
    if (parts.brought === undefined) parts.devices.on('selectedMicrophoneChanged', this.onSelected)
  }

  get isMuted(): boolean {
    return this.muted
  }

  /** What the microphone captures, heard by others or not. */
  get current(): MediaStreamTrack | undefined {
    return this.track
  }

  /** Opens the microphone. Where there is none to be had the call is muted. */
  async open(): Promise<void> {
    try {
      await this.capture.use(this.user)
    } catch (error) {
      this.lose(error)
    }
  }

  sendOver(outgoing: Outgoing): void {
    this.outgoing = outgoing
    outgoing.pause('microphone', this.muted)
    this.send()
  }

  async mute(): Promise<void> {
    return this.set(true)
  }

  async unmute(): Promise<void> {
    if (!this.isPermitted) throw failed('mayNotSpeak')
    if (this.track === undefined) {
      try {
        await this.capture.use(this.user)
      } catch (cause) {
        throw failed('cannotUnmute', { cause })
      }
    }
    return this.set(false)
  }

  /** Whether one may speak, by one's role and by those who decide who may. */
  permit(isPermitted: boolean): void {
    this.isPermitted = isPermitted
    if (!isPermitted && !this.muted) void this.set(true)
  }

  /** The server has it that this microphone is muted: others did so, or it was not let speak. */
  silence(): void {
    this.outgoing?.pause('microphone', true)
    if (this.muted || this.isClosed) return
    this.muted = true
    this.parts.changed()
  }

  /** Speaks through another source from now on. Rejects, and stays with the one before, when that cannot be opened. */
  async speakThrough(capture: Capture): Promise<void> {
    if (this.isClosed) throw failed('callOver')
    const before = this.capture
    if (before === capture) return
    await capture.use(this.user)
    this.capture = capture
    this.parts.devices.off('selectedMicrophoneChanged', this.onSelected)
    before.release(this.user)
  }

  /** Closes what one speaks through. The call is muted then; unmuting opens it again. */
  stop(): void {
    this.capture.release(this.user)
    this.track = undefined
    this.parts.captured()
    void this.set(true)
    this.outgoing?.set('microphone', undefined).catch((error: unknown) => {
      this.parts.log.warn('voice.notStopped', { error })
    })
  }

  close(): void {
    this.isClosed = true
    this.parts.devices.off('selectedMicrophoneChanged', this.onSelected)
    this.capture.release(this.user)
  }

  private changeMicrophone(): void {
    this.capture.switchTo(this.parts.devices.microphoneId).catch((error: unknown) => {
      this.parts.log.warn('voice.microphoneKept', { error })
    })
  }

  private async set(isMuted: boolean): Promise<void> {
    this.outgoing?.pause('microphone', isMuted)
    if (this.muted === isMuted || this.isClosed) return
    this.muted = isMuted
    this.parts.changed()
    await Promise.race([this.parts.tell(isMuted), pause(this.parts.clock, toldMs)])
  }

  private follow(track: MediaStreamTrack | undefined): void {
    this.track = track
    this.parts.captured()
    if (track === undefined) return this.lose(failed('cannotUnmute'))
    const { media } = this.parts.diagnostics
    media.set('microphonePermissionDenied', false)
    media.set('microphoneNotFunctioning', false)
    this.send()
  }

  private send(): void {
    if (this.track === undefined) return
    this.outgoing?.set('microphone', this.track).catch((error: unknown) => {
      this.parts.log.warn('voice.notSent', { error })
    })
  }

  private lose(error: unknown): void {
    if (this.isClosed) return
    this.parts.log.warn('voice.noMicrophone', { error })
    const isDenied = isError(error, 'permissionDenied')
    this.parts.diagnostics.media.set(isDenied ? 'microphonePermissionDenied' : 'microphoneNotFunctioning', true)
    void this.set(true)
  }
}
