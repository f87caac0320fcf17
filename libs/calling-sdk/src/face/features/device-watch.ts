/** What the person should know of his devices: that there is none, or that they may not be used. */
import type { FeatureContext, Stop } from '../contract/features.ts'
import { listenTo } from './listen-to.ts'

export function watchDevices({ diagnostics, log }: FeatureContext): Stop {
  const { media } = diagnostics
  const devices = navigator.mediaDevices as MediaDevices | undefined
  const stops: Stop[] = []
  let isStopped = false
  const count = async (): Promise<void> => {
    try {
      const all = await devices?.enumerateDevices()
      if (isStopped || all === undefined) return
      const has = (kind: MediaDeviceKind): boolean => all.some((device) => device.kind === kind)
      media.set('noMicrophoneDevicesEnumerated', !has('audioinput'))
      // Where a page may not choose the speaker, none is listed.
      media.set('noSpeakerDevicesEnumerated', 'setSinkId' in HTMLMediaElement.prototype && !has('audiooutput'))
    } catch (error) {
      log.warn('devices.notCounted', { error })
    }
  }
  const watchPermission = async (name: 'microphone' | 'camera'): Promise<void> => {
    try {
      const permission = await navigator.permissions.query({ name })
      const see = (): void => media.set(`${name}PermissionDenied`, permission.state === 'denied')
      if (!isStopped) stops.push(listenTo(permission, ['change'], see))
    } catch (error) {
      // Not every browser lets a page ask; opening the device tells as well.
      log.debug('devices.permissionUnknown', { name, error })
    }
  }
  stops.push(listenTo(devices, ['devicechange'], () => void count()))
  void count()
  void watchPermission('microphone')
  void watchPermission('camera')
  return () => {
    isStopped = true
    for (const stop of stops) stop()
  }
}
