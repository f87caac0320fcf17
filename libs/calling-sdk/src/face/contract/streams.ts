/** Pictures of others, and their rendering (ACS: RemoteVideoStream, VideoStreamRenderer). */
import type { PropertyChangedEvent } from './events.ts'

export type MediaStreamType = 'Video' | 'ScreenSharing' | 'RawMedia' | 'LiveStream' | 'Audio'

/** In pixels. */
export interface StreamSize {
  width: number
  height: number
}

export interface RemoteVideoStreamEvents {
  isAvailableChanged: PropertyChangedEvent
  isReceivingChanged: PropertyChangedEvent
  sizeChanged: PropertyChangedEvent
}

/** A picture that somebody else sends. When he stops, it is no longer available; when he starts again, it is another one. */
export interface RemoteVideoStream {
  /** Grows: of two, the one with the higher id is newer. */
  readonly id: number
  readonly mediaStreamType: MediaStreamType
  readonly isAvailable: boolean
  /** Whether frames come in; only while somebody renders it. */
  readonly isReceiving: boolean
  readonly size: StreamSize
  getMediaStream(): Promise<MediaStream>
  on<E extends keyof RemoteVideoStreamEvents>(event: E, listener: RemoteVideoStreamEvents[E]): void
  off<E extends keyof RemoteVideoStreamEvents>(event: E, listener: RemoteVideoStreamEvents[E]): void
}

/** How a picture fills its place: distorted, cut off, or with bars. */
export type ScalingMode = 'Stretch' | 'Crop' | 'Fit'
export interface CreateViewOptions {
  isMirrored?: boolean
  scalingMode?: ScalingMode
}
export interface VideoStreamRendererView {
  readonly scalingMode: ScalingMode
  readonly isMirrored: boolean
  /** Goes into the page; the picture fills it. */
  readonly target: HTMLElement
  updateScalingMode(scalingMode: ScalingMode): Promise<void>
  dispose(): void
}

/** What is heard of the others, as one stream. */
export interface RemoteAudioStream {
  getMediaStream(): Promise<MediaStream>
  getVolume(): Promise<Volume>
}
export interface Volume {
  /** From 0 to 100. */
  readonly level: number
  on(event: 'levelChanged', listener: PropertyChangedEvent): void
  off(event: 'levelChanged', listener: PropertyChangedEvent): void
}

/** How a feature of a stream is asked for: `stream.feature(Features.VideoEffects)`. */
export interface VideoStreamFeatureFactory<T> {
  readonly name: string
  readonly videoStreamApi: () => T
}
export interface AudioStreamFeatureFactory<T> {
  readonly name: string
  readonly audioStreamApi: () => T
}
