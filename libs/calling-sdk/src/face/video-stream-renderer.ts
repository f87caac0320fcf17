import { failed } from '../calling-error.ts'
import { systemClock, within } from '../link/clock.ts'
import type { CreateViewOptions, RemoteVideoStream, StreamSize, VideoStreamRendererView } from './contract/streams.ts'
import { drawn, isDrawable } from './drawable.ts'
import type { LocalVideoStream } from './local-video-stream.ts'
import { View } from './view.ts'

const viewLimitMs = 10_000

/** Shows a stream, one's own or somebody else's, in views on a page (ACS: VideoStreamRenderer). */
export class VideoStreamRenderer {
  private readonly stream: LocalVideoStream | RemoteVideoStream
  private readonly views = new Map<View, () => void>()
  private isDisposed = false
  private latestSize: StreamSize = { width: 0, height: 0 }

  constructor(stream: LocalVideoStream | RemoteVideoStream) {
    if (!isDrawable(stream)) throw failed('streamUnavailable')
    this.stream = stream
  }

  get size(): StreamSize {
    return this.latestSize
  }

  /**
   * Resolves once there is a picture, within 10 s; its `target` goes into the page then. Rejects with 412/43200 when the
   * stream is not available, 404/43202 when it is turned off meanwhile, 408/43203 when no picture comes, 405/43209 when
   * the renderer is disposed meanwhile, and for one's own stream with the camera's error.
   */
  async createView(options: CreateViewOptions = {}): Promise<VideoStreamRendererView> {
    if (this.isDisposed) throw failed('rendererDisposed')
    const { stream } = this
    if (!isDrawable(stream) || !stream.isAvailable) throw failed('streamUnavailable')
    const view = new View(options, {
      framed: (size) => {
        this.latestSize = size
        stream.framed(size)
      },
      resized: () => stream.resized(),
      disposed: (gone) => {
        this.views.get(gone)?.()
        this.views.delete(gone)
      },
    })
    this.views.set(view, stream[drawn](view.screen))
    try {
      await within(systemClock, viewLimitMs, view.shown, () => failed('noFrames'))
      return view
    } catch (error) {
      view.dispose()
      throw error
    }
  }

  dispose(): void {
    this.isDisposed = true
    for (const view of this.views.keys()) view.dispose()
  }
}
