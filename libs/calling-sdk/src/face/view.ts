/** One picture on a page: an element that holds a video, and tells how large it is. */
import { type CallingError, failed } from '../calling-error.ts'
import type { CreateViewOptions, ScalingMode, StreamSize, VideoStreamRendererView } from './contract/streams.ts'
import type { Screen } from './drawable.ts'

const fits: Record<ScalingMode, string> = { Stretch: 'fill', Crop: 'cover', Fit: 'contain' }
/** While somebody drags a window its size changes with every frame. */
const settleMs = 250

type ViewListener = {
  framed(size: StreamSize): void
  resized(): void
  disposed(view: View): void
}

export class View implements VideoStreamRendererView {
  readonly target = document.createElement('div')
  readonly screen: Screen = { track: (track) => this.show(track), over: (error) => this.fail(error) }
  /** Resolves with the first frame. */
  readonly shown: Promise<void>
  isMirrored: boolean
  scalingMode: ScalingMode
  private readonly video = document.createElement('video')
  private readonly listener: ViewListener
  private readonly sizes: ResizeObserver
  private settling: ReturnType<typeof setTimeout> | undefined
  private isDisposed = false
  private succeed: () => void = () => {}
  private fail: (error: CallingError) => void = () => {}

  constructor({ isMirrored = false, scalingMode = 'Crop' }: CreateViewOptions, listener: ViewListener) {
    this.isMirrored = isMirrored
    this.scalingMode = scalingMode
    this.listener = listener
    this.shown = new Promise((resolve, reject) => {
      this.succeed = resolve
      this.fail = reject
    })
    this.build()
    this.sizes = new ResizeObserver(([entry]) => entry && this.measure(entry.contentRect))
    // Not before the first frame: until then the app has nothing to put on its page, and nothing is sent for a picture
    // that has no size.
    void this.shown.then(
      () => !this.isDisposed && this.sizes.observe(this.target),
      () => {}, // there will be no frame
    )
  }

  async updateScalingMode(scalingMode: ScalingMode): Promise<void> {
    if (this.isDisposed) throw failed('rendererDisposed')
    this.scalingMode = scalingMode
    this.video.style.objectFit = fits[scalingMode]
  }

  dispose(): void {
    if (this.isDisposed) return
    this.isDisposed = true
    this.sizes.disconnect()
    clearTimeout(this.settling)
    this.video.srcObject = null
    this.target.remove()
    this.fail(failed('disposedMeanwhile'))
    this.listener.disposed(this)
  }

  private build(): void {
    const { video, target } = this
    target.style.cssText = 'width:100%;height:100%;overflow:hidden'
    video.style.cssText = 'display:block;width:100%;height:100%'
    video.style.objectFit = fits[this.scalingMode]
    if (this.isMirrored) video.style.transform = 'scaleX(-1)'
    // Sound has elements of its own. Muted and inline, a picture may start without anybody's touch, on a phone too.
    video.muted = video.autoplay = video.playsInline = true
    video.onloadeddata = () => {
      this.succeed()
      this.frame()
    }
    video.onresize = () => this.frame()
    target.append(video)
  }

  /** Without a track the last picture stays until the next one comes: a rebuild shows as a moment of stillness. */
  private show(track: MediaStreamTrack | undefined): void {
    if (track === undefined || this.isDisposed) return
    this.video.srcObject = new MediaStream([track])
    // Replaced or disposed before it began; the next track brings the next try.
    this.video.play().catch(() => {})
  }

  private frame(): void {
    const { videoWidth: width, videoHeight: height } = this.video
    if (width > 0 && height > 0) this.listener.framed({ width, height })
  }

  private measure({ width, height }: { width: number; height: number }): void {
    const inDevicePixels = (length: number): number => Math.round(length * devicePixelRatio)
    clearTimeout(this.settling)
    this.settling = setTimeout(() => {
      this.screen.size = { width: inDevicePixels(width), height: inDevicePixels(height) }
      this.listener.resized()
    }, settleMs)
  }
}
