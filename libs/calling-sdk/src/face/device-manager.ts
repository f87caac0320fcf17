/** Cameras, microphones and speakers as the browser lists them, and which of them are used (ACS: DeviceManager). */
import { failed, isError } from '../calling-error.ts'
import type { Log } from '../log.ts'
import { Capture, type CaptureKind } from '../media/capture.ts'
import type {
  AudioDeviceInfo,
  DeviceAccess,
  DeviceManager,
  DeviceManagerEvents,
  PermissionConstraints,
  VideoDeviceInfo,
} from './contract/devices.ts'
import { cameraOf, deviceIdOf, microphoneOf, speakerOf } from './device-infos.ts'
import { Emitter } from './emitter.ts'

type Lists = { cameras: VideoDeviceInfo[]; microphones: AudioDeviceInfo[]; speakers: AudioDeviceInfo[] }

export class Devices extends Emitter<DeviceManagerEvents> {
  readonly face = new DeviceManagerFace(this)
  /** The browser's ids of what an app has chosen; empty for the system's choice. */
  microphoneId = ''
  speakerId = ''
  private readonly log: Log
  private readonly onChange = () => void this.refresh()
  private lists: Lists = { cameras: [], microphones: [], speakers: [] }

  constructor(log: Log) {
    super()
    this.log = log
    // Absent on a page that is not secure.
    navigator.mediaDevices?.addEventListener('devicechange', this.onChange)
  }

  get canChooseSpeaker(): boolean {
    return 'setSinkId' in HTMLMediaElement.prototype
  }

  /** Reads the lists anew and tells what came and went. A device that was chosen and is gone gives way to the default. */
  async refresh(): Promise<Lists> {
    const before = this.lists
    try {
      const all = (await navigator.mediaDevices?.enumerateDevices()) ?? []
      const of = (kind: MediaDeviceKind): MediaDeviceInfo[] => all.filter((device) => device.kind === kind)
      this.lists = {
        cameras: of('videoinput').map(cameraOf),
        microphones: of('audioinput').map(microphoneOf),
        speakers: of('audiooutput').map(speakerOf),
      }
    } catch (error) {
      this.log.warn('devices.notListed', { error })
    }
    const { cameras, microphones, speakers } = this.lists
    this.tell('videoDevicesUpdated', before.cameras, cameras)
    this.tell('audioDevicesUpdated', [...before.microphones, ...before.speakers], [...microphones, ...speakers])
    this.keep(microphones, speakers)
    return this.lists
  }

  /** Takes what an app has chosen, or what there is: the system's choice needs no id. */
  chooseMicrophone(microphone: AudioDeviceInfo | undefined, deviceId: string): void {
    this.microphoneId = deviceId
    if (this.face.selectedMicrophone?.id === microphone?.id) return
    if (microphone === undefined) delete this.face.selectedMicrophone
    else this.face.selectedMicrophone = microphone
    this.emit('selectedMicrophoneChanged')
  }

  chooseSpeaker(speaker: AudioDeviceInfo | undefined, deviceId: string): void {
    this.speakerId = deviceId
    if (this.face.selectedSpeaker?.id === speaker?.id) return
    if (speaker === undefined) delete this.face.selectedSpeaker
    else this.face.selectedSpeaker = speaker
    this.emit('selectedSpeakerChanged')
  }

  async ask({ audio, video }: PermissionConstraints): Promise<DeviceAccess> {
    // One question for each: a machine without a camera may still have a microphone.
    const access = { audio: audio && (await this.mayUse('audio')), video: video && (await this.mayUse('video')) }
    await this.refresh()
    return access
  }

  close(): void {
    navigator.mediaDevices?.removeEventListener('devicechange', this.onChange)
  }

  private keep(microphones: AudioDeviceInfo[], speakers: AudioDeviceInfo[]): void {
    const { selectedMicrophone, selectedSpeaker } = this.face
    const microphone = kept(selectedMicrophone, microphones)
    const speaker = kept(selectedSpeaker, speakers)
    this.chooseMicrophone(microphone, microphone?.id === selectedMicrophone?.id ? this.microphoneId : '')
    this.chooseSpeaker(speaker, speaker?.id === selectedSpeaker?.id ? this.speakerId : '')
  }

  private async mayUse(kind: CaptureKind): Promise<boolean> {
    const capture = new Capture(kind, '', this.log)
    try {
      await capture.use({ track: () => {} })
      return true
    } catch (error) {
      this.log.info('devices.notAllowed', { kind, error })
      // Allowed, but nothing there or in use just now.
      return !isError(error, 'permissionDenied', 'cameraDenied') && (await isGranted(kind))
    } finally {
      capture.close()
    }
  }

  private tell<T extends { id: string; name: string }>(
    event: 'videoDevicesUpdated' | 'audioDevicesUpdated',
    before: T[],
    now: T[],
  ): void {
    const missingIn = (list: T[]) => (one: T) => !list.some(({ id, name }) => id === one.id && name === one.name)
    const added = now.filter(missingIn(before))
    const removed = before.filter(missingIn(now))
    // The two events differ in T alone, which came from the lists.
    const changes = { added, removed } as unknown as { added: never[]; removed: never[] }
    if (added.length > 0 || removed.length > 0) this.emit(event, changes)
  }
}

/** The chosen device where it is still there, else the system's default, else the first. */
function kept(chosen: AudioDeviceInfo | undefined, list: AudioDeviceInfo[]): AudioDeviceInfo | undefined {
  return list.find(({ id }) => id === chosen?.id) ?? list.find((device) => device.isSystemDefault) ?? list[0]
}

async function isGranted(kind: CaptureKind): Promise<boolean> {
  try {
    const name = kind === 'audio' ? 'microphone' : 'camera'
    return (await navigator.permissions.query({ name })).state === 'granted'
  } catch {
    // Firefox does not tell; then it was no.
    return false
  }
}

class DeviceManagerFace implements DeviceManager {
  selectedMicrophone?: AudioDeviceInfo
  selectedSpeaker?: AudioDeviceInfo
  private readonly devices: Devices

  constructor(devices: Devices) {
    this.devices = devices
  }

  get isSpeakerSelectionAvailable(): boolean {
    return this.devices.canChooseSpeaker
  }

  async getCameras(): Promise<VideoDeviceInfo[]> {
    return (await this.devices.refresh()).cameras
  }

  async getMicrophones(): Promise<AudioDeviceInfo[]> {
    return (await this.devices.refresh()).microphones
  }

  async getSpeakers(): Promise<AudioDeviceInfo[]> {
    if (!this.devices.canChooseSpeaker) throw failed('noSpeakers')
    return (await this.devices.refresh()).speakers
  }

  async selectMicrophone(microphone: AudioDeviceInfo): Promise<void> {
    this.devices.chooseMicrophone(microphone, deviceIdOf(microphone))
  }

  async selectSpeaker(speaker: AudioDeviceInfo): Promise<void> {
    if (!this.devices.canChooseSpeaker) throw failed('noSpeakers')
    this.devices.chooseSpeaker(speaker, deviceIdOf(speaker))
  }

  async askDevicePermission(constraints: PermissionConstraints): Promise<DeviceAccess> {
    return this.devices.ask(constraints)
  }

  async startPreheatDevices(): Promise<void> {
    throw failed('notSupported')
  }

  async stopPreheatDevices(): Promise<void> {
    throw failed('notSupported')
  }

  on<E extends keyof DeviceManagerEvents>(event: E, listener: DeviceManagerEvents[E]): void {
    this.devices.on(event, listener)
  }

  off<E extends keyof DeviceManagerEvents>(event: E, listener: DeviceManagerEvents[E]): void {
    this.devices.off(event, listener)
  }
}
