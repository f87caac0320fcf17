import type { CallView } from '@parley/protocol'
import { failed } from '../calling-error.ts'
import type { Log } from '../log.ts'
import type { CaptureUser } from '../media/capture.ts'
import type { Outgoing } from '../media/outgoing.ts'
import type { CallState } from './contract/call.ts'
import type { Diagnostics } from './features/diagnostics.ts'
import { captured, isCaptured } from './local-capture.ts'
import { LocalVideoStream, sendsScreen } from './local-video-stream.ts'

type OwnScreenParts = {
  log: Log
  diagnostics: Diagnostics
  /** Throws when there can be no sharing now. */
  check(): void
  /** Takes the screen of the call, or gives it back. */
  tell(isOn: boolean): Promise<unknown>
  updated(update: { added: LocalVideoStream[]; removed: LocalVideoStream[] }): void
  /** Another track, or none, is captured now. */
  captured(): void
}
/** Throws when one may not share now. */
export function checkSharing(state: CallState, view: CallView | undefined): void {
  if (state !== 'Connected' || view === undefined) throw failed('notConnected')
  if (!view.may.includes('shareScreen')) throw failed('roleForbids')
}

/** What is shared. What was `picked` here is closed with it; what the app brought is the app's to close. */
type Shared = {
  stream: LocalVideoStream
  picked: MediaStream | undefined
  user: CaptureUser
  /** Whether the server has shown that one shares, and then that one shares no more. */
  isKnown: boolean
  isTaken: boolean
}

/**
 * One's own screen in one call. A call has one screen: who begins takes it from who has it, so the server is asked
 * before anything is sent, and may take it away.
 */
export class OwnScreen {
  private readonly parts: OwnScreenParts
  private shared: Shared | undefined
  /** What the server is asked for just now. Its word about it may come before its answer. */
  private asked: Shared | undefined
  private outgoing: Outgoing | undefined
  private track: MediaStreamTrack | undefined
  private isStarting = false
  private isClosed = false

  constructor(parts: OwnScreenParts) {
    this.parts = parts
  }

  get streams(): LocalVideoStream[] {
    return this.shared === undefined ? [] : [this.shared.stream]
  }

  /** What is captured of the screen. */
  get current(): MediaStreamTrack | undefined {
    return this.track
  }

  sendOver(outgoing: Outgoing): void {
    this.outgoing = outgoing
    if (this.track !== undefined) this.send(this.track).catch((error: unknown) => this.lose(error))
  }

  /** Shares what the app brought, or what the person picks. */
  async start(brought: LocalVideoStream | undefined): Promise<void> {
    this.check()
    if (this.shared !== undefined || this.isStarting) throw failed('sharingStarted')
    if (brought !== undefined && !isCaptured(brought)) throw failed('badStream')
    this.isStarting = true
    try {
      if (brought !== undefined) return await this.share(brought)
      const picked = await this.pick()
      await this.share(new LocalVideoStream(picked), picked)
    } finally {
      this.isStarting = false
    }
  }

  async stop(): Promise<void> {
    if (this.shared === undefined) throw failed('sharingStopped')
    await this.end()
  }

  /** What the server says: somebody else may have taken the screen, or a role the right to it. */
  see(isSharing: boolean): void {
    const shared = this.shared ?? this.asked
    if (shared === undefined) return
    if (isSharing) shared.isKnown = true
    else if (shared.isKnown) shared.isTaken = true
    if (this.shared?.isTaken === true) void this.drop()
  }

  close(): void {
    this.isClosed = true
    const stream = this.shared?.stream
    void this.drop()
    if (stream?.autoDisposeOnCallEnd === true) stream.dispose()
  }

  private check(): void {
    if (this.isClosed) throw failed('callOver')
    this.parts.check()
  }

  private async pick(): Promise<MediaStream> {
    const { media } = this.parts.diagnostics
    try {
      const picked = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15 } }, audio: false })
      // Letters shall be sharp, even where the picture then moves less smoothly.
      for (const track of picked.getVideoTracks()) track.contentHint = 'detail'
      media.set('capturerStartFailed', false)
      media.set('screenshareRecordingDisabled', false)
      return picked
    } catch (cause) {
      const isDenied = cause instanceof DOMException && cause.name === 'NotAllowedError'
      if (!isDenied) media.set('capturerStartFailed', true)
      // Chromium's way to say that it was not the person, but the system's settings.
      else if (cause.message.includes('system')) media.set('screenshareRecordingDisabled', true)
      throw failed(isDenied ? 'screenDenied' : 'screenFailed', { cause })
    }
  }

  private async share(stream: LocalVideoStream, picked?: MediaStream): Promise<void> {
    const user: CaptureUser = { track: (track) => this.follow(user, track) }
    const shared: Shared = { stream, picked, user, isKnown: false, isTaken: false }
    try {
      // A person may think for a while about what to pick.
      this.check()
      const track = await stream[captured].use(user)
      this.asked = shared
      await this.parts.tell(true)
      this.check()
      this.begin(shared)
      if (shared.isTaken) await this.drop()
      else await this.send(track)
    } catch (error) {
      if (this.shared === shared) await this.end()
      else letGo(shared)
      throw error
    } finally {
      this.asked = undefined
    }
  }

  private begin(shared: Shared): void {
    this.shared = shared
    shared.stream[sendsScreen](true)
    this.parts.updated({ added: [shared.stream], removed: [] })
  }

  private async send(track: MediaStreamTrack): Promise<void> {
    this.track = track
    this.parts.captured()
    await this.outgoing?.set('screen', track)
  }

  /** Another source, or none: the person pressed the browser's own button to stop. */
  private follow(user: CaptureUser, track: MediaStreamTrack | undefined): void {
    if (this.shared?.user !== user) return
    if (track === undefined) this.lose('the source ended')
    else this.send(track).catch((error: unknown) => this.lose(error))
  }

  private lose(error: unknown): void {
    this.parts.log.info('screen.lost', { error })
    void this.end()
  }

  /** Stops, and gives the screen back. */
  private async end(): Promise<void> {
    await this.drop()
    try {
      await this.parts.tell(false)
    } catch (error) {
      // The screen is off here, and whoever shares next takes it all the same.
      this.parts.log.warn('screen.notGivenBack', { error })
    }
  }

  private async drop(): Promise<void> {
    const { shared } = this
    if (shared === undefined) return
    this.shared = this.track = undefined
    this.parts.captured()
    letGo(shared)
    this.parts.updated({ added: [], removed: [shared.stream] })
    try {
      await this.outgoing?.set('screen', undefined)
    } catch (error) {
      // Nothing is captured any more; what the server did not hear it learns from silence.
      this.parts.log.warn('screen.notStopped', { error })
    }
  }
}

function letGo({ stream, user, picked }: Shared): void {
  stream[captured].release(user)
  if (picked === undefined) stream[sendsScreen](false)
  else for (const track of picked.getTracks()) track.stop()
}
