import { systemClock, within } from '../link/clock.ts'
import { failed } from '../calling-error.ts'
import type { Picture } from '../media/picture.ts'
import type { MediaStreamType, RemoteVideoStream, RemoteVideoStreamEvents, StreamSize } from './contract/streams.ts'
import { Emitter } from './emitter.ts'
import { type Drawable, drawn, type Screen } from './drawable.ts'

let count = 0
const streamLimitMs = 10_000

/** A picture that somebody else sends, from the moment he starts it until he stops. */
export class ParleyRemoteVideoStream extends Emitter<RemoteVideoStreamEvents> implements RemoteVideoStream, Drawable {
  readonly id = ++count
  readonly mediaStreamType: MediaStreamType
  readonly picture: Picture
  isAvailable = true
  isReceiving = false
  size: StreamSize = { width: 0, height: 0 }
  private readonly screens = new Set<Screen>()
  private stream: Promise<MediaStream> | undefined

  constructor(picture: Picture) {
    super()
    this.picture = picture
    this.mediaStreamType = picture.source === 'screen' ? 'ScreenSharing' : 'Video'
  }

  getMediaStream(): Promise<MediaStream> {
    this.stream ??= this.open()
    return this.stream
  }

  [drawn](screen: Screen): () => void {
    this.screens.add(screen)
    const stop = this.picture.watch(screen)
    return () => {
      this.screens.delete(screen)
      stop()
      if (this.screens.size === 0) this.receive(false)
    }
  }

  /** A view has got a frame of this size. */
  framed(size: StreamSize): void {
    this.receive(true)
    if (size.width === this.size.width && size.height === this.size.height) return
    this.size = size
    this.emit('sizeChanged')
  }

  resized(): void {
    this.picture.resized()
  }

  /** He has stopped it. */
  withdraw(): void {
    if (!this.isAvailable) return
    this.isAvailable = false
    this.receive(false)
    this.emit('isAvailableChanged')
    for (const screen of this.screens) screen.over(failed('streamTurnedOff'))
  }

  private receive(isReceiving: boolean): void {
    if (this.isReceiving === isReceiving) return
    this.isReceiving = isReceiving
    this.emit('isReceivingChanged')
  }

  /** A stream for an app that draws by itself. It lives as long as the picture, through every rebuild. */
  private async open(): Promise<MediaStream> {
    if (!this.isAvailable) throw failed('streamUnavailable')
    const stream = new MediaStream()
    const first = new Promise<void>((resolve, reject) => {
      this[drawn]({
        track: (track) => {
          for (const old of stream.getTracks()) stream.removeTrack(old)
          if (track === undefined) return
          stream.addTrack(track)
          resolve()
        },
        over: reject,
      })
    })
    try {
      await within(systemClock, streamLimitMs, first, () => failed('noFrames'))
      return stream
    } catch (error) {
      this.stream = undefined
      throw error
    }
  }
}
