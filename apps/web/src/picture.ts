/** One place on the page where a video is drawn: at most one stream at a time, and its renderer is disposed with it. */
import { VideoStreamRenderer, type LocalVideoStream, type RemoteVideoStream } from '@parley/calling-sdk'

type Stream = LocalVideoStream | RemoteVideoStream

export type PictureParts = {
  options: { isMirrored: boolean; scalingMode: 'Crop' | 'Fit' }
  /** The element to put on the page, or nothing. */
  onTarget(target: HTMLElement | undefined): void
  onTrouble(error: unknown): void
}

export class Picture {
  readonly #parts: PictureParts
  #shown: { stream: Stream; renderer: VideoStreamRenderer } | undefined

  constructor(parts: PictureParts) {
    this.#parts = parts
  }

  /** Shows this stream from now on, or nothing. The same stream again goes on undisturbed. */
  show(stream: Stream | undefined): void {
    if (this.#shown?.stream === stream) return
    this.#clear()
    if (stream !== undefined) void this.#draw(stream)
  }

  async #draw(stream: Stream): Promise<void> {
    const renderer = new VideoStreamRenderer(stream)
    this.#shown = { stream, renderer }
    try {
      const view = await renderer.createView(this.#parts.options)
      if (this.#shown?.renderer === renderer) this.#parts.onTarget(view.target)
    } catch (error) {
      // A renderer that was disposed while it waited is no trouble: something else is shown by now.
      if (this.#shown?.renderer !== renderer) return
      this.#clear()
      this.#parts.onTrouble(error)
    }
  }

  #clear(): void {
    if (this.#shown === undefined) return
    this.#shown.renderer.dispose()
    this.#shown = undefined
    this.#parts.onTarget(undefined)
  }
}
