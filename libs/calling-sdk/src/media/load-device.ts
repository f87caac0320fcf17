import type { RtpCapabilities } from '@parley/protocol'
import { Device, type types } from 'mediasoup-client'
import { failed } from '../calling-error.ts'
import { forLibrary } from './shapes.ts'

/** Finds out what this browser can send and receive. All routers are the same, so once is enough. */
export async function loadDevice(router: RtpCapabilities): Promise<types.Device> {
  try {
    const device = await Device.factory()
    await device.load({ routerRtpCapabilities: forLibrary.rtpCapabilities(router) })
    return device
  } catch (cause) {
    throw failed('unsupportedDevice', { cause })
  }
}
