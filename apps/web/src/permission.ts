/** May the microphone, or the camera, be used? Asks only where the answer is not known yet. */
import type { DeviceManager } from '@parley/calling-sdk'
import { deviceSentences, type Sentence } from './sentences.ts'

type Device = 'microphone' | 'camera'

/**
 * Resolves with nothing when the device may be used, else with what the person should do. Waits as long as the
 * browser's question is open: whoever calls must look again afterwards whether the answer is still wanted.
 *
 * @param onPrompt the browser's own question is about to open
 */
export async function askFor(
  device: Device,
  devices: DeviceManager,
  onPrompt: () => void,
): Promise<Sentence | undefined> {
  const known = await permissionOf(device)
  if (known === 'prompt') onPrompt()
  const isAllowed = known === 'granted' || (known === 'prompt' && (await ask(device, devices)))
  // A browser lists nothing of what it has denied for good, so only otherwise does an empty list mean that none is there.
  if (known !== 'denied' && !(await isThere(device, devices))) return sentences[device].missing
  return isAllowed ? undefined : sentences[device].denied
}

const sentences = {
  microphone: { missing: deviceSentences.microphoneMissing, denied: deviceSentences.microphoneDenied },
  camera: { missing: deviceSentences.cameraMissing, denied: deviceSentences.cameraDenied },
}

/** Firefox before 131 does not know these names and refuses the question: then the prompt decides. */
async function permissionOf(device: Device): Promise<PermissionState> {
  try {
    return (await navigator.permissions.query({ name: device })).state
  } catch {
    return 'prompt'
  }
}

async function ask(device: Device, devices: DeviceManager): Promise<boolean> {
  const access = await devices.askDevicePermission({ audio: device === 'microphone', video: device === 'camera' })
  return device === 'microphone' ? access.audio : access.video
}

async function isThere(device: Device, devices: DeviceManager): Promise<boolean> {
  const found = device === 'microphone' ? await devices.getMicrophones() : await devices.getCameras()
  return found.length > 0
}

/** Why this page cannot take part in calls at all, if so. */
export function deviceTrouble(): Sentence | undefined {
  if (!window.isSecureContext) return deviceSentences.insecurePage
  return 'RTCPeerConnection' in window ? undefined : deviceSentences.oldBrowser
}
