import { CallingError, failed } from '../calling-error.ts'
import { silent } from '../log.ts'
import { Capture } from '../media/capture.ts'
import type { VideoDeviceInfo } from './contract/devices.ts'
import type { MediaStreamType, StreamSize, VideoStreamFeatureFactory } from './contract/streams.ts'
import { deviceIdOf } from './device-infos.ts'
import { type Drawable, drawn, type Screen } from './drawable.ts'
import { Emitter } from './emitter.ts'
import { FeatureShelf } from './features/shelf.ts'
import { captured, Keeper } from './local-capture.ts'

/** Says whether a stream is sent as the screen. A symbol, because apps and their libraries look into these objects. */
export const sendsScreen = Symbol('sendsScreen')

type LocalVideoStreamEvents = { videoSourceChanged: (args: { source: VideoDeviceInfo }) => void }

/**
 * One's own picture: a camera, or a stream that the app brings (ACS: LocalVideoStream). The camera is open exactly while
 * a call sends it or a view shows it.
 */
export class LocalVideoStream implements Drawable {
  /** A camera can be asked for at any time; whether it is to be had shows then. */
  readonly isAvailable = true
  readonly [captured]: Capture
  private readonly events = new Emitter<LocalVideoStreamEvents>()
  private readonly keeper: Keeper
  private readonly features = new FeatureShelf()
  private readonly options: { autoDisposeOnCallEnd?: boolean }
  private device: VideoDeviceInfo
  private type: MediaStreamType
  private isScreen = false

  constructor(source: VideoDeviceInfo | MediaStream, options: { autoDisposeOnCallEnd?: boolean } = {}) {
    const isOwn = source instanceof MediaStream
    this.options = options
    this.device = isOwn ? ownSource : source
    this.type = isOwn ? 'RawMedia' : 'Video'
    this[captured] = new Capture('video', isOwn ? source : deviceIdOf(source), silent)
    this.keeper = new Keeper(this[captured])
  }

  get source(): VideoDeviceInfo {
    return this.device
  }

  get mediaStreamType(): MediaStreamType {
    return this.isScreen ? 'ScreenSharing' : this.type
  }

  /** Whether the end of a call that sends it disposes it. Default: no. */
  get autoDisposeOnCallEnd(): boolean {
    return this.options.autoDisposeOnCallEnd ?? false
  }

  /** Goes over to another camera; calls and views follow. Rejects, and stays with the old one, when that fails. */
  async switchSource(source: VideoDeviceInfo): Promise<void> {
    if (source?.id === undefined) throw failed('badStream')
    await this[captured].switchTo(deviceIdOf(source))
    this.device = source
    this.type = 'Video'
    this.events.emit('videoSourceChanged', { source })
  }

  async getMediaStream(): Promise<MediaStream> {
    return this.keeper.get()
  }

  async setMediaStream(stream: MediaStream): Promise<void> {
    await this[captured].switchTo(stream)
    this.device = ownSource
    this.type = 'RawMedia'
    this.events.emit('videoSourceChanged', { source: ownSource })
  }

  feature<T>(factory: VideoStreamFeatureFactory<T>): T {
    return this.features.get(factory, () => factory.videoStreamApi())
  }

  [sendsScreen](isScreen: boolean): void {
    this.isScreen = isScreen
  }

  [drawn](screen: Screen): () => void {
    const capture = this[captured]
    capture.use(screen).catch((error: unknown) => {
      screen.over(error instanceof CallingError ? error : failed('cameraFailed', { cause: error }))
    })
    return () => capture.release(screen)
  }

  /** One's own picture needs no telling how large it is shown. */
  framed(_size: StreamSize): void {}
  resized(): void {}

  /** Closes the camera for good. */
  dispose(): void {
    this[captured].close()
  }

  on(event: 'videoSourceChanged', listener: LocalVideoStreamEvents['videoSourceChanged']): void {
    this.events.on(event, listener)
  }

  off(event: 'videoSourceChanged', listener: LocalVideoStreamEvents['videoSourceChanged']): void {
    this.events.off(event, listener)
  }
}

/** What stands for a stream that is no device. */
const ownSource: VideoDeviceInfo = { name: '', id: '', deviceType: 'Unknown' }
