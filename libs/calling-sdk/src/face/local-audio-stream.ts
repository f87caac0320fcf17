import { silent } from '../log.ts'
import { Capture } from '../media/capture.ts'
import type { AudioDeviceInfo } from './contract/devices.ts'
import type { AudioStreamFeatureFactory, MediaStreamType, Volume } from './contract/streams.ts'
import { deviceIdOf } from './device-infos.ts'
import { Emitter } from './emitter.ts'
import { FeatureShelf } from './features/shelf.ts'
import { captured, Keeper } from './local-capture.ts'
import { ParleyVolume } from './volume.ts'

type LocalAudioStreamEvents = { audioSourceChanged: (args: { source: AudioDeviceInfo }) => void }

/** One's own sound, where it shall not be the selected microphone (ACS: LocalAudioStream). */
export class LocalAudioStream {
  readonly [captured]: Capture
  readonly mediaStreamType: MediaStreamType = 'Audio'
  private readonly events = new Emitter<LocalAudioStreamEvents>()
  private readonly keeper: Keeper
  private readonly features = new FeatureShelf()
  private device: AudioDeviceInfo
  private metered: { context: AudioContext; volume: ParleyVolume } | undefined

  constructor(source: AudioDeviceInfo | MediaStream) {
    const isOwn = source instanceof MediaStream
    this.device = isOwn ? ownSource : source
    this[captured] = new Capture('audio', isOwn ? source : deviceIdOf(source), silent)
    this.keeper = new Keeper(this[captured])
  }

  get source(): AudioDeviceInfo {
    return this.device
  }

  async switchSource(source: AudioDeviceInfo): Promise<void> {
    await this[captured].switchTo(deviceIdOf(source))
    this.change(source)
  }

  async getMediaStream(): Promise<MediaStream> {
    return this.keeper.get()
  }

  async setMediaStream(stream: MediaStream): Promise<void> {
    await this[captured].switchTo(stream)
    this.change(ownSource)
  }

  /** How loud it is, from now until the stream is disposed. The device is open as long. */
  async getVolume(): Promise<Volume> {
    const stream = await this.getMediaStream()
    this.metered ??= meter(stream)
    return this.metered.volume
  }

  feature<T>(factory: AudioStreamFeatureFactory<T>): T {
    return this.features.get(factory, () => factory.audioStreamApi())
  }

  dispose(): void {
    this.metered?.volume.close()
    void this.metered?.context.close()
    this.metered = undefined
    this[captured].close()
  }

  on(event: 'audioSourceChanged', listener: LocalAudioStreamEvents['audioSourceChanged']): void {
    this.events.on(event, listener)
  }

  off(event: 'audioSourceChanged', listener: LocalAudioStreamEvents['audioSourceChanged']): void {
    this.events.off(event, listener)
  }

  private change(source: AudioDeviceInfo): void {
    this.device = source
    this.events.emit('audioSourceChanged', { source })
  }
}

function meter(mediaStream: MediaStream): { context: AudioContext; volume: ParleyVolume } {
  const context = new AudioContext()
  return { context, volume: new ParleyVolume(new MediaStreamAudioSourceNode(context, { mediaStream })) }
}

/** What stands for a stream that is no device. */
const ownSource: AudioDeviceInfo = { name: '', id: '', isSystemDefault: false, deviceType: 'Virtual' }
