/** Cameras, microphones and speakers (ACS: DeviceManager and its infos). */
import type { CollectionUpdatedEvent, PropertyChangedEvent } from './events.ts'

export type VideoDeviceType = 'Unknown' | 'UsbCamera' | 'CaptureAdapter' | 'Virtual' | 'ScreenSharing'
export type AudioDeviceType = 'Microphone' | 'Speaker' | 'CompositeAudioDevice' | 'Virtual'

export interface VideoDeviceInfo {
  readonly name: string
  readonly id: string
  readonly deviceType: VideoDeviceType
}
export interface AudioDeviceInfo {
  readonly name: string
  readonly id: string
  readonly isSystemDefault: boolean
  readonly deviceType: AudioDeviceType
}
export interface PermissionConstraints {
  audio: boolean
  video: boolean
}
export interface DeviceAccess {
  audio: boolean
  video: boolean
}

export interface DeviceManagerEvents {
  videoDevicesUpdated: CollectionUpdatedEvent<VideoDeviceInfo>
  audioDevicesUpdated: CollectionUpdatedEvent<AudioDeviceInfo>
  selectedMicrophoneChanged: PropertyChangedEvent
  selectedSpeakerChanged: PropertyChangedEvent
}

/** The same instance for as long as its client lives. */
export interface DeviceManager {
  /** Whether a page may choose the speaker; not so in Safari and on phones. */
  readonly isSpeakerSelectionAvailable: boolean
  readonly selectedMicrophone?: AudioDeviceInfo
  readonly selectedSpeaker?: AudioDeviceInfo
  /** Names are empty before the permission is granted; so are the lists in most browsers. */
  getCameras(): Promise<VideoDeviceInfo[]>
  getMicrophones(): Promise<AudioDeviceInfo[]>
  /** Rejects with 405/40606 where a page may not choose the speaker. */
  getSpeakers(): Promise<AudioDeviceInfo[]>
  /** Takes another microphone; running calls go over to it. */
  selectMicrophone(microphone: AudioDeviceInfo): Promise<void>
  selectSpeaker(speaker: AudioDeviceInfo): Promise<void>
  /** Asks the person. Resolves with what may be used; devices are closed again at once. */
  askDevicePermission(constraints: PermissionConstraints): Promise<DeviceAccess>
  /** Not supported in this version; devices open quickly enough. */
  startPreheatDevices(): Promise<void>
  stopPreheatDevices(): Promise<void>
  on<E extends keyof DeviceManagerEvents>(event: E, listener: DeviceManagerEvents[E]): void
  off<E extends keyof DeviceManagerEvents>(event: E, listener: DeviceManagerEvents[E]): void
}
