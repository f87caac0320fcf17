import type { AudioDeviceInfo, VideoDeviceInfo } from './contract/devices.ts'

/** The browser gives a microphone and a speaker the same id; an app tells devices apart by theirs. */
const idOf = (kind: 'camera' | 'microphone' | 'speaker', device: MediaDeviceInfo): string =>
  `${kind}:${device.deviceId}`

/** The browser's id of a device that an app was shown. */
export const deviceIdOf = ({ id }: { id: string }): string => id.slice(id.indexOf(':') + 1)

export const cameraOf = (device: MediaDeviceInfo): VideoDeviceInfo => ({
  name: device.label,
  id: idOf('camera', device),
  deviceType: 'UsbCamera',
})

export const microphoneOf = (device: MediaDeviceInfo): AudioDeviceInfo => ({
  name: device.label,
  id: idOf('microphone', device),
  isSystemDefault: device.deviceId === 'default',
  deviceType: 'Microphone',
})

export const speakerOf = (device: MediaDeviceInfo): AudioDeviceInfo => ({
  name: device.label,
  id: idOf('speaker', device),
  isSystemDefault: device.deviceId === 'default',
  deviceType: 'Speaker',
})
