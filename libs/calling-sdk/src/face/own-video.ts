import { failed, isError } from '../calling-error.ts'
import type { Log } from '../log.ts'
import type { CaptureUser } from '../media/capture.ts'
import type { Outgoing } from '../media/outgoing.ts'
import type { Diagnostics } from './features/diagnostics.ts'
import { captured, isCaptured } from './local-capture.ts'
import type { LocalVideoStream } from './local-video-stream.ts'

type OwnVideoParts = {
  log: Log
  diagnostics: Diagnostics
  updated(update: { added: LocalVideoStream[]; removed: LocalVideoStream[] }): void
  /** Another track, or none, is captured now. */
  captured(): void
}
type Sent = { stream: LocalVideoStream; user: CaptureUser }

/** One's own picture in one call: at most one stream. */
export class OwnVideo {
  private readonly parts: OwnVideoParts
  private sent: Sent | undefined
  private outgoing: Outgoing | undefined
  private track: MediaStreamTrack | undefined
  /** A start that waits for its camera. */
  private isStarting = false
  private isPermitted = true
  private isClosed = false

  constructor(parts: OwnVideoParts) {
    this.parts = parts
  }

  get streams(): LocalVideoStream[] {
    return this.sent === undefined ? [] : [this.sent.stream]
  }

  /** What the camera captures. */
  get current(): MediaStreamTrack | undefined {
    return this.track
  }

  /** Whether one may send a picture. Who may no more has his camera switched off. */
  permit(isPermitted: boolean): void {
    this.isPermitted = isPermitted
    if (!isPermitted) void this.drop()
  }

  sendOver(outgoing: Outgoing): void {
    this.outgoing = outgoing
    if (this.track !== undefined) this.send(this.track).catch((error: unknown) => this.lose(error))
  }

  /** Starts with the call, which goes on without a picture when that fails. */
  begin(stream: LocalVideoStream | undefined): void {
    if (stream === undefined) return
    this.start(stream).catch((error: unknown) => this.parts.log.warn('video.notStarted', { error }))
  }

  async start(stream: LocalVideoStream): Promise<void> {
    if (this.isClosed) throw failed('callOver')
    if (!isCaptured(stream)) throw failed('badStream')
    if (!this.isPermitted) throw failed('roleForbids')
    if (this.sent !== undefined || this.isStarting) throw failed('videoStarted')
    const user = { track: (track: MediaStreamTrack | undefined) => this.follow(user, track) }
    const track = await this.open(stream, user)
    this.sent = { stream, user }
    this.parts.updated({ added: [stream], removed: [] })
    try {
      await this.send(track)
    } catch (error) {
      await this.drop()
      throw error
    }
  }

  async stop(stream: LocalVideoStream): Promise<void> {
    if (this.sent === undefined) throw failed('videoStopped')
    if (!isCaptured(stream) || stream[captured] !== this.sent.stream[captured]) throw failed('streamNotSent')
    await this.drop()
  }

  close(): void {
    this.isClosed = true
    const stream = this.sent?.stream
    void this.drop()
    if (stream?.autoDisposeOnCallEnd === true) stream.dispose()
  }

  private async open(stream: LocalVideoStream, user: CaptureUser): Promise<MediaStreamTrack> {
    this.isStarting = true
    try {
      const track = await stream[captured].use(user)
      if (this.isClosed || !this.isPermitted) {
        stream[captured].release(user)
        throw failed(this.isClosed ? 'callOver' : 'roleForbids')
      }
      return track
    } catch (error) {
      this.warn(error)
      throw error
    } finally {
      this.isStarting = false
    }
  }

  private async send(track: MediaStreamTrack): Promise<void> {
    this.track = track
    this.parts.captured()
    const { media } = this.parts.diagnostics
    media.set('cameraStartFailed', false)
    media.set('cameraPermissionDenied', false)
    await this.outgoing?.set('camera', track)
  }

  /** The camera was switched, or went away. */
  private follow(user: CaptureUser, track: MediaStreamTrack | undefined): void {
    if (this.sent?.user !== user) return
    if (track !== undefined) this.send(track).catch((error: unknown) => this.lose(error))
    else {
      this.parts.diagnostics.media.set('cameraStoppedUnexpectedly', true)
      this.lose(failed('cameraNotFound'))
    }
  }

  private lose(error: unknown): void {
    this.parts.log.warn('video.lost', { error })
    void this.drop()
  }

  private async drop(): Promise<void> {
    const { sent } = this
    if (sent === undefined) return
    this.sent = this.track = undefined
    this.parts.captured()
    this.parts.updated({ added: [], removed: [sent.stream] })
    sent.stream[captured].release(sent.user)
    try {
      await this.outgoing?.set('camera', undefined)
    } catch (error) {
      // The picture is off here; what the server did not hear it learns from silence.
      this.parts.log.warn('video.notStopped', { error })
    }
  }

  private warn(error: unknown): void {
    const { media } = this.parts.diagnostics
    if (isError(error, 'cameraDenied')) media.set('cameraPermissionDenied', true)
    else if (!isError(error, 'callOver', 'roleForbids')) media.set('cameraStartFailed', true)
  }
}
