import type { Capture, CaptureUser } from '../media/capture.ts'

/** Where a local stream keeps its device. A symbol, because apps and their libraries wrap and look into these objects. */
export const captured = Symbol('captured')

/** A stream whose device the SDK can open. */
export type Captured = { readonly [captured]: Capture }

export const isCaptured = (stream: unknown): stream is Captured =>
  typeof stream === 'object' && stream !== null && captured in stream

/** Keeps a device open for an app that asked for its stream, until the stream is disposed. */
export class Keeper {
  private readonly capture: Capture
  private stream: MediaStream | undefined
  private readonly user: CaptureUser

  constructor(capture: Capture) {
    this.capture = capture
    this.user = { track: (track) => this.follow(track) }
  }

  async get(): Promise<MediaStream> {
    const track = await this.capture.use(this.user)
    this.stream ??= new MediaStream([track])
    return this.stream
  }

  private follow(track: MediaStreamTrack | undefined): void {
    if (this.stream === undefined) return
    for (const old of this.stream.getTracks()) this.stream.removeTrack(old)
    if (track !== undefined) this.stream.addTrack(track)
  }
}
