import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { silent } from '../log.ts'
import { Capture, type CaptureUser } from './capture.ts'

type Device = EventTarget & { kind: string; readyState: string; deviceId: string; stop(): void }
type Asked = { audio?: MediaTrackConstraints; video?: MediaTrackConstraints }

let opened: Device[]
/** What the browser says to a question; undefined for yes. */
let refuses: (asked: Asked) => string | undefined
/** The person has not answered the browser's question yet. */
let prompt: Promise<void>

// Node has a navigator, and no devices.
beforeEach(() => {
  opened = []
  refuses = () => undefined
  prompt = Promise.resolve()
  Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: { getUserMedia } })
})
afterEach(() => {
  Reflect.deleteProperty(navigator, 'mediaDevices')
})

async function getUserMedia(asked: Asked) {
  await prompt
  const refusal = refuses(asked)
  if (refusal !== undefined) throw new DOMException('', refusal)
  const kind = asked.audio === undefined ? 'video' : 'audio'
  const { deviceId } = asked.audio ?? asked.video ?? {}
  const device: Device = Object.assign(new EventTarget(), {
    kind,
    readyState: 'live',
    deviceId: (deviceId as { exact?: string } | undefined)?.exact ?? 'default',
    stop: () => (device.readyState = 'ended'),
  })
  opened.push(device)
  const of = (wanted: string) => (kind === wanted ? [device] : [])
  return { getAudioTracks: () => of('audio'), getVideoTracks: () => of('video') }
}

/** Somebody who uses a capture, and what he was given. */
function user() {
  const given: unknown[] = []
  return { given, track: (track: MediaStreamTrack | undefined) => given.push(track) } satisfies CaptureUser & {
    given: unknown[]
  }
}
const unplugged = (device: Device | undefined) => {
  device?.stop()
  device?.dispatchEvent(new Event('ended'))
}
const settled = () => new Promise((resolve) => setImmediate(resolve))
const states = () => opened.map(({ deviceId, readyState }) => `${deviceId} ${readyState}`)

describe('a device', () => {
  it('is opened once for all who use it, and closed when the last one goes', async () => {
    const capture = new Capture('video', 'front', silent)
    const [call, preview] = [user(), user()]
    await Promise.all([capture.use(call), capture.use(preview)])
    expect(states()).toEqual(['front live'])
    capture.release(call)
    expect(states()).toEqual(['front live'])
    capture.release(preview)
    expect(states()).toEqual(['front ended'])
  })

  it('is closed at once when everybody left while the browser was still asking', async () => {
    const answer = Promise.withResolvers<void>()
    prompt = answer.promise
    const capture = new Capture('audio', '', silent)
    const call = user()
    const outcome = expect(capture.use(call)).rejects.toMatchObject({ reason: 'callOver' })
    capture.release(call)
    answer.resolve()
    await outcome
    expect(states()).toEqual(['default ended'])
  })

  it.each([
    ['NotAllowedError', 403, 43001],
    ['NotFoundError', 412, 43013],
    ['NotReadableError', 412, 43000],
    ['OtherError', 500, 43002],
  ])('that is refused with %s says so in ACS’s numbers', async (name, code, subCode) => {
    refuses = () => name
    await expect(new Capture('video', '', silent).use(user())).rejects.toMatchObject({ code, subCode })
  })

  it('that was chosen and is gone gives way to the system’s microphone', async () => {
    refuses = ({ audio }) => (audio?.deviceId === undefined ? undefined : 'OverconstrainedError')
    await new Capture('audio', 'headset', silent).use(user())
    expect(states()).toEqual(['default live'])
  })
})

describe('a device that goes away', () => {
  it('is followed by the system’s microphone', async () => {
    const capture = new Capture('audio', 'headset', silent)
    const call = user()
    await capture.use(call)
    unplugged(opened[0])
    await settled()
    expect(states()).toEqual(['headset ended', 'default live'])
    expect(call.given).toEqual(opened)
  })

  it('is followed by nothing when it is a camera', async () => {
    const capture = new Capture('video', 'front', silent)
    const call = user()
    await capture.use(call)
    unplugged(opened[0])
    await settled()
    expect(call.given).toEqual([opened[0], undefined])
    expect(opened).toHaveLength(1)
  })
})

describe('a change of device', () => {
  it('gives everybody the new track before the old one ends', async () => {
    const capture = new Capture('video', 'front', silent)
    const call = user()
    await capture.use(call)
    await capture.switchTo('back')
    expect(states()).toEqual(['front ended', 'back live'])
    expect(call.given).toEqual(opened)
  })

  it('that fails costs nothing', async () => {
    const capture = new Capture('video', 'front', silent)
    await capture.use(user())
    refuses = () => 'NotReadableError'
    await expect(capture.switchTo('back')).rejects.toMatchObject({ subCode: 43000 })
    expect(states()).toEqual(['front live'])
  })

  it('to the same one changes nothing', async () => {
    const capture = new Capture('audio', '', silent)
    await capture.use(user())
    await capture.switchTo('')
    expect(states()).toEqual(['default live'])
  })
})

it('never stops a stream that the app brought', async () => {
  const { getAudioTracks, getVideoTracks } = await getUserMedia({ audio: {} })
  // As much of a stream as is looked at.
  const stream = { getAudioTracks, getVideoTracks } as unknown as MediaStream
  const capture = new Capture('audio', stream, silent)
  const call = user()
  await capture.use(call)
  capture.release(call)
  expect(states()).toEqual(['default live'])
})
