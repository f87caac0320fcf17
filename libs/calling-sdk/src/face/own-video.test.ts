import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { track } from '../../test/media-desk.ts'
import { silent } from '../log.ts'
import type { Outgoing } from '../media/outgoing.ts'
import type { VideoDeviceInfo } from './contract/devices.ts'
import { Diagnostics } from './features/diagnostics.ts'
import { LocalVideoStream } from './local-video-stream.ts'
import { OwnVideo } from './own-video.ts'

const camera = (id: string): VideoDeviceInfo => ({ id, name: id, deviceType: 'UsbCamera' })

let opened: { deviceId: string; track: MediaStreamTrack }[]
let sent: (MediaStreamTrack | undefined)[]
let shown: string[]
let video: OwnVideo
let diagnostics: Diagnostics
let isAllowed: boolean

// Node has a navigator and no devices, and no streams of an app's own.
beforeEach(() => {
  opened = []
  sent = []
  shown = []
  diagnostics = new Diagnostics()
  isAllowed = true
  Object.assign(globalThis, { MediaStream: EventTarget })
  Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } })
  video = new OwnVideo({
    log: silent,
    diagnostics,
    updated: ({ added, removed }) => shown.push(`+${added.length} -${removed.length}`),
    captured: () => {},
  })
  // All of it that a picture is sent with.
  const outgoing: Pick<Outgoing, 'set'> = {
    set: async (_source, wanted) => void sent.push(wanted),
  }
  video.sendOver(outgoing as Outgoing)
})
afterEach(() => {
  Reflect.deleteProperty(navigator, 'mediaDevices')
  Reflect.deleteProperty(globalThis, 'MediaStream')
})

async function getUserMedia({ video: wanted }: { video: { deviceId: { exact: string } } }) {
  if (!isAllowed) throw new DOMException('Not now.', 'NotAllowedError')
  const made = { deviceId: wanted.deviceId.exact, track: track('video') }
  opened.push(made)
  return { getVideoTracks: () => [made.track] }
}

describe('one’s own picture', () => {
  it('comes from another camera after a switch in the middle of a call; the old one is closed', async () => {
    const stream = new LocalVideoStream(camera('front'))
    const sources: string[] = []
    stream.on('videoSourceChanged', ({ source }) => sources.push(source.id))
    await video.start(stream)
    await stream.switchSource(camera('back'))
    expect(opened.map(({ deviceId }) => deviceId)).toEqual(['front', 'back'])
    expect(sent).toEqual(opened.map((one) => one.track))
    expect(opened[0]?.track.readyState).toBe('ended')
    expect(video.current).toBe(opened[1]?.track)
    expect(sources).toEqual(['back'])
    expect(shown).toEqual(['+1 -0'])
  })

  it('goes off when one may not send it any more, and cannot be started before one may again', async () => {
    const stream = new LocalVideoStream(camera('front'))
    await video.start(stream)
    video.permit(false)
    expect(video.streams).toEqual([])
    expect(opened[0]?.track.readyState).toBe('ended')
    await expect(video.start(stream)).rejects.toMatchObject({ reason: 'roleForbids' })
    video.permit(true)
    await video.start(stream)
    expect(shown).toEqual(['+1 -0', '+0 -1', '+1 -0'])
  })

  it('says that the camera is not allowed, until it is', async () => {
    const stream = new LocalVideoStream(camera('front'))
    isAllowed = false
    await expect(video.start(stream)).rejects.toMatchObject({ code: 403, subCode: 43001 })
    const denied = (): unknown => diagnostics.media.getLatest().cameraPermissionDenied?.value
    expect(denied()).toBe(true)
    isAllowed = true
    await video.start(stream)
    expect(denied()).toBe(false)
  })
})
